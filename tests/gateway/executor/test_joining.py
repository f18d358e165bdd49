"""Which fetches are sent as one request: fewer requests, and the answer is complete no later for it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from gateway.executor.joining import Joined, Placed, join
from gateway.planner.plan import Fetch
from tests.gateway.executor.plans import key


def fetch(number: int, subgraph: str, *after: int, asks: str = "name", root: bool = False) -> Placed:
    """An entity fetch of the field `asks`, or a root field's."""
    requires = () if root else (key("Thing", "id"),)
    made = Fetch(number, subgraph, "query", f"{{{asks}}}", None, requires=requires, after=tuple(after))
    return Placed(made, ("things", "@"), (), frozenset(after))


def numbers(request: Joined) -> list[list[int]]:
    return [[one.fetch.id for one in same] for same in request.lists]


def joined(*placed: Placed) -> list[list[list[int]]]:
    return [numbers(request) for request in join(placed)]


def test_fetches_that_wait_for_the_same_are_one_request() -> None:
    assert joined(fetch(0, "a", root=True), fetch(1, "b", 0, asks="x"), fetch(2, "b", 0, asks="y")) == [
        [[0]],
        [[1], [2]],
    ]


def test_fetches_that_ask_for_the_same_share_a_list_of_representations() -> None:
    assert joined(fetch(0, "a", root=True), fetch(1, "b", 0), fetch(2, "b", 0)) == [[[0]], [[1, 2]]]


def test_other_subgraphs_and_root_fields_are_asked_by_themselves() -> None:
    assert joined(fetch(0, "a", root=True), fetch(1, "a", root=True), fetch(2, "b", 0), fetch(3, "c", 0)) == [
        [[0]],
        [[1]],
        [[2]],
        [[3]],
    ]


def test_fetches_under_other_conditions_are_asked_by_themselves() -> None:
    always = fetch(1, "b", 0)
    sometimes = Placed(fetch(2, "b", 0).fetch, ("things", "@"), (("asked", True),), frozenset((0,)))

    assert joined(fetch(0, "a", root=True), always, sometimes) == [[[0]], [[1]], [[2]]]


def test_the_ends_of_two_branches_are_joined_and_then_what_leads_to_them() -> None:
    """0 -> 2 -> 4 -> 6 and 1 -> 3 -> 5 -> 7 lead through the same services, as two branches of one plan do."""
    branches = (
        fetch(0, "people", root=True),
        fetch(1, "catalogue", root=True),
        *(fetch(2, "feedback", 0), fetch(3, "feedback", 1)),
        *(fetch(4, "catalogue", 2), fetch(5, "catalogue", 3)),
        *(fetch(6, "venues", 2, 4), fetch(7, "venues", 3, 5)),
    )

    assert joined(*branches) == [[[0]], [[1]], [[2, 3]], [[4, 5]], [[6, 7]]]


def test_a_fetch_that_others_wait_for_does_not_wait_for_one_that_nobody_does() -> None:
    """2 could be sent with 3, as soon as 1 was there; but 4, which is the plan's end, waits for it."""
    placed = (
        fetch(0, "a", root=True),
        fetch(1, "b", root=True),
        *(fetch(2, "c", 0), fetch(3, "c", 1)),
        fetch(4, "d", 2),
    )

    assert joined(*placed) == [[[0]], [[1]], [[2]], [[3]], [[4]]]


def test_nothing_waits_for_what_does_not_come_before_its_own_end() -> None:
    """What 2 and 3 lead to is joined, but 5 makes 2's branch the longer one: 3 must not hold it up."""
    placed = (
        fetch(0, "a", root=True),
        fetch(1, "b", root=True),
        *(fetch(2, "c", 0), fetch(3, "c", 1)),
        *(fetch(4, "d", 2), fetch(5, "e", 4)),
        fetch(6, "d", 3),
    )

    assert [[2, 3]] not in joined(*placed)


def plans() -> st.SearchStrategy[list[Placed]]:
    @st.composite
    def drawn(draw: st.DrawFn) -> list[Placed]:
        placed: list[Placed] = []
        for number in range(draw(st.integers(1, 14))):
            before = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
            subgraph = draw(st.sampled_from("abc"))
            placed.append(fetch(number, subgraph, *before, asks=draw(st.sampled_from("xy")), root=not before))
        return placed

    return drawn()


def depths(after: Iterable[tuple[int, Iterable[int]]]) -> dict[int, int]:
    """How many come before each, one after the other; the first named come first."""
    found: dict[int, int] = {}
    for number, before in after:
        found[number] = 1 + max((found[other] for other in before), default=-1)
    return found


@given(plans())
def test_no_plan_becomes_longer_and_no_fetch_is_sent_twice_or_too_early(placed: list[Placed]) -> None:
    requests = join(placed)

    sent = [number for request in requests for same in numbers(request) for number in same]
    assert sorted(sent) == [one.fetch.id for one in placed]
    position = {
        number: place
        for place, request in enumerate(requests)
        for same in numbers(request)
        for number in same
    }
    for one in placed:
        waits = {requests.index(other) for other in requests[position[one.fetch.id]].after}
        assert {position[number] for number in one.after} <= waits
        assert all(other < position[one.fetch.id] for other in waits)

    alone = depths((one.fetch.id, one.after) for one in placed)
    together = depths(
        (place, [requests.index(other) for other in request.after]) for place, request in enumerate(requests)
    )
    assert {number: together[position[number]] for number in alone} == alone


@given(plans())
def test_what_goes_in_one_request_belongs_there(placed: list[Placed]) -> None:
    requests = join(placed)

    for request in requests:
        fetches = [one.fetch for same in request.lists for one in same]
        assert len({one.subgraph for one in fetches}) == 1
        assert len(fetches) == 1 or all(one.requires for one in fetches)
        assert all(len({one.fetch.document for one in same}) == 1 for same in request.lists)
        assert len({same[0].fetch.document for same in request.lists}) == len(request.lists)
    for one, other in combinations(requests, 2):
        if one.first.fetch.requires and other.first.fetch.requires and one.after == other.after:
            assert one.first.fetch.subgraph != other.first.fetch.subgraph, "they wait for the same"


@given(plans())
def test_plans_are_joined_the_same_way_each_time(placed: list[Placed]) -> None:
    assert [numbers(request) for request in join(placed)] == [numbers(request) for request in join(placed)]
