"""A plan's fetches in the order of their inputs: each is started as soon as all that it waits for has been merged.

A tree of `Sequence` and `Parallel` cannot say everything: of two fetches that run side by side, one may be all that a
third waits for. So each fetch carries what it waits for (`Fetch.after`); the tree's order decides only where it
doesn't. What fetches share is the `Run`; each leaves its part of the answer there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeAlias

from gateway.executor.entities import Asked, EntityFetch
from gateway.executor.fetching import RootFetch, Run
from gateway.executor.gathering import Gathered, Way
from gateway.executor.merging import Merge
from gateway.executor.ways import find_ways
from gateway.planner.plan import (
    Condition,
    Fetch,
    Flatten,
    KeyFragment,
    Parallel,
    PlanNode,
    Sequence,
    Subscription,
)
from gateway.transport import SubgraphAnswer, SubgraphUnavailableError

Step: TypeAlias = RootFetch | EntityFetch


class UnsupportedPlanError(Exception):
    """The plan holds a node that answers more than once."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """One fetch of the tree: where it works, on which of the client's Booleans it hangs, and after which fetches."""

    fetch: Fetch
    path: tuple[str, ...]
    conditions: tuple[tuple[str, bool], ...]
    after: frozenset[int]


def compile_steps(node: PlanNode | None, merge: Merge) -> Schedule | None:
    """The steps of a whole plan; None where there is nothing to do.

    Raises: UnsupportedPlanError for subscriptions.
    """
    placed: list[_Placed] = []
    _place(node, (), (), frozenset(), placed)
    if not placed:
        return None
    together = _together(placed)
    ways = find_ways([(one.fetch, one.path, one.after) for one in placed])
    steps = [_step(request, merge, ways) for request, _ in together]
    wanted = [_wanted(request[0][0]) for request, _ in together]
    return Schedule(steps, wanted, [waits for _, waits in together])


def _wanted(one: _Placed) -> _Wanted | None:
    """None for a step that always is."""
    if not one.conditions and not one.fetch.only_if:
        return None
    return _Wanted(one.conditions, one.fetch.only_if)


def fetched_types(node: PlanNode | None) -> frozenset[str]:
    """The types of the objects that a plan's entity fetches fill."""
    placed: list[_Placed] = []
    _place(node, (), (), frozenset(), placed)
    fragments = (item for one in placed for item in one.fetch.requires if isinstance(item, KeyFragment))
    return frozenset(name for item in fragments for name in (item.type_condition, *item.possible_types))


def _place(
    node: PlanNode | None,
    path: tuple[str, ...],
    conditions: tuple[tuple[str, bool], ...],
    after: frozenset[int],
    found: list[_Placed],
) -> frozenset[int]:
    """Add the fetches of `node` to `found`, which stands behind those of `after`; returns their ids."""
    if node is None:
        return frozenset()
    if isinstance(node, Fetch):
        waits = after if node.after is None else frozenset(node.after)
        found.append(_Placed(node, path, conditions, waits))
        return frozenset((node.id,))
    if isinstance(node, Flatten):
        return _place(node.node, (*path, *node.path), conditions, after, found)
    if isinstance(node, Condition):
        if_true = (*conditions, (node.variable, True))
        if_false = (*conditions, (node.variable, False))
        inside = _place(node.if_clause, path, if_true, after, found)
        return inside | _place(node.else_clause, path, if_false, after, found)
    if isinstance(node, Parallel):
        ids = [_place(child, path, conditions, after, found) for child in node.nodes]
        return frozenset().union(*ids)
    if isinstance(node, Subscription):
        raise UnsupportedPlanError("subscriptions answer more than once")
    # One complete answer is always allowed in place of a deferred one.
    nodes = node.nodes if isinstance(node, Sequence) else (node.primary, *(p.node for p in node.deferred))
    done: frozenset[int] = frozenset()
    for child in nodes:
        done |= _place(child, path, conditions, after | done, found)
    return done


#: Fetches that are sent as one request: by what they ask, and then by where.
_Request: TypeAlias = list[list[_Placed]]


def _together(placed: list[_Placed]) -> list[tuple[_Request, frozenset[int]]]:
    """The requests that are sent, each with the positions, in the list, of those that it waits for.

    Entity fetches of one subgraph that wait for the same are one request. Those that ask for the same fields, only at
    different paths, share its representations: an entity that stands at several of the paths is asked for once.
    """
    found: list[tuple[_Request, frozenset[int]]] = []
    positions: dict[int, int] = {}
    requests: dict[object, int] = {}
    lists: dict[object, list[_Placed]] = {}
    for one in placed:
        fetch = one.fetch
        waits = frozenset(positions[number] for number in one.after if number in positions)
        sent = (fetch.subgraph, one.conditions, fetch.only_if, waits) if fetch.requires else fetch.id
        position = requests.setdefault(sent, len(found))
        if position == len(found):
            found.append(([], waits))
        asked = (position, _asked(fetch)) if fetch.requires else fetch.id
        if asked not in lists:
            lists[asked] = []
            found[position][0].append(lists[asked])
        lists[asked].append(one)
        positions[fetch.id] = position
    return found


def _asked(fetch: Fetch) -> Fetch:
    """The fetch without what tells it from another that asks the same."""
    document = fetch.document
    if fetch.operation_name is not None:
        document = document.replace(fetch.operation_name, "", 1)
    return replace(fetch, id=0, document=document, operation_name=None, after=None)


def _step(request: _Request, merge: Merge, ways: Mapping[int, Way]) -> Step:
    first = request[0][0]
    if not first.fetch.requires:
        return RootFetch(first.fetch, first.path, merge)
    return EntityFetch(
        [Asked(same[0].fetch, tuple(ways[one.fetch.id] for one in same)) for same in request], merge
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
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

    __slots__ = ("answers", "counts", "ended", "left", "run")

    def __init__(self, run: Run, counts: list[int], ended: asyncio.Future[None]) -> None:
        self.run = run
        self.counts = counts
        self.left = len(counts)
        self.ended = ended
        self.answers: set[asyncio.Future[SubgraphAnswer]] = set()


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
        wanted: list[_Wanted | None],
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
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        here = _UnderWay(run, self._counts.copy(), ended)
        self._start(self._first, here)
        if not here.left:
            return
        try:
            await ended
        finally:
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
                        sent = step.begin(run, gathered[position])
                elif self._is_wanted(position, run):
                    sent = step.begin(run)
                if sent is None:
                    following += self._done(position, here)
                    continue
                answer = asyncio.ensure_future(sent[0])
                here.answers.add(answer)
                answer.add_done_callback(partial(self._arrived, here, position, sent[1]))
            todo = following

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
        self, here: _UnderWay, position: int, known: Any, answer: asyncio.Future[SubgraphAnswer]
    ) -> None:
        here.answers.discard(answer)
        if here.ended.done():
            return
        try:
            step = self._steps[position]
            error = answer.exception()
            if error is None:
                step.finish(here.run, known, answer.result())
            elif isinstance(error, SubgraphUnavailableError):
                step.unavailable(here.run)
            else:
                raise error
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
