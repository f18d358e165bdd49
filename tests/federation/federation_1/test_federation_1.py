"""Subgraphs of Federation 1: `extend type`, `@extends`, `@external` on keys, values shared without a word."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_extended_type_is_completed_by_its_owner(network: Network) -> None:
    answer = await network.ask("{ boats { sail owner { name } } }")

    assert answer.data == {
        "boats": [
            {"sail": 7, "owner": {"name": "Ida"}},
            {"sail": 8, "owner": {"name": "Ida"}},
            {"sail": 9, "owner": {"name": "Raf"}},
        ]
    }
    assert answer.asked == ["boats", "people"]


async def test_an_external_key_is_answered_by_the_subgraph_that_extends(network: Network) -> None:
    answer = await network.ask("{ boats { owner { card } } winners { sail } }")

    assert answer.data == {
        "boats": [{"owner": {"card": "m1"}}, {"owner": {"card": "m1"}}, {"owner": {"card": "m2"}}],
        "winners": [{"sail": 7}, None, {"sail": 9}],
    }
    assert sorted(answer.asked) == ["boats", "regatta"]


async def test_an_extending_subgraph_adds_fields(network: Network) -> None:
    answer = await network.ask(
        '{ member(card: "m1") { name boats { sail wins } crew { name crew { card } } } }'
    )

    assert answer.data == {
        "member": {
            "name": "Ida",
            "boats": [{"sail": 7, "wins": 3}, {"sail": 8, "wins": 0}],
            "crew": [{"name": "Raf", "crew": None}],
        }
    }


async def test_extends_as_a_directive_says_the_same(network: Network) -> None:
    answer = await network.ask("{ winners { wins owner { card } } }")

    assert answer.data == {
        "winners": [{"wins": 3, "owner": {"card": "m1"}}, None, {"wins": 1, "owner": {"card": "m2"}}]
    }
    assert answer.asked == ["regatta", "boats"]


async def test_requires_and_provides_are_as_in_federation_2(network: Network) -> None:
    required = await network.ask('{ a: member(card: "m1") { greeting } b: member(card: "m2") { greeting } }')
    provided = await network.ask("{ flagship { owner { name } } }")

    assert required.data == {
        "a": {"greeting": "Ahoy Ida of Vigo"},
        "b": {"greeting": "Ahoy Raf of the sea"},
    }
    assert required.asked[0] == "people"
    assert provided.data == {"flagship": {"owner": {"name": "Ida"}}}
    assert provided.asked == ["boats"]


async def test_types_without_a_key_are_shared_without_a_word(network: Network) -> None:
    answer = await network.ask("{ flagship { dock { city } owner { address { city street } } } }")

    assert answer.data == {
        "flagship": {"dock": {"city": "Vigo"}, "owner": {"address": {"city": "Vigo", "street": "Quay"}}}
    }


async def test_both_generations_work_together(network: Network) -> None:
    answer = await network.ask("{ boats { premium } }")

    assert answer.data == {"boats": [{"premium": 97}, {"premium": 100}, {"premium": 99}]}
    assert answer.asked == ["boats", "regatta", "insurance"]
