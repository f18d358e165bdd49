"""Subgraphs without a common key: others translate, and the fewest steps are taken."""

from __future__ import annotations

from tests.federation.network import Network


async def test_keys_are_translated_step_by_step(network: Network) -> None:
    """label -> inventory number -> crate -> humidity."""
    answer = await network.ask("{ exhibits { label humidity } }")

    assert answer.data["exhibits"][0] == {"label": "vase", "humidity": 0.61}
    assert [answer.asked[0], *answer.asked[2:]] == ["museum", "depot", "climate"]
    assert answer.asked[1] in ("registry", "insurance")


async def test_an_object_that_a_step_does_not_know_is_null_from_there_on(network: Network) -> None:
    """Neither the mask, unknown on the way, nor the coin, without a number, is asked for any further."""
    answer = await network.ask("{ exhibits { label humidity } }")

    assert answer.data["exhibits"][1:] == [
        {"label": "mask", "humidity": None},
        {"label": "coin", "humidity": None},
    ]
    assert answer.asked_of("climate")[0].representations == [
        {"__typename": "Exhibit", "crate": {"code": "c", "shelf": 4}}
    ]


async def test_the_chain_works_backwards(network: Network) -> None:
    answer = await network.ask("{ dampest { humidity room value } }")

    assert answer.data == {"dampest": {"humidity": 0.61, "room": "east", "value": 900}}
    assert answer.asked[:2] == ["climate", "depot"]
    assert answer.asked[2:] == ["insurance", "museum"]


async def test_the_shortest_way_is_taken(network: Network) -> None:
    answer = await network.ask("{ exhibits { value } }")

    assert answer.data == {"exhibits": [{"value": 900}, {"value": 50}, {"value": 7}]}
    assert answer.asked == ["museum", "insurance"]


async def test_a_translating_subgraph_that_answers_anyway_translates_too(network: Network) -> None:
    """The insurance is asked for values: it can tell the inventory numbers in the same breath."""
    answer = await network.ask("{ exhibits { value crate { code } } }")

    assert answer.data["exhibits"][0] == {"value": 900, "crate": {"code": "c"}}
    assert answer.asked == ["museum", "insurance", "depot"]
