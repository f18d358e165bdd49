"""A plan's fetches in the order of their inputs: each is started as soon as all that it waits for has been merged.

A tree of `Sequence` and `Parallel` cannot say everything: of two fetches that run side by side, one may be all that a
third waits for. So each fetch carries what it waits for (`Fetch.after`); the tree's order decides only where it
doesn't. What fetches share is the `Run`; each leaves its part of the answer there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from gateway.executor.entities import Asked, EntityFetch
from gateway.executor.fetching import RootFetch
from gateway.executor.gathering import Way
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


def _wanted(one: _Placed) -> Wanted | None:
    """None for a step that always is."""
    if not one.conditions and not one.fetch.only_if:
        return None
    return Wanted(one.conditions, one.fetch.only_if)


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
