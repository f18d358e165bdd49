"""Runs a plan's fetches: each is started as soon as those that it waits for are done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from gateway.executor.entities import EntityFetch
from gateway.executor.fetching import RootFetch, Run, Sent
from gateway.executor.gathering import Gathered
from gateway.transport import DEADLINE, SubgraphAnswer, SubgraphUnavailableError

Step: TypeAlias = RootFetch | EntityFetch


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whether a step is to run: all of `conditions` hold, and all of one of `alternatives`, where there are any."""

    conditions: tuple[tuple[str, bool], ...]
    alternatives: tuple[tuple[tuple[str, bool], ...], ...]

    def by(self, variables: Mapping[str, Any]) -> bool:
        return _hold(self.conditions, variables) and (
            not self.alternatives or any(_hold(one, variables) for one in self.alternatives)
        )


def _hold(conditions: tuple[tuple[str, bool], ...], variables: Mapping[str, Any]) -> bool:
    return all((variables.get(variable) is True) is wanted for variable, wanted in conditions)


class _UnderWay:
    """One run of a schedule. `counts`: how many steps each one still waits for; `left`: steps that are not done."""

    __slots__ = ("answers", "apart", "counts", "ended", "left", "run")

    def __init__(self, run: Run, counts: list[int], ended: asyncio.Future[None]) -> None:
        self.run = run
        self.counts = counts
        self.left = len(counts)
        self.ended = ended
        self.answers: set[asyncio.Future[SubgraphAnswer]] = set()
        #: Requests that a step still waits for, where it had to ask for its parts apart.
        self.apart: dict[int, int] = {}


def _give_up(here: _UnderWay) -> None:
    if not here.ended.done():
        here.run.faults.too_late()
        here.ended.set_result(None)


#: Until a part's objects are gathered.
_NOTHING: Final = Gathered()


class Schedule:
    """Runs steps, each as soon as those that it waits for are done.

    An answer that arrives is taken over, and what waited for it sent, at once and in the same turn of the event loop:
    a plan of many fetches needs no task for each.
    """

    __slots__ = ("_counts", "_first", "_lengths", "_next", "_steps", "_wanted")

    def __init__(
        self,
        steps: list[Step],
        wanted: list[Wanted | None],
        waits: list[frozenset[int]],
    ) -> None:
        """`waits`: for each step, the positions of those that come before it."""
        self._steps = tuple(steps)
        self._lengths = tuple(step.lengths if isinstance(step, EntityFetch) else () for step in steps)
        self._wanted = tuple(wanted)
        self._counts = [len(positions) for positions in waits]
        self._first = [position for position, before in enumerate(waits) if not before]
        self._next = tuple(
            [later for later, before in enumerate(waits) if position in before]
            for position in range(len(steps))
        )

    async def __call__(self, run: Run) -> None:
        """Raises whatever a step does that is a bug. What is not there by the deadline is missing in the answer."""
        deadline = DEADLINE.get()
        left_s = None if deadline is None else deadline.left_s
        if left_s == 0:
            run.faults.too_late()
            return
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        here = _UnderWay(run, self._counts.copy(), ended)
        self._start(self._first, here)
        if not here.left:
            return
        timer = None if left_s is None else loop.call_later(left_s, _give_up, here)
        try:
            await ended
        finally:
            if timer is not None:
                timer.cancel()
            for answer in here.answers:
                answer.cancel()

    def _start(self, positions: list[int], here: _UnderWay) -> None:
        """Start steps, and those that wait for none but steps that turn out to have nothing to do."""
        run = here.run
        todo = positions
        while todo:
            following: list[int] = []
            gathered = self._gather(todo, run)
            for position in todo:
                step, sent = self._steps[position], None
                if isinstance(step, EntityFetch):
                    if position in gathered:
                        first, *further = step.batches(run, gathered[position])
                        sent = step.begin(run, first)
                        for more in further:
                            self._beside(here, position, step, more)
                elif self._is_wanted(position, run):
                    sent = step.begin(run)
                if sent is None:
                    following += self._done(position, here)
                    continue
                self._await(here, position, step, sent)
            todo = following

    def _await(self, here: _UnderWay, position: int, step: Step, sent: Sent) -> None:
        answer = asyncio.ensure_future(sent[0])
        here.answers.add(answer)
        answer.add_done_callback(partial(self._arrived, here, position, step, sent[1]))

    def _beside(self, here: _UnderWay, position: int, fetch: EntityFetch, gathered: list[Gathered]) -> None:
        """One more request of a step: it is done when all of them are answered."""
        if (sent := fetch.begin(here.run, gathered)) is not None:
            here.apart[position] = here.apart.get(position, 1) + 1
            self._await(here, position, fetch, sent)

    def _is_wanted(self, position: int, run: Run) -> bool:
        wanted = self._wanted[position]
        return wanted is None or wanted.by(run.variables)

    def _gather(self, positions: list[int], run: Run) -> dict[int, list[Gathered]]:
        """What each entity fetch that is wanted has to send. What is found on a short way need not be looked for again
        on a longer one, so the short ones go first, whoever they are for."""
        found: dict[int, list[Gathered]] = {}
        ways: list[tuple[int, int, int]] = []
        for position in positions:
            lengths = self._lengths[position]
            if lengths and self._is_wanted(position, run):
                ways += [(length, position, part) for part, length in enumerate(lengths)]
                found[position] = [_NOTHING] * len(lengths)
        for _, position, part in sorted(ways) if len(ways) > 1 else ways:
            step = self._steps[position]
            assert isinstance(step, EntityFetch)
            found[position][part] = step.gather(run, part)
        return found

    def _arrived(
        self,
        here: _UnderWay,
        position: int,
        step: Step,
        known: Any,
        answer: asyncio.Future[SubgraphAnswer],
    ) -> None:
        here.answers.discard(answer)
        if here.ended.done():
            return
        try:
            error = answer.exception()
            if error is None:
                again = step.finish(here.run, known, answer.result())
                for fetch, gathered in again or ():
                    self._beside(here, position, fetch, gathered)
            elif isinstance(error, SubgraphUnavailableError):
                step.unavailable(here.run)
            else:
                raise error
            waits_for = here.apart.get(position, 1) - 1
            if waits_for:
                here.apart[position] = waits_for
                return
            self._start(self._done(position, here), here)
        except BaseException as error:  # it must reach whoever awaits the run, not the event loop
            here.ended.set_exception(error)
        else:
            if not here.left:
                here.ended.set_result(None)

    def _done(self, position: int, here: _UnderWay) -> list[int]:
        """The steps that waited for this one last."""
        here.left -= 1
        ready = []
        for later in self._next[position]:
            here.counts[later] -= 1
            if not here.counts[later]:
                ready.append(later)
        return ready
