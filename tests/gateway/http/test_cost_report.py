"""Costs told to those who ask, and operations that cost too much (over HTTP)."""

from __future__ import annotations

from pathlib import Path

from gateway.guard import Limits
from tests.gateway.http.network import network
from tests.gateway.http.test_graphql_over_http import refusal

QUERY = "query($n: Int) { books(first: $n) { title reviews { text } } }"


async def test_who_asks_is_told_the_estimate_and_what_it_came_to(tmp_path: Path) -> None:
    async with network(tmp_path) as net:
        body = {"query": QUERY, "variables": {"n": 3}}
        told = await net.client.post("/graphql", json=body, headers={"GraphQL-Cost": "1"})
        untold = await net.client.post("/graphql", json=body)

    # Three books with ten reviews each; there were two books with one review each.
    assert told.json()["extensions"] == {
        "cost": {"estimated": 3 * 11, "actual": 2 * 2, "maximum": Limits().cost}
    }
    assert "extensions" not in untold.json()


async def test_what_costs_too_much_is_refused_by_its_variables_and_nothing_is_fetched(tmp_path: Path) -> None:
    async with network(tmp_path, limits=Limits(cost=32)) as net:
        refused = await net.client.post("/graphql", json={"query": QUERY, "variables": {"n": 3}})
        answered = await net.client.post("/graphql", json={"query": QUERY, "variables": {"n": 2}})

        assert len(net.catalog.headers) == 1

    assert refusal(refused) == (400, "COST_ESTIMATED_TOO_EXPENSIVE")
    assert refused.json()["errors"][0]["extensions"]["estimated"] == 33
    assert "errors" not in answered.json()
