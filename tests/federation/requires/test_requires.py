"""`@requires`: fields that are computed from fields of another subgraph ("Federation 2 §@requires")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_required_field_is_fetched_first_and_sent_along(network: Network) -> None:
    answer = await network.ask('{ seed(code: "bean") { postage } }')

    assert answer.data == {"seed": {"postage": 42.0}}
    assert answer.asked == ["catalogue", "post"]
    assert answer.requests[1].representations == [{"__typename": "Seed", "code": "bean", "grams": 20.5}]


async def test_a_required_field_that_is_null_is_sent_as_null(network: Network) -> None:
    answer = await network.ask('{ seed(code: "kale") { postage zone } }')

    assert answer.data == {"seed": {"postage": None, "zone": 2}}
    assert answer.asked_of("post")[-1].representations == [
        {"__typename": "Seed", "code": "kale", "grams": None}
    ]


async def test_required_objects_are_sent_with_just_what_is_required_of_them(network: Network) -> None:
    answer = await network.ask("{ seeds { customs trust } }")

    assert answer.data == {
        "seeds": [
            {"customs": "from PE", "trust": 1},
            {"customs": "from FR", "trust": 0},
            {"customs": "unknown", "trust": None},
        ]
    }
    assert answer.asked == ["catalogue", "post"]
    assert answer.requests[1].representations[0] == {
        "__typename": "Seed",
        "code": "bean",
        "origin": {"country": "PE", "growers": [{"certified": True}, {"certified": False}]},
    }


async def test_lists_are_sent_whole_empty_or_null(network: Network) -> None:
    answer = await network.ask("{ seeds { volume } }")

    assert answer.data == {
        "seeds": [{"volume": "[1, 3] at 20.5"}, {"volume": "[] at None"}, {"volume": None}]
    }


async def test_what_was_fetched_to_be_sent_is_not_shown(network: Network) -> None:
    answer = await network.ask('{ seed(code: "bean") { volume origin { country } } }')

    assert answer.data == {"seed": {"volume": "[1, 3] at 20.5", "origin": {"country": "PE"}}}


async def test_a_computing_subgraph_that_stands_first_is_asked_again(network: Network) -> None:
    """Its own root field brings no `grams`: it is asked, then the catalogue, then it again."""
    answer = await network.ask("{ parcel { zone postage } }")

    assert answer.data == {"parcel": {"zone": 1, "postage": 42.0}}
    assert answer.asked == ["post", "catalogue", "post"]


async def test_what_needs_nothing_does_not_wait_for_what_is_required(network: Network) -> None:
    answer = await network.ask("{ offers { number seed { price zone postage } } }")

    assert answer.data["offers"][2] == {"number": 2, "seed": {"price": 2, "zone": 3, "postage": 17.0}}
    assert answer.asked[0] == "shop"
    assert len(answer.asked) == 3


async def test_the_clients_own_selection_of_a_required_object_is_kept_apart(network: Network) -> None:
    answer = await network.ask(
        '{ seed(code: "bean") { origin { growers { name } } trust packs { colour size: colour } volume } }'
    )

    assert answer.data == {
        "seed": {
            "origin": {"growers": [{"name": "Ayni"}, {"name": "Sol"}]},
            "trust": 1,
            "packs": [{"colour": "red", "size": "red"}, {"colour": "blue", "size": "blue"}],
            "volume": "[1, 3] at 20.5",
        }
    }


async def test_the_clients_names_for_other_fields_do_not_disturb_what_is_sent(network: Network) -> None:
    answer = await network.ask(
        '{ seed(code: "rye") { grams: name origin: code packs: zone postage customs volume } }'
    )

    assert answer.data == {
        "seed": {
            "grams": "Rye",
            "origin": "rye",
            "packs": 3,
            "postage": 17.0,
            "customs": "unknown",
            "volume": None,
        }
    }
