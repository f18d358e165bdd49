"""Subgraphs may call their root types as they like; clients see one `Query` and one `Mutation`."""

from __future__ import annotations

from tests.federation.network import Network


async def test_roots_of_other_names_are_one_query(network: Network) -> None:
    answer = await network.ask("{ __typename items { id stock } shelves { items { price } } }")

    assert answer.data == {
        "__typename": "Query",
        "items": [{"id": "1", "stock": 3}, {"id": "2", "stock": None}],
        "shelves": [{"items": [{"price": 20}, None]}],
    }


async def test_fragments_on_the_query_mean_each_subgraphs_own_root(network: Network) -> None:
    answer = await network.ask(
        "{ ... on Query { items { id } ...Rest } } fragment Rest on Query { shared shelves { items { id } } }"
    )

    assert answer.data == {
        "items": [{"id": "1"}, {"id": "2"}],
        "shared": "same",
        "shelves": [{"items": [{"id": "2"}, None]}],
    }


async def test_mutations_too(network: Network) -> None:
    answer = await network.ask('mutation { __typename sell(id: "1") { item { price stock } } }')

    assert answer.data == {"__typename": "Mutation", "sell": {"item": {"price": 10, "stock": 3}}}


async def test_a_root_inside_of_an_answer_is_the_query(network: Network) -> None:
    answer = await network.ask('mutation { sell(id: "2") { after { items { id } shared } } }')

    assert answer.data == {"sell": {"after": {"items": [{"id": "1"}, {"id": "2"}], "shared": "same"}}}
    assert answer.asked == ["shop"]


async def test_the_name_of_a_root_inside_of_an_answer_is_the_public_one(network: Network) -> None:
    answer = await network.ask('mutation { sell(id: "2") { after { __typename ... on Query { shared } } } }')

    assert answer.data == {"sell": {"after": {"__typename": "Query", "shared": "same"}}}
