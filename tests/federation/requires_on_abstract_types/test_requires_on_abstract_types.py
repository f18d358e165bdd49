"""`@requires` that looks into unions and interfaces, with fragments."""

from __future__ import annotations

from tests.federation.network import Network


async def test_each_member_of_a_union_is_sent_with_what_is_required_of_it(network: Network) -> None:
    """`grams` is Int! of food and Float of glass: asked apart, and sent under its own name."""
    answer = await network.ask("{ parcels { fee } }")

    assert [parcel["fee"] for parcel in answer.data["parcels"]] == [7.0, 902.505, 0.0, 1.0, 1.0]
    assert answer.asked == ["parcels", "tariff"]
    assert answer.requests[1].representations[:2] == [
        {"__typename": "Parcel", "id": "p1", "contents": {"__typename": "Food", "grams": 700}},
        {
            "__typename": "Parcel",
            "id": "p2",
            "contents": {"__typename": "Glass", "grams": 250.5, "value": {"cents": 900}},
        },
    ]


async def test_lists_of_a_union_are_sent_whole(network: Network) -> None:
    """Also those members of which nothing is required."""
    answer = await network.ask("{ parcels { wrapping } }")

    assert [parcel["wrapping"] for parcel in answer.data["parcels"]] == [
        "glass of 900, 2 pages, food",
        "",
        "glass of None",
        "2 pages, 2 pages",
        "food",
    ]


async def test_fields_of_an_interface_and_of_its_implementations_are_sent_together(network: Network) -> None:
    answer = await network.ask("{ parcels { stamp } }")

    assert [parcel["stamp"] for parcel in answer.data["parcels"][:2]] == ["Ann 1", "Ayllu C9"]


async def test_fields_of_implementations_are_fetched_from_whoever_knows_them(network: Network) -> None:
    answer = await network.ask("{ parcels { deposit } }")

    assert [parcel["deposit"] for parcel in answer.data["parcels"]] == [30, -1, 30, -1, 30]
    assert set(answer.asked) == {"parcels", "credit", "tariff"}
    assert answer.asked[-1] == "tariff"


async def test_which_member_it_is_can_be_all_that_is_required(network: Network) -> None:
    answer = await network.ask("{ parcels { kind } }")

    assert [parcel["kind"] for parcel in answer.data["parcels"]] == [
        "Food",
        "Glass",
        "Glass",
        "Letter",
        "nothing",
    ]


async def test_all_of_it_together_and_the_clients_own_fragments(network: Network) -> None:
    query = """
    {
      parcel(id: "p2") {
        fee wrapping stamp deposit kind
        contents { ... on Glass { weight: grams grams: value { cents } } ... on Food { keeps } }
        sender { __typename ... on Company { name: vat vat: name } }
      }
    }
    """

    answer = await network.ask(query)

    assert answer.data == {
        "parcel": {
            "fee": 902.505,
            "wrapping": "",
            "stamp": "Ayllu C9",
            "deposit": -1,
            "kind": "Glass",
            "contents": {"weight": 250.5, "grams": {"cents": 900}},
            "sender": {"__typename": "Company", "name": "C9", "vat": "Ayllu"},
        }
    }
    assert answer.asked[0] == "parcels"
    assert answer.asked.count("parcels") == 1
