"""The audit that the GraphQL over HTTP specification's own implementation (graphql-http) makes of servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.clients import node
from tests.gateway.http.network import network

#: What a page of another site could send, and so is refused without a header that needs leave.
_BY_GET = {"5A70", "D6D5", "6A70"}


async def audited(folder: Path, *headers: str) -> list[dict[str, Any]]:
    async with network(folder, development=True) as net:
        results: list[dict[str, Any]] = await node.run(
            "audit.mjs", f"{net.client.base_url}/graphql", *headers
        )
    assert len(results) > 50
    return results


async def test_everything_that_must_should_or_may_be_is(tmp_path: Path) -> None:
    results = await audited(tmp_path, "graphql-preflight=1")

    assert [result for result in results if result["status"] != "ok"] == []


async def test_without_the_header_that_guards_against_other_sites_only_gets_are_refused(
    tmp_path: Path,
) -> None:
    results = await audited(tmp_path)

    assert {result["id"] for result in results if result["status"] != "ok"} == _BY_GET
    assert {result["status"] for result in results} == {"ok", "notice"}
