"""A supergraph of join v0.2: members of unions and values of enums are not told for each subgraph."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_member_is_one_of_the_subgraphs_that_know_the_type(network: Network) -> None:
    query = "{ tonight { __typename ...S } season { __typename ...S } } "
    query += "fragment S on Showing { ... on Film { title runtime break } ... on Short { title } ... on Live { acts } }"

    answer = await network.ask(query)

    assert answer.data == {
        "tonight": [
            {"__typename": "Film", "title": "Rain", "runtime": 95, "break": 47},
            {"__typename": "Short", "title": "Puff"},
        ],
        "season": [
            {"__typename": "Play", "acts": 5},
            None,
            {"__typename": "Film", "title": "Rain", "runtime": 95, "break": 47},
        ],
    }
    assert "Play" not in answer.documents("films")
    assert "Short" not in answer.documents("stage")


async def test_values_of_enums_are_those_of_the_graph(network: Network) -> None:
    answer = await network.ask("{ genre }")

    assert answer.data == {"genre": "OTHER"}


async def test_what_was_overridden_is_not_asked_for(network: Network) -> None:
    answer = await network.ask("{ tonight { ... on Film { title } } }")

    assert answer.data == {"tonight": [{"title": "Rain"}, {}]}
    assert answer.asked == ["films", "stage"]
    assert "title" not in answer.documents("films")
