"""Fields of one name and of different types: no subgraph is sent a selection that GraphQL cannot merge (§5.3.2)."""

from __future__ import annotations

from tests.federation.network import Network


async def test_keys_of_one_name_and_different_types_are_asked_apart(network: Network) -> None:
    """`id` is ID!, Int! and an object. The client asks for none of them."""
    answer = await network.ask(
        "{ stock { ... on Cow { value } ... on Tractor { worth: value } ... on Field { prices: value } } }"
    )

    assert answer.data == {"stock": [{"value": 900}, {"worth": "a lot"}, {"prices": [1.5, None]}]}
    assert {"__typename": "Tractor", "id": 7} in answer.asked_of("scales")[0].representations
    assert answer.asked == ["farm", "scales"]


async def test_fields_that_differ_only_in_a_subgraph_are_asked_apart_there(network: Network) -> None:
    """For clients, both weights are Int; the farm says Int! of one: `... on Cow { weight } ... on Tractor { weight }`
    is not valid there."""
    answer = await network.ask("{ stock { ... on Cow { weight } ... on Tractor { weight } } }")

    assert answer.data == {"stock": [{"weight": 600}, {"weight": None}, {}]}
    assert answer.asked == ["farm"]


async def test_the_clients_own_names_for_differing_fields_are_kept(network: Network) -> None:
    query = """
    {
      stock {
        ... on Cow { a: size parts { label } kin { id } }
        ... on Tractor { b: size spare: parts { label } kids: kin { id } }
        ... on Field { c: size weight name: kin }
      }
    }
    """

    answer = await network.ask(query)

    assert answer.data == {
        "stock": [
            {"a": None, "parts": [{"label": "horn"}], "kin": None},
            {"b": 2.5, "spare": {"label": "wheel"}, "kids": []},
            {"c": "LARGE", "weight": [1, None], "name": "meadow"},
        ]
    }


async def test_what_clients_cannot_merge_is_refused(network: Network) -> None:
    answer = await network.ask("{ stock { ... on Cow { size } ... on Tractor { size } } }")

    assert [code for code, _ in answer.errors] == ["GRAPHQL_VALIDATION_FAILED"]
    assert answer.asked == []


async def test_an_implementation_may_be_stricter_than_its_interface(network: Network) -> None:
    answer = await network.ask("{ named { name ... on Cow { strictly: name value } } }")

    assert answer.data == {"named": [{"name": None}, {"name": "Lola", "strictly": "Lola", "value": 900}]}


async def test_a_key_hides_behind_a_clients_name_of_another_type(network: Network) -> None:
    answer = await network.ask(
        "{ one { ... on Tractor { id: name value weight: id } ... on Cow { value2: value } } }"
    )

    assert answer.data == {"one": {"id": None, "value": "a lot", "weight": 7}}
