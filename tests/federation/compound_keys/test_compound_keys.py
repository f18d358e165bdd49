"""Keys of several fields, all of which are needed ("Federation 2 §compound keys")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_all_fields_of_a_compound_key_are_sent(network: Network) -> None:
    answer = await network.ask("{ plots { litres } }")

    assert answer.data == {"plots": [{"litres": 110}, {"litres": 210}, {"litres": 220}]}
    assert answer.asked == ["register", "water"]
    assert answer.requests[1].representations == [
        {"__typename": "Plot", "garden": "north", "row": 1},
        {"__typename": "Plot", "garden": "south", "row": 1},
        {"__typename": "Plot", "garden": "south", "row": 2},
    ]


async def test_the_order_of_a_keys_fields_makes_no_difference(network: Network) -> None:
    answer = await network.ask("{ driest { tenant } }")

    assert answer.data == {"driest": {"tenant": "Amina"}}
    assert answer.asked == ["water", "register"]


async def test_of_several_keys_the_one_is_used_that_the_target_knows(network: Network) -> None:
    answer = await network.ask("{ plots { due } }")

    assert answer.data == {"plots": [{"due": 1.5}, {"due": 2.5}, {"due": 0.0}]}
    assert answer.requests[1].representations[0] == {"__typename": "Plot", "deed": "d-1"}


async def test_what_is_known_by_one_key_leads_to_what_is_known_by_another(network: Network) -> None:
    """Dues know the deed alone: the register has to be asked for the rest of the key."""
    answer = await network.ask("{ owing { due litres } }")

    assert answer.data == {"owing": [{"due": 1.5, "litres": 110}, {"due": 2.5, "litres": 210}]}
    assert answer.asked == ["dues", "register", "water"]


async def test_a_longer_key_is_put_together_from_shorter_ones(network: Network) -> None:
    answer = await network.ask("{ driest { barrows due } owing { barrows } }")

    assert answer.data == {"driest": {"barrows": 1, "due": 1.5}, "owing": [{"barrows": 1}, {"barrows": 2}]}
    for request in answer.asked_of("compost"):
        assert all(sent.keys() == {"__typename", "deed", "garden", "row"} for sent in request.representations)


async def test_half_of_a_key_that_the_client_asks_for_is_not_asked_for_twice(network: Network) -> None:
    answer = await network.ask("{ plots { row litres place: garden } }")

    assert answer.data["plots"][1] == {"row": 1, "litres": 210, "place": "south"}
    assert answer.documents("register").count("row") == 1


async def test_a_key_half_can_hide_behind_the_name_of_the_other(network: Network) -> None:
    answer = await network.ask("{ plots { garden: row row: garden litres } }")

    assert answer.data["plots"][2] == {"garden": 2, "row": "south", "litres": 220}
