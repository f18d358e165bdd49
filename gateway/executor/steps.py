"""Plan nodes as coroutines. What they share is the `Run`; each step leaves its part of the answer there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeAlias

from gateway.executor.fetching import EntityFetch, RootFetch, Run
from gateway.executor.merging import Merge
from gateway.executor.paths import without_conditions
from gateway.planner.plan import (
    Condition,
    Defer,
    Fetch,
    Flatten,
    Parallel,
    PlanNode,
    Sequence,
    Subscription,
)

Step: TypeAlias = Callable[[Run], Coroutine[Any, Any, None]]


class UnsupportedPlanError(Exception):
    """The plan holds a node that answers more than once."""


def compile_steps(node: PlanNode | None, merge: Merge) -> Step | None:
    """The step for a whole plan; None where there is nothing to do.

    Raises: UnsupportedPlanError for subscriptions.
    """
    return _Compiling(merge, frozenset(_entity_paths(node))).step(node)


class _Compiling:
    """Compiles one plan's nodes. `entity_paths`: where its entity fetches put what they bring."""

    def __init__(self, merge: Merge, entity_paths: frozenset[tuple[str, ...]]) -> None:
        self._merge = merge
        self._entity_paths = entity_paths

    def step(self, node: PlanNode | None, path: tuple[str, ...] = ()) -> Step | None:
        """The step for `node`, run for the objects at `path`."""
        if node is None:
            return None
        if isinstance(node, Fetch):
            return self._fetch(node, path)
        if isinstance(node, Flatten):
            return self.step(node.node, (*path, *node.path))
        if isinstance(node, Sequence):
            return _in_sequence([self.step(child, path) for child in node.nodes])
        if isinstance(node, Parallel):
            return _at_once([self.step(child, path) for child in node.nodes])
        if isinstance(node, Condition):
            return _chosen(node.variable, self.step(node.if_clause, path), self.step(node.else_clause, path))
        if isinstance(node, Defer):
            # One complete answer is always allowed in place of a deferred one.
            deferred = [self.step(part.node, (*path, *part.path)) for part in node.deferred]
            return _in_sequence([self.step(node.primary, path), *deferred])
        assert isinstance(node, Subscription)
        raise UnsupportedPlanError("subscriptions answer more than once")

    def _fetch(self, fetch: Fetch, path: tuple[str, ...]) -> Step:
        if not fetch.requires:
            return RootFetch(fetch, self._merge)
        shared_at = [
            position
            for position, step in enumerate(path)
            if not step.startswith("|") and without_conditions(path[:position]) in self._entity_paths
        ]
        return EntityFetch(fetch, path, self._merge, shared_at)


def _entity_paths(node: PlanNode | None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths, without type conditions, of all entity fetches below `node`."""
    if isinstance(node, Fetch):
        if node.requires:
            yield without_conditions(path)
    elif isinstance(node, Flatten):
        yield from _entity_paths(node.node, (*path, *node.path))
    elif isinstance(node, Sequence | Parallel):
        for child in node.nodes:
            yield from _entity_paths(child, path)
    elif isinstance(node, Condition):
        yield from _entity_paths(node.if_clause, path)
        yield from _entity_paths(node.else_clause, path)
    elif isinstance(node, Defer):
        yield from _entity_paths(node.primary, path)
        for part in node.deferred:
            yield from _entity_paths(part.node, (*path, *part.path))


def _in_sequence(children: list[Step | None]) -> Step | None:
    steps = tuple(step for step in children if step is not None)
    if len(steps) < 2:
        return steps[0] if steps else None

    async def run_in_sequence(run: Run) -> None:
        for step in steps:
            await step(run)

    return run_in_sequence


def _at_once(children: list[Step | None]) -> Step | None:
    steps = tuple(step for step in children if step is not None)
    if len(steps) < 2:
        return steps[0] if steps else None

    async def run_at_once(run: Run) -> None:
        await asyncio.gather(*[step(run) for step in steps])

    return run_at_once


def _chosen(variable: str, if_true: Step | None, if_false: Step | None) -> Step | None:
    if if_true is None and if_false is None:
        return None

    async def run_chosen(run: Run) -> None:
        step = if_true if run.variables.get(variable) is True else if_false
        if step is not None:
            await step(run)

    return run_chosen
