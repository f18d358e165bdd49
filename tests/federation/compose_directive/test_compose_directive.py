"""`@composeDirective`: directives of the graph's own stay in the supergraph, and are in nobody's way."""

from __future__ import annotations

from pathlib import Path

from tests.federation.network import Network


def test_the_supergraph_holds_directives_that_the_gateway_does_not_know() -> None:
    text = (Path(__file__).parent / "supergraph.graphql").read_text()

    assert 'text: String @private(reason: "thoughts"' in text or "@private(" in text
    assert "@local" not in text


async def test_the_graph_is_served_all_the_same(network: Network) -> None:
    answer = await network.ask("{ entries(year: 2020) { text mood picture } }")

    assert answer.data == {"entries": [{"text": "rain", "mood": "BAD", "picture": "e.png"}]}
    assert answer.asked == ["diary", "pictures"]


async def test_directives_on_definitions_are_not_sent_and_not_told(network: Network) -> None:
    answer = await network.ask("{ __schema { directives { name } types { name } } entries { text picture } }")

    assert not {"private", "privacyLevel", "composeDirective", "local"} & {
        directive["name"] for directive in answer.data["__schema"]["directives"]
    }
    assert all("@" not in request.document for request in answer.requests)


async def test_they_are_not_for_operations(network: Network) -> None:
    answer = await network.ask("{ entries { text @private } }")

    assert [code for code, _ in answer.errors] == ["GRAPHQL_VALIDATION_FAILED"]
