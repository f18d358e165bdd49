"""Keys that are null are no keys, and entities may be unknown: nullable fields are null then, without an error."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_entity_whose_key_is_null_is_not_asked_for(network: Network) -> None:
    answer = await network.ask("{ shelf { title stars } }")

    assert answer.data == {
        "shelf": [
            {"title": "New", "stars": 4},
            {"title": "Old", "stars": None},
            None,
            {"title": "Odd", "stars": None},
            {"title": "Bare", "stars": None},
        ]
    }
    assert [sent["isbn"] for sent in answer.requests[1].representations] == ["9", "404"]


async def test_nobody_is_asked_when_all_keys_are_null(network: Network) -> None:
    answer = await network.ask("{ desk { next { title stars } } }")

    assert answer.data == {"desk": {"next": {"title": "Old", "stars": None}}}
    assert answer.asked == ["library"]


async def test_a_key_of_which_a_part_is_null_is_a_key(network: Network) -> None:
    """Whether anybody has it is the subgraph's to say; one that is null altogether means nobody."""
    answer = await network.ask("{ shelf { title duty } }")

    assert [book and book["duty"] for book in answer.data["shelf"]] == [12, 7, None, None, None]
    assert [sent["stamp"] for sent in answer.requests[1].representations] == [
        {"office": "Hull", "number": 3},
        {"office": "Hull", "number": None},
    ]


async def test_a_nested_key_of_nothing_but_nulls_is_no_key(network: Network) -> None:
    answer = await network.ask("{ blank { title duty } }")

    assert answer.data == {"blank": {"title": "Blank", "duty": None}}
    assert answer.asked == ["library"]


async def test_what_is_required_makes_no_key_of_a_null(network: Network) -> None:
    """The title is sent along with the key, and identifies nobody."""
    answer = await network.ask("{ shelf { motto } }")

    assert answer.data == {
        "shelf": [{"motto": "New!"}, {"motto": None}, None, {"motto": None}, {"motto": None}]
    }
    assert [sent["isbn"] for sent in answer.requests[1].representations] == ["9", "404"]


async def test_the_key_itself_is_shown_as_it_is(network: Network) -> None:
    answer = await network.ask("{ desk { next { isbn stamp { office number } duty } } }")

    assert answer.data == {
        "desk": {"next": {"isbn": None, "stamp": {"office": "Hull", "number": None}, "duty": 7}}
    }


async def test_a_missing_entity_in_a_list_leaves_the_rest_of_the_list(network: Network) -> None:
    answer = await network.ask("{ desk { open { title readers { name } } } }")

    assert answer.data == {
        "desk": {
            "open": [
                {"title": "New", "readers": [{"name": "Ada"}, {"name": None}, {"name": None}]},
                {"title": "Odd", "readers": None},
            ]
        }
    }
    assert [sent["card"] for sent in answer.requests[2].representations] == ["a", "gone"]


async def test_a_missing_entity_makes_null_of_what_cannot_be_null_and_of_its_parent(network: Network) -> None:
    answer = await network.ask("{ shelf { title blurb } }")

    assert answer.partial_data == {"shelf": [{"title": "New", "blurb": "Fresh."}, None, None, None, None]}
    assert answer.errors == [
        ("NULL_IN_NON_NULL_FIELD", ["shelf", 1, "blurb"]),
        ("NULL_IN_NON_NULL_FIELD", ["shelf", 3, "blurb"]),
        ("NULL_IN_NON_NULL_FIELD", ["shelf", 4, "blurb"]),
    ]


async def test_the_null_goes_up_to_the_first_parent_that_may_be_null(network: Network) -> None:
    answer = await network.ask("{ desk { open { title blurb } next { title } } }")

    assert answer.partial_data == {"desk": {"open": None, "next": {"title": "Old"}}}
    assert answer.errors == [("NULL_IN_NON_NULL_FIELD", ["desk", "open", 1, "blurb"])]
