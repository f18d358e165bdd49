"""Keys that reach into other objects, and into lists of them ("Federation 2 §nested fields in keys")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_nested_key_is_sent_as_deep_as_it_goes_and_no_deeper(network: Network) -> None:
    answer = await network.ask("{ bookings { passenger meal voyage { ship { name } } } }")

    assert answer.data == {
        "bookings": [
            {"passenger": "Ruth", "meal": "soup", "voyage": {"ship": {"name": "Heron"}}},
            {"passenger": "Omar", "meal": None, "voyage": {"ship": {"name": "Tern"}}},
            {"passenger": "Lin", "meal": "rice", "voyage": {"ship": {"name": "Heron"}}},
        ]
    }
    (sent, *_) = answer.asked_of("catering")[0].representations
    assert sent == {
        "__typename": "Booking",
        "seat": "A1",
        "voyage": {"day": "Mon", "ship": {"imo": "9001"}},
    }


async def test_nothing_of_a_nested_key_is_shown(network: Network) -> None:
    answer = await network.ask("{ bookings { meal } }")

    assert answer.data == {"bookings": [{"meal": "soup"}, {"meal": None}, {"meal": "rice"}]}


async def test_the_key_works_in_both_directions(network: Network) -> None:
    answer = await network.ask("{ firstMeal { passenger meal } }")

    assert answer.data == {"firstMeal": {"passenger": "Ruth", "meal": "soup"}}
    assert answer.asked == ["catering", "bookings"]


async def test_an_entity_inside_of_a_key_is_an_entity_itself(network: Network) -> None:
    answer = await network.ask("{ bookings { meal voyage { day ship { name galley berth } } } }")

    assert answer.data["bookings"][1] == {
        "meal": None,
        "voyage": {"day": "Mon", "ship": {"name": "Tern", "galley": "bow", "berth": 8}},
    }


async def test_a_list_inside_a_key_is_sent_whole_and_in_order(network: Network) -> None:
    answer = await network.ask("{ convoy(number: 1) { toll trucks { driver } } }")

    assert answer.data == {"convoy": {"toll": 40, "trucks": [{"driver": "Ana"}, {"driver": "Bo"}]}}
    assert answer.asked_of("tolls")[0].representations == [
        {"__typename": "Convoy", "trucks": [{"plate": "T1"}, {"plate": "T2"}]}
    ]


async def test_an_empty_list_is_a_key_as_well(network: Network) -> None:
    answer = await network.ask("{ convoy(number: 3) { number toll trucks { axles } } }")

    assert answer.data == {"convoy": {"number": 3, "toll": 0, "trucks": []}}


async def test_members_of_a_key_list_are_completed_too(network: Network) -> None:
    answer = await network.ask("{ convoy(number: 1) { toll trucks { axles driver plate } } }")

    assert answer.data == {
        "convoy": {
            "toll": 40,
            "trucks": [
                {"axles": 3, "driver": "Ana", "plate": "T1"},
                {"axles": 4, "driver": "Bo", "plate": "T2"},
            ],
        }
    }


async def test_part_of_a_nested_key_can_come_from_a_third_subgraph(network: Network) -> None:
    """The port's key holds the berth of the ship of the voyage, which the harbour alone knows."""
    answer = await network.ask("{ bookings { gate } }")

    assert answer.data == {"bookings": [{"gate": "7-b1"}, {"gate": "8-b2"}, {"gate": "7-b3"}]}
    assert answer.asked == ["bookings", "harbour", "port"]
    assert answer.requests[2].representations[0] == {
        "__typename": "Booking",
        "code": "b1",
        "voyage": {"ship": {"berth": 7}},
    }


async def test_the_clients_names_do_not_disturb_what_is_nested_in_a_key(network: Network) -> None:
    answer = await network.ask(
        "{ bookings { voyage: seat seat: code meal trip: voyage { ship: day day: ship { imo: name name: imo } } } }"
    )

    assert answer.data["bookings"][1] == {
        "voyage": "A1",
        "seat": "b2",
        "meal": None,
        "trip": {"ship": "Mon", "day": {"imo": "Tern", "name": "9002"}},
    }
