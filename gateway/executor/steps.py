"""A plan's fetches in the order of their inputs: each is started as soon as all that it waits for has been merged.

A tree of `Sequence` and `Parallel` cannot say everything: of two fetches that run side by side, one may be all that a
third waits for. So each fetch carries what it waits for (`Fetch.after`); the tree's order decides only where it
doesn't. What fetches share is the `Run`; each leaves its part of the answer there.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.executor.entities import Asked, EntityFetch
from gateway.executor.fetching import RootFetch
from gateway.executor.gathering import Way
from gateway.executor.joining import Joined, Placed, join
from gateway.executor.merging import Merge
from gateway.executor.scheduling import Schedule, Step, Wanted
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


class UnsupportedPlanError(Exception):
    """The plan holds a node that answers more than once."""


def compile_steps(node: PlanNode | None, merge: Merge) -> Schedule | None:
    """The steps of a whole plan; None where there is nothing to do.

    Raises: UnsupportedPlanError for subscriptions.
    """
    placed: list[Placed] = []
    _place(node, (), (), frozenset(), placed)
    if not placed:
        return None
    requests = join(placed)
    ways = find_ways([(one.fetch, one.path, one.after) for one in placed])
    positions = {request: position for position, request in enumerate(requests)}
    return Schedule(
        [_step(request, merge, ways) for request in requests],
        [_wanted(request.first) for request in requests],
        [frozenset(positions[other] for other in request.after) for request in requests],
    )


def _wanted(one: Placed) -> Wanted | None:
    """None for a step that always is."""
    if not one.conditions and not one.fetch.only_if:
        return None
    return Wanted(one.conditions, one.fetch.only_if)


def fetched_types(node: PlanNode | None) -> frozenset[str]:
    """The types of the objects that a plan's entity fetches fill."""
    placed: list[Placed] = []
    _place(node, (), (), frozenset(), placed)
    fragments = (item for one in placed for item in one.fetch.requires if isinstance(item, KeyFragment))
    return frozenset(name for item in fragments for name in (item.type_condition, *item.possible_types))


def _place(
    node: PlanNode | None,
    path: tuple[str, ...],
    conditions: tuple[tuple[str, bool], ...],
    after: frozenset[int],
    found: list[Placed],
) -> frozenset[int]:
    """Add the fetches of `node` to `found`, which stands behind those of `after`; returns their ids."""
    if node is None:
        return frozenset()
    if isinstance(node, Fetch):
        waits = after if node.after is None else frozenset(node.after)
        found.append(Placed(node, path, conditions, waits))
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


def _step(request: Joined, merge: Merge, ways: Mapping[int, Way]) -> Step:
    first = request.first
    if not first.fetch.requires:
        return RootFetch(first.fetch, first.path, merge)
    return EntityFetch(
        [Asked(same[0].fetch, tuple(ways[one.fetch.id] for one in same)) for same in request.lists], merge
    )
