"""Plan nodes as coroutines. What they share is the `Run`; each step leaves its part of the answer there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from gateway.executor.fetching import EntityFetch, RootFetch, Run
from gateway.executor.merging import Merge
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


def compile_node(node: PlanNode | None, merge: Merge, path: tuple[str, ...] = ()) -> Step | None:
    """The step for `node`, run for the objects at `path`; None where there is nothing to do.

    Raises: UnsupportedPlanError for subscriptions.
    """
    if node is None:
        return None
    if isinstance(node, Fetch):
        return EntityFetch(node, path, merge) if node.requires else RootFetch(node, merge)
    if isinstance(node, Flatten):
        return compile_node(node.node, merge, (*path, *node.path))
    if isinstance(node, Sequence):
        return _in_sequence([compile_node(child, merge, path) for child in node.nodes])
    if isinstance(node, Parallel):
        return _at_once([compile_node(child, merge, path) for child in node.nodes])
    if isinstance(node, Condition):
        return _chosen(
            node.variable,
            compile_node(node.if_clause, merge, path),
            compile_node(node.else_clause, merge, path),
        )
    if isinstance(node, Defer):
        # One complete answer is always allowed in place of a deferred one.
        deferred = [compile_node(part.node, merge, (*path, *part.path)) for part in node.deferred]
        return _in_sequence([compile_node(node.primary, merge, path), *deferred])
    assert isinstance(node, Subscription)
    raise UnsupportedPlanError("subscriptions answer more than once")


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
