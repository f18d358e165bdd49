"""`@override` of fields that are asked for through an interface or a union."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_interfaces_field_comes_from_the_owner_that_each_implementation_has(
    network: Network,
) -> None:
    answer = await network.ask("{ feed { title } }")

    assert answer.data == {"feed": [{"title": "Tides"}, {"title": "Fjord"}, {"title": "Tides"}]}
    assert answer.asked == ["press", "studio"]
    assert answer.requests[1].representations == [{"__typename": "Film", "id": "f"}]


async def test_the_old_owner_is_not_asked_for_the_interfaces_field_of_what_it_gave_away(
    network: Network,
) -> None:
    answer = await network.ask("{ feed { title by { name } ... on Film { minutes } ... on Text { words } } }")

    assert answer.data["feed"][:2] == [
        {"title": "Tides", "by": {"name": "Anouk"}, "words": 900},
        {"title": "Fjord", "by": {"name": "Anouk"}, "minutes": 88},
    ]
    assert "minutes" not in answer.documents("press")


async def test_a_unions_member_is_overridden_too(network: Network) -> None:
    answer = await network.ask("{ front { ... on Post { title } ... on Text { words } } }")

    assert answer.data == {"front": {"title": "Fjord"}}


async def test_what_is_not_overridden_stays(network: Network) -> None:
    answer = await network.ask("{ cut { title by { id } } }")

    assert answer.data == {"cut": {"title": "Fjord", "by": {"id": "a"}}}
    assert answer.asked == ["studio", "press"]
