"""`@provides`: on one way, a subgraph answers another's fields itself ("Federation 2 §@provides")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_provided_field_saves_a_request(network: Network) -> None:
    answer = await network.ask("{ screenings { hour film { title } } }")

    assert answer.data == {
        "screenings": [
            {"hour": 20, "film": {"title": "Salt (copy)"}},
            {"hour": 22, "film": {"title": "Silt (copy)"}},
        ]
    }
    assert answer.asked == ["cinema"]


async def test_it_is_provided_on_that_way_alone(network: Network) -> None:
    answer = await network.ask("{ tonight { film { title } } }")

    assert answer.data == {"tonight": {"film": {"title": "Salt"}}}
    assert answer.asked == ["cinema", "films"]


async def test_only_what_is_provided_is_taken_from_there(network: Network) -> None:
    answer = await network.ask("{ screenings { film { year seats } } }")

    assert answer.data == {
        "screenings": [{"film": {"year": 1999, "seats": 40}}, {"film": {"year": None, "seats": 60}}]
    }
    assert answer.asked == ["cinema", "films"]


async def test_each_way_provides_its_own(network: Network) -> None:
    answer = await network.ask("{ tonight { bonus { year } film { imdb } } premiere { title } }")

    assert answer.data == {
        "tonight": {"bonus": {"year": None}, "film": {"imdb": "t1"}},
        "premiere": {"title": "Silt (copy)"},
    }
    assert answer.asked == ["cinema"]


async def test_lists_and_arguments_make_no_difference(network: Network) -> None:
    answer = await network.ask("{ reruns(decade: 1990) { name: title year } }")

    assert answer.data == {"reruns": [{"name": "Salt (copy)", "year": -1999}, None]}
    assert answer.asked == ["cinema"]


async def test_it_is_provided_behind_a_request_for_an_entity_as_well(network: Network) -> None:
    answer = await network.ask("{ soldOut { price bonus { year } } }")

    assert answer.data == {"soldOut": [{"price": 9, "bonus": None}]}
    assert answer.asked == ["tickets", "cinema"]


async def test_another_fields_request_brings_no_second_answer(network: Network) -> None:
    """Where the owner is asked anyway, the field has still one value."""
    answer = await network.ask("{ premiere { title length } }")

    assert answer.data["premiere"]["length"] == 120
    assert answer.data["premiere"]["title"] in ("Silt", "Silt (copy)")
    assert answer.documents("cinema").count("title") + answer.documents("films").count("title") == 1


async def test_two_ways_to_one_film_keep_their_own_answers(network: Network) -> None:
    answer = await network.ask("{ tonight { bonus { title year } } premiere { title year } }")

    assert answer.data == {
        "tonight": {"bonus": {"title": "Silt", "year": None}},
        "premiere": {"title": "Silt (copy)", "year": None},
    }
