"""Several `@requires` on one type are answered by as few requests as one would be."""

from __future__ import annotations

from tests.federation.network import Network


async def test_all_that_is_required_of_one_subgraph_is_fetched_and_sent_together(network: Network) -> None:
    answer = await network.ask("{ trails { hours effort nights stops season } }")

    assert answer.data["trails"][0] == {
        "hours": 3.0,
        "effort": 9,
        "nights": 16,
        "stops": "Low, High",
        "season": "summer on ridge",
    }
    assert answer.asked == ["maps", "guide"]
    assert answer.requests[1].representations[0] == {
        "__typename": "Trail",
        "id": "ridge",
        "metres": 9000,
        "steep": True,
        "huts": [{"beds": 4, "name": "Low"}, {"beds": 12, "name": "High"}],
    }


async def test_what_is_required_of_two_subgraphs_is_sent_in_one_request(network: Network) -> None:
    answer = await network.ask("{ best { boots coat } }")

    assert answer.data == {"best": {"boots": True, "coat": True}}
    assert answer.asked == ["maps", "weather", "guide"]


async def test_fields_that_need_less_ride_along_with_those_that_need_more(network: Network) -> None:
    answer = await network.ask("{ trails { season hours coat effort boots } }")

    assert answer.data["trails"][1] == {
        "season": "summer on shore",
        "hours": 1.5,
        "coat": False,
        "effort": 1,
        "boots": False,
    }
    assert answer.asked == ["maps", "weather", "guide"]


async def test_a_field_that_two_requirements_share_is_fetched_once(network: Network) -> None:
    answer = await network.ask("{ best { boots coat effort } }")

    assert answer.documents("weather").count("rain") == 1
    assert answer.documents("maps").count("steep") == 1


async def test_requirements_at_two_levels_are_one_request_where_both_are_known_at_once(
    network: Network,
) -> None:
    answer = await network.ask("{ trails { nights huts { cosy } } }")

    assert answer.data == {
        "trails": [{"nights": 16, "huts": [{"cosy": True}, {"cosy": False}]}, {"nights": 0, "huts": []}]
    }
    assert answer.asked == ["maps", "guide"]


async def test_one_type_at_two_places_makes_one_request_for_each_place(network: Network) -> None:
    answer = await network.ask("{ trails { hours } best { coat season } }")

    assert answer.data == {
        "trails": [{"hours": 3.0}, {"hours": 1.5}],
        "best": {"coat": True, "season": "summer on ridge"},
    }
    assert sorted(answer.asked) == ["guide", "guide", "maps", "weather"]
