"""Inputs are what all subgraphs understand; what only some do is refused before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.federation.enum_and_input_intersection.data import FILTERS
from tests.federation.network import Network

REFUSED = {
    "an enum value of the first subgraph only": "{ rooms(order: SIZE) { id } }",
    "an enum value of the second subgraph only": "{ cheapest(order: DISTANCE) { id } }",
    "an enum value of one, though the subgraph asked knows it": "{ rooms { view(season: WINTER) } }",
    "an input field of the first only": "{ rooms(filter: { floor: 2, price: { to: 9 } }) { id } }",
    "an input field of the second only": '{ cheapest(filter: { currency: "EUR", price: { to: 9 } }) { id } }',
    "a nested input field of one only": "{ rooms(filter: { price: { to: 9, step: 2 } }) { id } }",
    "the absence of what one subgraph needs": '{ rooms(filter: { kind: "x" }) { id } }',
    "the absence of what one needs, deep inside": "{ rooms(filter: { price: { from: 2 } }) { id } }",
    "an enum value of one as a default": "query ($o: Order = SIZE) { rooms(order: $o) { id } }",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
async def test_what_not_all_subgraphs_understand_is_refused(network: Network, query: str) -> None:
    answer = await network.ask(query)

    assert {code for code, _ in answer.errors} == {"GRAPHQL_VALIDATION_FAILED"}
    assert answer.asked == []


REFUSED_VALUES: dict[str, tuple[str, Any]] = {
    "an enum value": ("query ($v: Order) { rooms(order: $v) { id } }", "SIZE"),
    "an enum value in a list's place": ("query ($v: Order) { rooms(order: $v) { id } }", ["PRICE"]),
    "an input field": (
        "query ($v: RoomFilter) { rooms(filter: $v) { id } }",
        {"floor": 2, "price": {"to": 1}},
    ),
    "a missing field": ("query ($v: RoomFilter) { rooms(filter: $v) { id } }", {"kind": "x"}),
    "null for what must not be null": (
        "query ($v: RoomFilter) { rooms(filter: $v) { id } }",
        {"price": None},
    ),
    "a nested field": (
        "query ($v: RoomFilter) { rooms(filter: $v) { id } }",
        {"price": {"to": 1, "step": 1}},
    ),
}


@pytest.mark.parametrize(("query", "value"), REFUSED_VALUES.values(), ids=REFUSED_VALUES)
async def test_variables_are_held_against_the_same_schema(network: Network, query: str, value: Any) -> None:
    answer = await network.ask(query, {"v": value})

    assert {code for code, _ in answer.errors} == {"BAD_USER_INPUT"}
    assert answer.asked == []


async def test_what_all_understand_reaches_the_subgraph(network: Network) -> None:
    FILTERS.clear()
    answer = await network.ask(
        '{ rooms(filter: { kind: "x", price: { to: 9 } }, order: STARS) { id } cheapest(order: PRICE) { id } }'
    )

    assert answer.data == {"rooms": [{"id": "r1"}], "cheapest": {"id": "r1"}}
    assert sorted(FILTERS, key=str) == [
        ("bookings", {"kind": "x", "price": {"to": 9, "from": 1}, "tags": ["quiet"]}, "STARS"),
        ("prices", None, "PRICE"),
    ]


async def test_an_enum_that_is_only_answered_has_all_values(network: Network) -> None:
    answer = await network.ask("{ rooms { kind kinds } }")

    assert answer.data == {"rooms": [{"kind": "SINGLE", "kinds": ["SUITE", None, "DOUBLE"]}]}


async def test_the_common_value_works_everywhere(network: Network) -> None:
    answer = await network.ask("{ rooms { view(season: SUMMER) price(season: SUMMER) } }")

    assert answer.data == {"rooms": [{"view": "SEA", "price": 56}]}


async def test_a_shared_roots_input_is_what_both_understand(network: Network) -> None:
    answer = await network.ask("{ find(range: { to: 4 }) none: find }")

    assert answer.data == {"find": [1, 4], "none": []}
    assert len(answer.asked) == 1
