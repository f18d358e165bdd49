"""The client's names for fields: kept in the answer, in the client's order, and in nobody's way."""

from __future__ import annotations

import pytest

from tests.federation.network import Network


async def test_one_field_under_many_names_and_with_many_arguments(network: Network) -> None:
    answer = await network.ask(
        '{ plant(id: "1") { a: name b: name(lang: "qu") c: name(lang: "qu") water dry: water(season: "summer") wet: water(season: "fall") } }'
    )

    assert answer.data == {
        "plant": {
            "a": "1 in None",
            "b": "1 in qu",
            "c": "1 in qu",
            "water": 5,
            "dry": 30,
            "wet": 20,
        }
    }
    assert answer.asked == ["plants", "care"]


async def test_names_may_be_swapped(network: Network) -> None:
    answer = await network.ask(
        '{ plant(id: "1") { id: water water: id latin: name name: latin { genus: species species: genus } shade spot: shade } }'
    )

    assert answer.data == {
        "plant": {
            "id": 5,
            "water": "1",
            "latin": "1 in None",
            "name": {"genus": "carica", "species": "Ficus"},
            "shade": 34,
            "spot": 34,
        }
    }


async def test_the_gateways_own_names_are_no_clients_concern(network: Network) -> None:
    """Whatever the gateway calls what it fetches for itself, a client may call its fields so too."""
    own = await network.ask('{ plant(id: "1") { latin: name spot: id shade water } }')
    names = {
        word.rstrip(":")
        for request in own.requests
        for word in request.document.replace("{", " ").split()
        if word.endswith(":") and word not in ("latin:", "spot:", "representations:", "id:")
    }
    assert any(name.isidentifier() for name in names), "the gateway has names of its own here"
    taken = " ".join(f"{name}: name" for name in sorted(names) if name.isidentifier())

    answer = await network.ask(f'{{ plant(id: "1") {{ latin: name spot: id {taken} shade water }} }}')

    assert answer.data["plant"]["shade"] == 34
    assert answer.data["plant"]["water"] == 5
    for name in names:
        if name.isidentifier():
            assert answer.data["plant"][name] == "1 in None"


async def test_names_of_the_protocol_are_names_like_any_other(network: Network) -> None:
    answer = await network.ask(
        '{ _entities: plant(id: "1") { _service: water representations: id data: shade errors: name path: water get: id } '
        "extensions: root _Any: root __schema_: root }"
    )

    assert answer.data == {
        "_entities": {
            "_service": 5,
            "representations": "1",
            "data": 34,
            "errors": "1 in None",
            "path": 5,
            "get": "1",
        },
        "extensions": "deep",
        "_Any": "deep",
        "__schema_": "deep",
    }


async def test_the_answer_is_in_the_order_in_which_the_client_asked(network: Network) -> None:
    answer = await network.ask(
        '{ root plant(id: "1") { water id shade name latin { species genus } a: water } z: root thirsty { name water } }'
    )

    assert list(answer.data) == ["root", "plant", "z", "thirsty"]
    assert list(answer.data["plant"]) == ["water", "id", "shade", "name", "latin", "a"]
    assert list(answer.data["plant"]["latin"]) == ["species", "genus"]
    assert list(answer.data["thirsty"]) == ["name", "water"]


@pytest.mark.parametrize(
    "query",
    [
        '{ plant(id: "1") { water ... on Plant { id shade } name } }',
        '{ plant(id: "1") { water ...F name } } fragment F on Plant { id shade water }',
        '{ plant(id: "1") { water } ... on Query { plant(id: "1") { id shade } } plant(id: "1") { name id } }',
    ],
)
async def test_fragments_stand_in_the_order_where_they_are_written(network: Network, query: str) -> None:
    answer = await network.ask(query)

    assert list(answer.data["plant"]) == ["water", "id", "shade", "name"]


async def test_one_object_under_two_names_has_two_selections(network: Network) -> None:
    answer = await network.ask(
        '{ a: plant(id: "1") { spot { near { water } } } b: plant(id: "1") { spot { near { w: shade id: water } x } } }'
    )

    assert answer.data == {
        "a": {"spot": {"near": {"water": 6}}},
        "b": {"spot": {"near": {"w": None, "id": 6}, "x": 3}},
    }


async def test_a_name_may_be_very_long(network: Network) -> None:
    long = "n" * 500

    answer = await network.ask(f'{{ plant(id: "2") {{ {long}: water id: shade }} }}')

    assert answer.data == {"plant": {long: 6, "id": None}}


async def test_names_of_methods_and_of_keywords(network: Network) -> None:
    answer = await network.ask(
        '{ None: plant(id: "2") { class: water def: id lambda: shade True: name keys: water items: id update: water __class__: id } }'
    )

    assert answer.data == {
        "None": {
            "class": 6,
            "def": "2",
            "lambda": None,
            "True": "2 in None",
            "keys": 6,
            "items": "2",
            "update": 6,
            "__class__": "2",
        }
    }
