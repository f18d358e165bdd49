"""`@interfaceObject` with nested keys, in unions, in circles, and required by those who know the real type."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_interface_object_with_a_nested_key(network: Network) -> None:
    answer = await network.ask("{ agenda { title free } }")

    assert answer.data == {"agenda": [{"title": "Talk", "free": 0}, {"title": "Jazz", "free": 10}]}
    assert answer.requests[1].representations[0] == {
        "__typename": "Event",
        "venue": {"code": "hall"},
        "slot": 2,
    }


async def test_members_of_a_union_have_the_fields_of_their_interfaces_object(network: Network) -> None:
    answer = await network.ask(
        "{ found { ... on Event { title free } ... on Host { name } ... on Concert { band hype } } }"
    )

    assert answer.data == {
        "found": [
            {"name": "Ola"},
            {"title": "Jazz", "free": 10, "band": "Tres", "hype": "Jazz (10)!"},
            None,
            {"title": "Talk", "free": 0},
        ]
    }


async def test_a_real_type_may_require_a_field_of_the_interface_object(network: Network) -> None:
    answer = await network.ask("{ concert { poster } }")

    assert answer.data == {"concert": {"poster": "Jazz (10)"}}
    assert answer.asked == ["events", "seats", "posters"]
    assert answer.requests[2].representations[0]["__typename"] == "Concert"


async def test_an_interface_object_leads_on_to_itself(network: Network) -> None:
    answer = await network.ask("{ agenda { next { free next { title ... on Lecture { topic } } } } }")

    assert answer.data == {
        "agenda": [
            {"next": {"free": 10, "next": {"title": "Talk", "topic": None}}},
            {"next": {"free": 0, "next": {"title": "Jazz"}}},
        ]
    }


async def test_from_an_interface_object_to_an_entity_and_back(network: Network) -> None:
    answer = await network.ask("{ host { events { title host { name events { __typename free } } } } }")

    inner = [{"__typename": "Concert", "free": 10}, {"__typename": "Lecture", "free": 0}]
    assert answer.data == {
        "host": {
            "events": [
                {"title": "Jazz", "host": {"name": "Ola", "events": inner}},
                {"title": "Talk", "host": None},
            ]
        }
    }


async def test_a_real_types_requirement_behind_an_interface_object(network: Network) -> None:
    """Known as an event first, then as a concert, and as such asked for the poster."""
    answer = await network.ask("{ host { events { ... on Concert { poster hype } slot } } }")

    assert answer.data == {
        "host": {"events": [{"poster": "Jazz (10)", "hype": "Jazz (10)!", "slot": 1}, {"slot": 2}]}
    }


async def test_an_object_that_only_the_interface_object_knows_has_its_fields(network: Network) -> None:
    answer = await network.ask("{ full { free slot } }")

    assert answer.data == {"full": [{"free": 0, "slot": 2}, None, {"free": 99, "slot": 9}]}
    assert answer.asked == ["seats"]


async def test_an_object_whose_real_type_nobody_knows_is_null_where_that_is_asked(network: Network) -> None:
    answer = await network.ask("{ full { __typename free } }")

    assert answer.body["data"] == {"full": [{"__typename": "Lecture", "free": 0}, None, None]}


async def test_the_name_of_the_interface_is_never_told_for_that_of_the_type(network: Network) -> None:
    answer = await network.ask("{ full { kind: __typename } host { events { next { __typename } } } }")

    assert "Event" not in str(answer.body["data"])
    assert answer.body["data"]["host"] == {
        "events": [{"next": {"__typename": "Lecture"}}, {"next": {"__typename": "Concert"}}]
    }


async def test_a_real_type_that_is_behind_a_fragment_on_another_real_type(network: Network) -> None:
    """The types of both are asked of the same subgraph, and the second only makes sense after the first."""
    answer = await network.ask("{ agenda { next { ... on Concert { next { __typename } } } } }")

    assert answer.data == {"agenda": [{"next": {"next": {"__typename": "Lecture"}}}, {"next": {}}]}
