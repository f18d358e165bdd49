"""A null where there must be none takes its parent with it, up to the first that may be null (GraphQL §6.4.4)."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_error_in_a_field_that_must_not_be_null_takes_its_object(network: Network) -> None:
    answer = await network.ask("{ course { title room { label lock } } }")

    assert answer.partial_data == {"course": {"title": None, "room": None}}
    assert answer.errors == [("FORBIDDEN", ["course", "room", "lock"])]


async def test_it_goes_on_through_all_that_must_not_be_null(network: Network) -> None:
    answer = await network.ask("{ course { title mainRoom { lock } } }")

    assert answer.partial_data == {"course": None}
    assert answer.errors == [("FORBIDDEN", ["course", "mainRoom", "lock"])]


async def test_it_may_take_the_whole_answer(network: Network) -> None:
    answer = await network.ask("{ must { mainRoom { lock } } course { title } }")

    assert answer.partial_data is None
    assert answer.errors == [("FORBIDDEN", ["must", "mainRoom", "lock"])]


async def test_an_item_that_may_be_null_keeps_its_list(network: Network) -> None:
    answer = await network.ask("{ courses { code mainRoom { lock } } }")

    assert answer.partial_data == {
        "courses": [{"code": "A", "mainRoom": {"lock": "lock 1"}}, None, None, None]
    }
    assert sorted(answer.errors) == [
        ("FORBIDDEN", ["courses", 1, "mainRoom", "lock"]),
        ("NULL_IN_NON_NULL_FIELD", ["courses", 3, "mainRoom"]),
    ]


async def test_an_item_that_must_not_be_null_takes_its_list(network: Network) -> None:
    answer = await network.ask("{ courses { code rooms { number lock } } }")

    assert answer.partial_data["courses"][:2] == [
        {"code": "A", "rooms": [{"number": 1, "lock": "lock 1"}, {"number": 1, "lock": "lock 1"}]},
        {"code": "L", "rooms": None},
    ]
    assert ("FORBIDDEN", ["courses", 1, "rooms", 1, "lock"]) in answer.errors


async def test_each_null_has_its_own_error_although_one_would_do(network: Network) -> None:
    """Both the odd room and the lost one are null in one list: both are told, none twice."""
    answer = await network.ask("{ course { rooms { lock } } }")

    assert answer.partial_data == {"course": {"rooms": None}}
    assert len(answer.errors) == len({str(path) for _, path in answer.errors})
    assert ("FORBIDDEN", ["course", "rooms", 1, "lock"]) in answer.errors


async def test_lists_of_lists_lose_only_the_list_that_is_concerned(network: Network) -> None:
    answer = await network.ask("{ grid { mainRoom { lock } } }")

    art = {"mainRoom": {"lock": "lock 1"}}
    assert answer.partial_data == {"grid": [None, None, [], [art], None]}
    assert sorted(answer.errors) == [
        ("FORBIDDEN", ["grid", 0, 1, "mainRoom", "lock"]),
        ("NULL_IN_NON_NULL_FIELD", ["grid", 4, 0, "mainRoom"]),
    ]


async def test_an_unknown_entity_is_null_only_where_something_must_not_be(network: Network) -> None:
    fine = await network.ask("{ musts { code hint room { lock } } }")
    broken = await network.ask("{ musts { code seats } }")

    assert fine.data == {
        "musts": [
            {"code": "A", "hint": "east", "room": {"lock": "lock 1"}},
            {"code": "N", "hint": None, "room": None},
        ]
    }
    assert broken.partial_data is None
    assert broken.errors == [("NULL_IN_NON_NULL_FIELD", ["musts", 1, "seats"])]


async def test_nullable_neighbours_of_two_subgraphs_are_kept(network: Network) -> None:
    answer = await network.ask("{ maybe { weeks { course { title hint } spare { mainRoom { lock } } } } }")

    assert answer.partial_data == {
        "maybe": {
            "weeks": [
                {"course": {"title": "Art", "hint": "east"}, "spare": None},
                {"course": {"title": None, "hint": None}, "spare": None},
            ]
        }
    }
    assert answer.errors == [("FORBIDDEN", ["maybe", "weeks", 0, "spare", "mainRoom", "lock"])]


async def test_the_same_object_is_null_at_one_place_and_there_at_another(network: Network) -> None:
    """Who asks for the lock loses the room; who does not, keeps it."""
    answer = await network.ask("{ a: course { room { label lock } } b: course { room { label spare } } }")

    assert answer.partial_data == {
        "a": {"room": None},
        "b": {"room": {"label": "odd", "spare": "s13"}},
    }
    assert answer.errors == [("FORBIDDEN", ["a", "room", "lock"])]


async def test_a_null_in_what_is_behind_the_null_is_told_once(network: Network) -> None:
    answer = await network.ask("{ course { room { mates { lock mates { lock } } } } }")

    assert answer.partial_data == {"course": {"room": None}}
    assert answer.errors == [("FORBIDDEN", ["course", "room", "mates", 0, "mates", 0, "lock"])]


async def test_what_requires_something_of_a_missing_object_is_not_asked_for(network: Network) -> None:
    answer = await network.ask("{ course { rooms { number sign } } }")

    assert answer.partial_data == {"course": {"rooms": None}}
    assert answer.errors == [("NULL_IN_NON_NULL_FIELD", ["course", "rooms", 2, "sign"])]


async def test_fields_that_were_left_out_are_not_null(network: Network) -> None:
    query = "query ($x: Boolean!) { course { room { label lock @include(if: $x) } } }"

    answer = await network.ask(query, {"x": False})

    assert answer.data == {"course": {"room": {"label": "odd"}}}


async def test_members_of_a_union_follow_the_same_rule(network: Network) -> None:
    query = "{ courses { room { holder { ... on Guard { name shift } ... on Teacher { name } } } } }"

    answer = await network.ask(query)

    assert answer.data == {
        "courses": [
            {"room": {"holder": {"name": "Gil", "shift": None}}},
            {"room": {"holder": None}},
            None,
            {"room": None},
        ]
    }
