"""`@inaccessible` hides from clients, and from nobody else; `@tag` changes nothing."""

from __future__ import annotations

import pytest

from tests.federation.network import Network

HIDDEN = {
    "a field": "{ patients { weight } }",
    "a key": "{ patients { number } }",
    "a root field": "{ audit { __typename } }",
    "an argument": '{ patients(secret: "x") { name } }',
    "an enum value": "{ patients(ward: CELLAR) { name } }",
    "a type in a fragment": "{ beds { ... on Bunk { label } } }",
    "an input field": "{ count(filter: { hidden: 1 }) }",
}


@pytest.mark.parametrize("query", HIDDEN.values(), ids=HIDDEN)
async def test_what_is_inaccessible_does_not_exist_for_clients(network: Network, query: str) -> None:
    answer = await network.ask(query)

    assert [code for code, _ in answer.errors] == ["GRAPHQL_VALIDATION_FAILED"]
    assert answer.asked == []


async def test_a_hidden_value_in_a_variable_is_refused(network: Network) -> None:
    for query, variables in (
        ("query ($w: Ward) { patients(ward: $w) { name } }", {"w": "CELLAR"}),
        ("query ($f: Filter) { count(filter: $f) }", {"f": {"hidden": 1}}),
    ):
        answer = await network.ask(query, variables)

        assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
        assert answer.asked == []


async def test_hidden_things_are_not_told_by_introspection(network: Network) -> None:
    answer = await network.ask("{ __schema { types { name } } }")

    names = {type_["name"] for type_ in answer.data["__schema"]["types"]}
    assert {"Patient", "Ward", "Cot"} <= names
    assert not {"Trace", "Bunk", "join__Graph", "join__FieldSet", "link__Import"} & names


async def test_a_hidden_field_is_a_key_and_is_required_all_the_same(network: Network) -> None:
    answer = await network.ask("{ patients { name dose } }")

    assert answer.data == {"patients": [{"name": "Milo", "dose": 2.0}]}
    assert answer.requests[1].representations == [{"__typename": "Patient", "number": "n1", "weight": 4}]


async def test_a_hidden_argument_and_a_hidden_input_field_have_their_defaults(network: Network) -> None:
    answer = await network.ask("{ patients { chip } count(filter: { ward: WEST }) }")

    assert answer.data == {"patients": [{"chip": 11}], "count": 7}


async def test_a_hidden_enum_value_in_an_answer_is_an_error_there(network: Network) -> None:
    answer = await network.ask("{ patients(ward: WEST) { name ward kin { ward } } }")

    assert answer.partial_data == {"patients": [{"name": "Nala", "ward": None, "kin": [{"ward": "EAST"}]}]}
    assert answer.errors == [("UNKNOWN_ENUM_VALUE", ["patients", 0, "ward"])]
    assert "CELLAR" not in str(answer.body)


async def test_an_object_of_a_hidden_type_does_not_exist_for_clients(network: Network) -> None:
    answer = await network.ask("{ stay { __typename ... on Cot { label } } beds { label } }")

    assert answer.body["data"] == {"stay": None, "beds": [{"label": "c"}, {"label": "d"}]}
    assert "Bunk" not in str(answer.body)
