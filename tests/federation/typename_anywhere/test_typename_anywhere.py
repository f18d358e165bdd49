"""`__typename`: at the root, under other names, in unions and lists, beside and instead of other fields."""

from __future__ import annotations

from tests.federation.network import Network


async def test_the_roots_name_is_known_without_asking_anybody(network: Network) -> None:
    answer = await network.ask("{ __typename root: __typename ... on Query { again: __typename } }")

    assert answer.data == {"__typename": "Query", "root": "Query", "again": "Query"}
    assert answer.asked == []


async def test_a_mutations_root_has_its_name_too(network: Network) -> None:
    alone = await network.ask("mutation { __typename }")
    beside = await network.ask(
        "mutation { before: __typename publish { __typename path } after: __typename }"
    )

    assert alone.data == {"__typename": "Mutation"}
    assert alone.asked == []
    assert beside.data == {
        "before": "Mutation",
        "publish": {"__typename": "Page", "path": "/"},
        "after": "Mutation",
    }
    assert beside.asked == ["pages"]


async def test_the_name_alone_is_asked_of_one_subgraph(network: Network) -> None:
    answer = await network.ask("{ file { __typename page { __typename } } }")

    assert answer.data == {"file": {"__typename": "Image", "page": {"__typename": "Page"}}}
    assert answer.asked == ["files"]


async def test_names_of_a_unions_members_in_lists_of_lists(network: Network) -> None:
    answer = await network.ask("{ page { blocks { kind: __typename } } }")

    assert answer.data == {"page": {"blocks": [[{"kind": "Title"}, None], None, [{"kind": "Image"}]]}}
    assert answer.asked == ["pages"]


async def test_the_same_name_several_times(network: Network) -> None:
    answer = await network.ask(
        "{ blocks { __typename a: __typename ... on Image { b: __typename bytes } ... on Title { c: __typename } } }"
    )

    assert answer.data == {
        "blocks": [
            {"__typename": "Title", "a": "Title", "c": "Title"},
            {"__typename": "Image", "a": "Image", "b": "Image", "bytes": 5},
        ]
    }


async def test_names_that_nobody_asked_for_are_not_shown(network: Network) -> None:
    answer = await network.ask("{ blocks { ... on Image { bytes } } any { kind } }")

    assert answer.data == {"blocks": [{}, {"bytes": 5}], "any": {"kind": None}}


async def test_the_name_of_what_an_interface_hides(network: Network) -> None:
    answer = await network.ask("{ any { ... on Shape { t: __typename } ... on Circle { u: __typename } } }")

    assert answer.data == {"any": {"t": "Circle", "u": "Circle"}}


async def test_the_name_may_be_left_out_or_in(network: Network) -> None:
    query = "query ($yes: Boolean!, $no: Boolean!) { a: __typename @include(if: $yes) b: __typename @skip(if: $yes) file { bytes __typename @include(if: $no) } }"

    answer = await network.ask(query, {"yes": True, "no": False})

    assert answer.data == {"a": "Query", "file": {"bytes": 5}}


async def test_an_object_may_be_asked_for_nothing_but_its_name_by_another_name(network: Network) -> None:
    answer = await network.ask("{ page { is: __typename } file { page { is: __typename } } }")

    assert answer.data == {"page": {"is": "Page"}, "file": {"page": {"is": "Page"}}}


async def test_another_field_under_the_name_typename(network: Network) -> None:
    """An odd name, and a valid one."""
    answer = await network.ask(
        "{ file { __typename: bytes page { __typename: path blocks { __typename } } } }"
    )

    assert answer.data == {
        "file": {
            "__typename": 5,
            "page": {
                "__typename": "/",
                "blocks": [[{"__typename": "Title"}, None], None, [{"__typename": "Image"}]],
            },
        }
    }
