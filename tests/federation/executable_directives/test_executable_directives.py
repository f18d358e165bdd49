"""Directives that all subgraphs define for operations: the client's are sent to the subgraphs that they stand in
("Federation 2 §executable directives")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_directive_on_a_field_is_sent_with_it(network: Network) -> None:
    answer = await network.ask('{ dish(id: "d") { name @spoken(lang: "qu") minutes steps @spoken } }')

    assert answer.data == {"dish": {"name": "stew", "minutes": 40, "steps": ["cut", "boil"]}}
    assert 'name @spoken(lang: "qu")' in answer.documents("menu")
    assert "steps @spoken" in answer.documents("kitchen")
    assert "minutes @" not in answer.documents("kitchen")


async def test_its_variables_go_along(network: Network) -> None:
    query = 'query ($l: String, $x: Boolean!) { dish(id: "d") { minutes @spoken(lang: $l) @include(if: $x) name } }'

    answer = await network.ask(query, {"l": "en", "x": True})

    assert answer.data == {"dish": {"minutes": 40, "name": "stew"}}
    assert "@spoken(lang: $l)" in answer.documents("kitchen")
    assert answer.asked_of("kitchen")[0].variables["l"] == "en"
    assert "l" not in answer.asked_of("menu")[0].variables


async def test_a_known_directive_is_held_against_its_definition(network: Network) -> None:
    for wrong in ("name @spoken(loud: true)", "name @spoken(slow: 1)", "name @spoken @spoken"):
        answer = await network.ask(f'{{ dish(id: "d") {{ {wrong} }} }}')

        assert [code for code, _ in answer.errors] == ["GRAPHQL_VALIDATION_FAILED"]
