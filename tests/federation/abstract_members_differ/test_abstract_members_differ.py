"""Unions and interfaces whose members differ between subgraphs: nobody is asked for a member that it has not."""

from __future__ import annotations

from tests.federation.network import Network

_ALL = "... on Umbrella { colour } ... on Bag { litres shelf } ... on Bike { gears }"


async def test_a_subgraph_is_asked_only_for_members_that_it_knows(network: Network) -> None:
    answer = await network.ask(f"{{ lost {{ {_ALL} }} }}")

    assert answer.data == {"lost": [{"colour": "red"}, {"litres": 20, "shelf": "S4"}]}
    assert "Bike" not in answer.documents("desk")
    assert answer.asked == ["desk", "depot"]


async def test_the_other_subgraph_knows_other_members(network: Network) -> None:
    answer = await network.ask(f"{{ stored {{ __typename {_ALL} }} }}")

    assert answer.data == {
        "stored": [
            {"__typename": "Bike", "gears": None},
            None,
            {"__typename": "Bag", "litres": 20, "shelf": "S4"},
        ]
    }
    assert "Umbrella" not in answer.documents("depot")


async def test_a_member_that_cannot_be_there_needs_no_request(network: Network) -> None:
    answer = await network.ask("{ lost { ... on Bike { gears } } }")

    assert answer.data == {"lost": [{}, {}]}
    assert answer.asked == ["desk"]


async def test_what_several_subgraphs_share_is_a_member_that_all_know(network: Network) -> None:
    """A shared field gives the same object everywhere: here, it can only be a bag."""
    answer = await network.ask(f"{{ claim {{ thing {{ {_ALL} }} things {{ ... on Bag {{ shelf }} }} }} }}")

    assert answer.data == {
        "claim": {"thing": {"litres": 20, "shelf": "S4"}, "things": [{"shelf": "S4"}, {"shelf": "S4"}]}
    }


async def test_a_shared_root_of_a_partial_union(network: Network) -> None:
    answer = await network.ask(f"{{ newest {{ {_ALL} }} }}")

    assert answer.data == {"newest": {"litres": 20, "shelf": "S4"}}
    assert len(answer.asked) <= 2


async def test_interfaces_have_the_implementations_of_all_subgraphs(network: Network) -> None:
    answer = await network.ask(
        "{ claim { keeper { name ... on Clerk { room } ... on Robot { model } } "
        "helper { name ... on Clerk { room } ... on Robot { model } } } }"
    )

    assert answer.data == {
        "claim": {"keeper": {"name": "Uma", "room": 5}, "helper": {"name": "R2", "model": None}}
    }
    assert "Robot" not in answer.documents("desk")
    assert "Clerk" not in answer.documents("depot")


async def test_a_third_subgraphs_interface_over_the_members(network: Network) -> None:
    answer = await network.ask("{ lost { ... on Shown { photo } } stored { ... on Shown { photo } } }")

    assert answer.data == {
        "lost": [{"photo": "u.png"}, {"photo": "b.png"}],
        "stored": [{"photo": None}, None, {"photo": "b.png"}],
    }
