"""A plan's fetches as coroutines, each started as soon as all that it waits for has been merged.

A tree of `Sequence` and `Parallel` cannot say everything: of two fetches that run side by side, one may be all that a
third waits for. So each fetch carries what it waits for (`Fetch.after`); the tree's order decides only where it
doesn't. What fetches share is the `Run`; each leaves its part of the answer there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.executor.fetching import EntityFetch, RootFetch, Run
from gateway.executor.merging import Merge
from gateway.executor.paths import without_conditions
from gateway.planner.plan import (
    Condition,
    Fetch,
    Flatten,
    Parallel,
    PlanNode,
    Sequence,
    Subscription,
)

Step: TypeAlias = Callable[[Run], Awaitable[None]]


class UnsupportedPlanError(Exception):
    """The plan holds a node that answers more than once."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """One fetch of the tree: where it works, on which of the client's Booleans it hangs, and after which fetches."""

    fetch: Fetch
    path: tuple[str, ...]
    conditions: tuple[tuple[str, bool], ...]
    after: frozenset[int]


def compile_steps(node: PlanNode | None, merge: Merge) -> Step | None:
    """One step for a whole plan; None where there is nothing to do.

    Raises: UnsupportedPlanError for subscriptions.
    """
    placed: list[_Placed] = []
    _place(node, (), (), frozenset(), placed)
    if not placed:
        return None
    entity_paths = {without_conditions(one.path) for one in placed if one.fetch.requires}
    steps = [_step(one, merge, entity_paths) for one in placed]
    return steps[0] if len(steps) == 1 else _Running(placed, steps)


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


def _step(one: _Placed, merge: Merge, entity_paths: Iterable[tuple[str, ...]]) -> Step:
    fetch = _fetch_step(one, merge, entity_paths)
    if not one.conditions:
        return fetch
    conditions = one.conditions

    async def chosen(run: Run) -> None:
        for variable, wanted in conditions:
            if (run.variables.get(variable) is True) is not wanted:
                return
        await fetch(run)

    return chosen


def _fetch_step(one: _Placed, merge: Merge, entity_paths: Iterable[tuple[str, ...]]) -> Step:
    if not one.fetch.requires:
        return RootFetch(one.fetch, one.path, merge)
    shared_at = [
        position
        for position, step in enumerate(one.path)
        if not step.startswith("|") and without_conditions(one.path[:position]) in entity_paths
    ]
    return EntityFetch(one.fetch, one.path, merge, shared_at)


class _Running:
    """Runs steps in the order in which they wait for each other."""

    __slots__ = ("_counts", "_first", "_next", "_steps")

    def __init__(self, placed: list[_Placed], steps: list[Step]) -> None:
        positions = {one.fetch.id: position for position, one in enumerate(placed)}
        waits = [[positions[number] for number in one.after if number in positions] for one in placed]
        self._steps = tuple(steps)
        self._counts = [len(numbers) for numbers in waits]
        self._first = tuple(position for position, count in enumerate(self._counts) if not count)
        self._next = tuple(
            tuple(later for later, numbers in enumerate(waits) if position in numbers)
            for position in range(len(placed))
        )

    async def __call__(self, run: Run) -> None:
        counts = self._counts.copy()
        group = asyncio.TaskGroup()
        try:
            async with group:
                for position in self._first[1:]:
                    group.create_task(self._work(position, run, counts, group))
                await self._work(self._first[0], run, counts, group)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _work(self, position: int, run: Run, counts: list[int], group: asyncio.TaskGroup) -> None:
        """Run a step, then one of those that waited for it alone; the others get tasks of their own.

        `counts`: how many steps each one still waits for.
        """
        following = self._next
        while True:
            await self._steps[position](run)
            ready = []
            for later in following[position]:
                counts[later] -= 1
                if not counts[later]:
                    ready.append(later)
            if not ready:
                return
            position = ready[0]
            for other in ready[1:]:
                group.create_task(self._work(other, run, counts, group))
