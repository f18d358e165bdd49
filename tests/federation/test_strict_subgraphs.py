"""The suite's own subgraphs refuse what a plan may not ask: otherwise no test of a plan could fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.federation.subgraph import Data, Subgraph

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",
  import: ["@external", "@requires", "@provides", { name: "@key", as: "@primary" }])
type Query { lamps: [Lamp!]!  lit: [Lamp!]! @provides(fields: "watts") }
type Lamp @primary(fields: "id") @primary(fields: "room { floor }") {
  id: ID!
  room: Room
  watts: Int @external
  cost(days: Int!): Int! @requires(fields: "watts")
  heat: Int! @requires(fields: "bulbs { ... on Glow { watts } }")
  bulbs: [Bulb] @external
}
type Room { floor: Int!  name: String! }
union Bulb = Glow | Led
type Glow { watts: Int }
type Led { lumen: Int }
"""
LAMPS: tuple[dict[str, Any], ...] = (
    {"id": "1", "room": {"floor": 2, "name": "hall"}, "watts": 60},
    {"id": "2", "room": None, "watts": 5},
)
ENTITIES = "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Lamp { %s } } }"


def lamps() -> Subgraph:
    return Subgraph(
        "lamps",
        SDL,
        Data(
            {"Lamp": LAMPS},
            {
                "Query.lamps": LAMPS,
                "Query.lit": LAMPS[:1],
                "Lamp.cost": lambda lamp, days: lamp["watts"] * days,
                "Lamp.heat": lambda lamp: sum(bulb.get("watts", 0) for bulb in lamp["bulbs"] if bulb),
            },
        ),
    )


async def asked(query: str, **variables: Any) -> tuple[Mapping[str, Any], list[str]]:
    subgraph = lamps()
    answer = await subgraph.answer({"query": query, "variables": variables})
    return answer, [said.partition(" in {")[0] for said in subgraph.complaints]


async def entities(fields: str, *representations: Mapping[str, Any]) -> tuple[Any, list[str]]:
    answer, complaints = await asked(ENTITIES % fields, representations=representations)
    return (answer["data"] or {}).get("_entities"), complaints


async def test_an_entity_is_found_by_any_of_its_keys() -> None:
    found, complaints = await entities(
        "id room { name }",
        {"__typename": "Lamp", "id": "2"},
        {"__typename": "Lamp", "room": {"floor": 2}},
        {"__typename": "Lamp", "id": "none"},
    )

    assert found == [{"id": "2", "room": None}, {"id": "1", "room": {"name": "hall"}}, None]
    assert complaints == []


async def test_keys_that_contradict_each_other_mean_nothing() -> None:
    found, _ = await entities("id", {"__typename": "Lamp", "id": "2", "room": {"floor": 2}})

    assert found == [None]


async def test_a_representation_needs_a_whole_key_that_is_not_null() -> None:
    for sent in ({}, {"id": None}, {"room": {}}, {"room": None}, {"room": {"floor": None}}):
        _, complaints = await entities("id", {"__typename": "Lamp", **sent})

        assert complaints == ["lamps: Lamp is asked for without a key"]


async def test_a_representation_holds_only_what_the_subgraph_declares() -> None:
    _, complaints = await entities("id", {"__typename": "Lamp", "id": "1", "room": {"floor": 2, "door": 1}})

    assert complaints == ["lamps: Room.door was sent, which is not declared here"]


async def test_a_type_without_a_key_is_no_entity() -> None:
    _, complaints = await entities("id", {"__typename": "Room", "floor": 2})

    assert complaints == ["lamps: Room is no entity here"]


async def test_external_fields_are_answered_only_where_they_are_provided() -> None:
    provided, fine = await asked("{ lit { watts } }")
    _, complaints = await asked("{ lamps { watts } }")

    assert provided == {"data": {"lit": [{"watts": 60}]}}
    assert fine == []
    assert complaints == ["lamps: Lamp.watts is external"] * 2


async def test_requiring_fields_are_computed_from_what_was_sent() -> None:
    found, fine = await entities("cost(days: 2)", {"__typename": "Lamp", "id": "1", "watts": 7})
    _, complaints = await entities("cost(days: 2)", {"__typename": "Lamp", "id": "1"})

    assert found == [{"cost": 14}]
    assert fine == []
    assert complaints == ["lamps: Lamp.cost requires Lamp.watts, which was not sent"]


async def test_what_is_required_of_one_member_is_not_required_of_another() -> None:
    glow, led = {"__typename": "Glow", "watts": 9}, {"__typename": "Led"}
    found, fine = await entities("heat", {"__typename": "Lamp", "id": "1", "bulbs": [glow, led, None]})
    _, complaints = await entities(
        "heat", {"__typename": "Lamp", "id": "1", "bulbs": [{"__typename": "Glow"}]}
    )

    assert found == [{"heat": 9}]
    assert fine == []
    assert complaints == ["lamps: Lamp.heat requires Glow.watts, which was not sent"]


async def test_variables_are_sent_only_where_they_are_declared() -> None:
    _, complaints = await asked("{ lit { id } }", unused=1)

    assert complaints == ["lamps: $unused is sent, but not declared"]


async def test_what_does_not_fit_the_schema_is_refused() -> None:
    answer, complaints = await asked("{ lit { colour } }")

    assert "data" not in answer
    assert complaints == ["lamps: Cannot query field 'colour' on type 'Lamp'."]
