"""`@provides` that reaches through objects, entities and lists."""

from __future__ import annotations

from tests.federation.network import Network


async def test_what_is_provided_deep_inside_saves_all_requests(network: Network) -> None:
    answer = await network.ask("{ shows { pieces { artist { name home { city } } } } }")

    assert answer.data == {
        "shows": [
            {
                "pieces": [
                    {"artist": {"name": "Rosa*", "home": {"city": "Cuenca*"}}},
                    {"artist": {"name": "Emil*", "home": None}},
                ]
            }
        ]
    }
    assert answer.asked == ["gallery"]


async def test_what_is_beside_it_is_not_provided(network: Network) -> None:
    answer = await network.ask("{ shows { pieces { title } } }")

    assert answer.data == {"shows": [{"pieces": [{"title": "Bowl"}, {"title": "Kite"}]}]}
    assert answer.asked == ["gallery", "artists"]


async def test_one_root_provides_what_another_does_not(network: Network) -> None:
    answer = await network.ask("{ opening { pieces { title artist { name } } } plain { pieces { title } } }")

    assert answer.data == {
        "opening": {
            "pieces": [
                {"title": "Bowl*", "artist": {"name": "Rosa"}},
                {"title": "Kite*", "artist": {"name": "Emil"}},
            ]
        },
        "plain": {"pieces": [{"title": "Bowl"}, {"title": "Kite"}]},
    }


async def test_a_provided_entity_leads_on(network: Network) -> None:
    answer = await network.ask("{ latest { title artist { home { city country { code flag } } } } }")

    assert answer.data == {
        "latest": {
            "title": "Bowl*",
            "artist": {"home": {"city": "Cuenca*", "country": {"code": "EC", "flag": "yellow"}}},
        }
    }
    assert answer.asked == ["gallery", "artists"]


async def test_an_object_that_is_provided_in_part_is_completed_through_its_entity(network: Network) -> None:
    answer = await network.ask("{ latest { artist { home { city street } } } }")

    assert answer.data["latest"]["artist"]["home"]["street"] == "Larga"
    assert answer.data["latest"]["artist"]["home"]["city"] in ("Cuenca", "Cuenca*")
    assert answer.asked == ["gallery", "artists"]


async def test_an_object_that_is_provided_as_null_stays_null(network: Network) -> None:
    answer = await network.ask("{ shows { pieces { id artist { home { city } } } } }")

    assert answer.data["shows"][0]["pieces"][1] == {"id": "p2", "artist": {"home": None}}
