"""Root fields that several subgraphs answer: as few are asked as can be ("Federation 2 §@shareable")."""

from __future__ import annotations

import pytest

from tests.federation.network import Network


async def test_one_subgraph_is_enough_for_what_it_knows_whole(network: Network) -> None:
    assert (await network.ask("{ town { name parks } }")).asked == ["parks"]
    assert (await network.ask("{ town { name lanes } }")).asked == ["streets"]
    assert len((await network.ask("{ town { name } mayor { badge } motto }")).asked) == 1


@pytest.mark.parametrize("other", ["parks", "streets", "archive"])
async def test_a_subgraph_that_is_asked_anyway_is_asked_for_the_shared_field_too(
    network: Network, other: str
) -> None:
    own = {"parks": "trees", "streets": "lamps", "archive": "founded"}[other]

    answer = await network.ask(f"{{ motto {own} }}")

    assert answer.asked == [other]
    assert answer.data["motto"] == "green"


async def test_what_no_subgraph_knows_whole_is_asked_of_both_at_once(network: Network) -> None:
    with network.meeting("parks", "streets"):
        answer = await network.ask('{ town(name: "Vega") { name parks lanes } }')

    assert answer.data == {"town": {"name": "Vega", "parks": ["Vega green"], "lanes": 4}}
    assert sorted(answer.asked) == ["parks", "streets"]


async def test_the_shared_roots_arguments_reach_every_subgraph(network: Network) -> None:
    query = "query ($name: String) { a: town(name: $name) { parks lanes } b: town { parks lanes } }"

    answer = await network.ask(query, {"name": "Oz"})

    assert answer.data == {
        "a": {"parks": ["Oz green"], "lanes": 2},
        "b": {"parks": ["Aldea green"], "lanes": 5},
    }
    assert sorted(answer.asked) == ["parks", "streets"]


async def test_an_entity_is_asked_of_both_roots_rather_than_of_one_after_the_other(network: Network) -> None:
    with network.meeting("parks", "streets"):
        answer = await network.ask("{ mayor { walks drives } }")

    assert answer.data == {"mayor": {"walks": 3, "drives": True}}
    assert sorted(answer.asked) == ["parks", "streets"]


async def test_lists_of_entities_are_matched_by_key_and_not_by_place(network: Network) -> None:
    """Nothing says that two subgraphs list in the same order."""
    answer = await network.ask("{ benches { plaque wood street } }")

    assert sorted(answer.data["benches"], key=lambda bench: str(bench["plaque"])) == [
        {"plaque": "p1", "wood": "oak", "street": "Mill"},
        {"plaque": "p2", "wood": "pine", "street": "Till"},
        {"plaque": "p3", "wood": "elm", "street": "Hill"},
    ]
    assert "_entities" in answer.requests[1].document


async def test_a_list_of_entities_is_matched_by_key_when_no_key_is_asked_for(network: Network) -> None:
    answer = await network.ask("{ trees lamps benches { wood street } }")

    pairs = {(bench["wood"], bench["street"]) for bench in answer.data["benches"]}
    assert pairs == {("oak", "Mill"), ("pine", "Till"), ("elm", "Hill")}


async def test_the_same_root_under_two_names_may_come_from_two_subgraphs(network: Network) -> None:
    answer = await network.ask("{ green: town { name parks } paved: town { name lanes } }")

    assert answer.data == {
        "green": {"name": "Aldea", "parks": ["Aldea green"]},
        "paved": {"name": "Aldea", "lanes": 5},
    }
    assert sorted(answer.asked) == ["parks", "streets"]
