"""Which of a plan's fetches go to their subgraph in one request.

Entity fetches of one subgraph may be one request, told apart by aliases of `_entities`. Each request costs both ends
more than what stands in it, so as many are joined as can be without the answer being complete any later, were all
requests to take equally long: those that wait for the same, and those that stand equally deep in the plan and that
something waits for together which is last to end (or nothing at all, when they are the plan's ends themselves).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.planner.plan import Fetch


@dataclass(frozen=True, slots=True)
class Placed:
    """One fetch of the tree: where it works, on which of the client's Booleans it hangs, and after which fetches."""

    fetch: Fetch
    path: tuple[str, ...]
    conditions: tuple[tuple[str, bool], ...]
    after: frozenset[int]


@dataclass(eq=False, slots=True)
class Joined:
    """Fetches that are sent as one request: by what they ask, and then by where."""

    lists: list[list[Placed]]
    after: set[Joined] = field(default_factory=set)
    before: set[Joined] = field(default_factory=set)
    """The requests that wait for this one."""
    depth: int = 0
    """How many requests come before this one, one after the other."""
    height: int = 0
    """How many come after it, one after the other."""

    @property
    def first(self) -> Placed:
        return self.lists[0][0]


def join(placed: Sequence[Placed]) -> list[Joined]:
    """The requests that are sent, in an order in which each stands behind those that it waits for.

    Fetches that ask for the same fields, only at different paths, share a list of representations: an entity that
    stands at several of the paths is asked for once.
    """
    requests = _alone(placed)
    while True:
        found: list[Joined] = []
        for depth in sorted({one.depth for one in requests}, reverse=True):
            # From the plan's ends on: whether two may be joined depends on how those that wait for them were. And what
            # they wait for may become one request only now; then they are looked at once more.
            found += _joined([one for one in requests if one.depth == depth])
        if len(found) == len(requests):
            return sorted(found, key=lambda one: one.depth)
        requests = found


def _alone(placed: Sequence[Placed]) -> list[Joined]:
    """A request for each fetch. Plans list fetches after those that they wait for."""
    by_id: dict[int, Joined] = {}
    for one in placed:
        request = Joined([[one]], {by_id[number] for number in one.after if number in by_id})
        request.depth = 1 + max((other.depth for other in request.after), default=-1)
        for other in request.after:
            other.before.add(request)
        by_id[one.fetch.id] = request
    return list(by_id.values())


def _joined(level: Sequence[Joined]) -> list[Joined]:
    """The requests of one depth. Those that may be one have a subgraph and conditions in common; a root field's is
    sent by itself."""
    found: list[Joined] = []
    hosts: dict[object, list[Joined]] = {}
    for one in level:
        one.height = 1 + max((later.height for later in one.before), default=-1)
        fetch = one.first.fetch
        common = (fetch.subgraph, one.first.conditions, fetch.only_if) if fetch.requires else fetch.id
        beside = hosts.setdefault(common, [])
        host = next((other for other in beside if _costs_no_time(other, one)), None)
        if host is None:
            found.append(one)
            beside.append(one)
        else:
            _add(one, host)
    return found


def _costs_no_time(one: Joined, other: Joined) -> bool:
    if one.after == other.after:
        return True
    last = any(later.height == one.height - 1 for later in one.before & other.before)
    return one.height == other.height and (last or one.height == 0)


def _add(one: Joined, host: Joined) -> None:
    for same in one.lists:
        asked = _asked(same[0].fetch)
        beside = next((others for others in host.lists if _asked(others[0].fetch) == asked), None)
        if beside is None:
            host.lists.append(same)
        else:
            beside += same
    for other in one.after:
        other.before.discard(one)
        other.before.add(host)
    for later in one.before:
        later.after.discard(one)
        later.after.add(host)
    host.after |= one.after
    host.before |= one.before
    host.height = max(host.height, one.height)


def _asked(fetch: Fetch) -> Fetch:
    """The fetch without what tells it from another that asks the same."""
    document = fetch.document
    if fetch.operation_name is not None:
        document = document.replace(fetch.operation_name, "", 1)
    return replace(fetch, id=0, document=document, operation_name=None, after=None)
