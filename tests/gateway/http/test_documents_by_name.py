"""Documents asked for by name: automatic persisted queries (Apollo), `documentId` (GraphQL over HTTP, appendix A), and
callers who may run registered documents only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.requests import Request

from gateway.identity import Identity
from gateway.policies import Policies
from tests.gateway.http.network import Network, network
from tests.gateway.http.test_graphql_over_http import GRAPHQL, refusal

QUERY = "{ latest }"
ANSWER = {"data": {"latest": "about 1"}}
PREFLIGHT = {"GraphQL-Preflight": "1"}


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def apq(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}


def document_id(text: str) -> str:
    return f"sha256:{hash_of(text)}"


async def post(net: Network, accept: str = "application/json", **body: Any) -> httpx.Response:
    return await net.client.post("/graphql", json=body, headers={"Accept": accept})


@pytest_asyncio.fixture(scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("named")) as running:
        yield running


async def test_a_document_is_known_by_its_hash_once_it_was_sent_with_it(net: Network) -> None:
    query = "{ latest books { id } }"

    unknown = await post(net, extensions=apq(query))
    sent = await post(net, query=query, extensions=apq(query))
    by_hash = await post(net, extensions=apq(query))
    by_id = await post(net, documentId=document_id(query))
    by_url = await net.client.get("/graphql", params={"documentId": document_id(query)}, headers=PREFLIGHT)

    assert refusal(unknown) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert sent.json() == by_hash.json() == by_id.json() == by_url.json()
    assert "errors" not in sent.json()


async def test_an_unknown_document_is_a_request_error(net: Network) -> None:
    answer = await post(net, GRAPHQL, documentId=document_id("{ never }"))

    assert refusal(answer) == (400, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize("given", ["{ latest }\n", "{ books { id } }", ""])
async def test_a_hash_that_is_not_the_documents_makes_nothing_known(net: Network, given: str) -> None:
    by_extension = await post(net, query=given, extensions=apq("{ other }"))
    by_id = await post(net, query=given, documentId=document_id("{ other }"))
    afterwards = await post(net, extensions=apq("{ other }"))

    assert refusal(by_extension) == refusal(by_id) == (400, "PERSISTED_QUERY_MISMATCH")
    assert refusal(afterwards) == (200, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize("query", ["{ unknown }", "{ latest", "{" + "latest " * 6000 + "}"])
async def test_what_is_refused_is_not_kept(net: Network, query: str) -> None:
    await post(net, query=query, extensions=apq(query))

    assert refusal(await post(net, extensions=apq(query))) == (200, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize(
    "name",
    [
        3,
        "",
        "sha256:",
        "sha256:" + "A" * 64,
        "sha256:" + "a" * 63,
        "md5:" + "a" * 32,
        "sha256:" + "a" * 64 + "\n",
        "x" * 300,
        "../x",
    ],
)
async def test_a_name_that_is_none_is_a_bad_request(net: Network, name: Any) -> None:
    assert refusal(await post(net, documentId=name)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("given", [None, 3, "short", "A" * 64, {"a": 1}])
async def test_a_hash_that_is_none_matches_nothing(net: Network, given: Any) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": given}}

    assert refusal(await post(net, query=QUERY, extensions=extensions)) == (400, "PERSISTED_QUERY_MISMATCH")


async def test_a_mutation_that_is_known_by_its_hash_does_not_go_by_get(net: Network) -> None:
    mutation = 'mutation { addBook(title: "x") { title } }'
    await post(net, query=mutation, extensions=apq(mutation))

    answer = await net.client.get(
        "/graphql", params={"extensions": json.dumps(apq(mutation))}, headers=PREFLIGHT
    )

    assert refusal(answer) == (405, "METHOD_NOT_ALLOWED")


async def test_without_automatic_persisted_queries_clients_are_told_to_send_documents(tmp_path: Path) -> None:
    async with network(tmp_path, policies=Policies(persisted_queries=False)) as net:
        sent = await post(net, query=QUERY, extensions=apq(QUERY))
        by_hash = await post(net, extensions=apq(QUERY))

    assert sent.json() == ANSWER
    assert refusal(by_hash) == (400, "PERSISTED_QUERY_NOT_SUPPORTED")


class ByHeader:
    """`Authorization: Bearer partner` may run registered documents only, others anything."""

    async def authenticate(self, request: Request) -> Identity:
        name = request.headers.get("authorization", "Bearer nobody").removeprefix("Bearer ")
        return Identity(name, client_id=name, trusted_documents_only=name == "partner")


APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "latest-one", "name": "Latest", "type": "query", "body": QUERY}],
}


@pytest.mark.parametrize("manifest", [APOLLO, {"latest-one": QUERY}, {hash_of(QUERY): QUERY}])
async def test_who_may_run_registered_documents_only_runs_no_other(tmp_path: Path, manifest: Any) -> None:
    file = tmp_path / "documents.json"
    file.write_text(json.dumps(manifest))
    other = "{ books { id } }"
    async with network(tmp_path, ByHeader(), policies=Policies(trusted_documents_file=file)) as net:
        await post(net, query=other, extensions=apq(other))  # by somebody else, to whom it is known
        net.client.headers["Authorization"] = "Bearer partner"
        asked = len(net.catalog.headers)

        allowed = [
            await post(net, documentId=document_id(QUERY)),
            await post(net, extensions=apq(QUERY)),
            await post(net, query=QUERY),
            await post(net, query=QUERY, extensions=apq(QUERY)),
        ]
        refused = [
            await post(net, query=other),
            await post(net, query=other, extensions=apq(other)),
            await post(net, extensions=apq(other)),
            await post(net, documentId=document_id(other)),
            await post(net, query=QUERY + " "),
            await post(net, query="{ __schema { types { name } } }"),
        ]

    assert [answer.json() for answer in allowed] == [ANSWER] * 4
    assert {refusal(answer) for answer in refused} == {(400, "DOCUMENT_NOT_TRUSTED")}
    assert len(net.catalog.headers) == asked


async def test_a_gateway_may_run_registered_documents_only_for_everybody(tmp_path: Path) -> None:
    file = tmp_path / "documents.json"
    file.write_text(json.dumps(APOLLO))
    policies = Policies(trusted_documents="only", trusted_documents_file=file)
    async with network(tmp_path, policies=policies) as net:
        named = await post(net, documentId="latest-one")
        other = await post(net, query="{ books { id } }")

    assert named.json() == ANSWER
    assert refusal(other) == (400, "DOCUMENT_NOT_TRUSTED")
