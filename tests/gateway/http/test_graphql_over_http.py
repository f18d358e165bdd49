"""`/graphql` by GraphQL over HTTP: methods, media types, statuses, and what a request must look like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.requests import Request

from gateway.guard import Limits
from gateway.identity import AuthenticationError, Identity
from tests.gateway.http.network import Network, network

GRAPHQL = "application/graphql-response+json"
QUERY = "{ books { title reviews { text } } }"
BOOKS = [{"title": f"Book {i}", "reviews": [{"text": f"about {i}"}]} for i in "12"]


@pytest_asyncio.fixture(scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(
        tmp_path_factory.mktemp("http"), limits=Limits(body_bytes=20_000, body_s=0.3)
    ) as running:
        yield running


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer that holds one error and no data."""
    answer = response.json()
    assert "data" not in answer
    [error] = answer["errors"]
    return response.status_code, error["extensions"]["code"]


async def test_post_answers_over_all_subgraphs(net: Network) -> None:
    response = await net.client.post("/graphql", json={"query": QUERY})

    assert response.status_code == 200
    assert response.json() == {"data": {"books": BOOKS}}


async def test_answers_are_neither_stored_nor_sniffed_and_carry_the_request_id(net: Network) -> None:
    response = await net.client.post("/graphql", json={"query": QUERY}, headers={"X-Request-Id": "abc-12345"})

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"] == "abc-12345"
    assert net.catalog.headers[-1]["x-request-id"] == "abc-12345"
    assert net.reviews.headers[-1]["x-request-id"] == "abc-12345"
    assert "server" not in response.headers or response.headers["server"] == "uvicorn"


async def test_get_answers_queries_that_no_other_sites_page_can_send(net: Network) -> None:
    parameters = {
        "query": "query Q($n: Int) { books(first: $n) { id } }",
        "variables": '{"n":1}',
        "operationName": "Q",
    }

    preflighted = await net.client.get("/graphql", params=parameters, headers={"GraphQL-Preflight": "1"})
    typed = await net.client.get("/graphql", params=parameters, headers={"Content-Type": "application/json"})

    assert preflighted.json() == typed.json() == {"data": {"books": [{"id": "1"}]}}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (400, "CSRF_PREVENTED")),
        ({"Content-Type": "text/plain"}, (415, "UNSUPPORTED_MEDIA_TYPE")),
        ({"Content-Type": "application/x-www-form-urlencoded"}, (415, "UNSUPPORTED_MEDIA_TYPE")),
    ],
)
async def test_get_that_any_page_can_cause_is_refused(
    net: Network, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    response = await net.client.get("/graphql", params={"query": "{ latest }"}, headers=headers)

    assert refusal(response) == expected


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": 'mutation { addBook(title: "x") { id } }'},
        {"query": '{ latest } mutation M { addBook(title: "x") { id } }', "operationName": "M"},
        {"query": 'query Q { latest } mutation M { addBook(title: "x") { id } }', "operationName": "M"},
    ],
)
async def test_get_never_mutates(net: Network, parameters: dict[str, str]) -> None:
    before = len(net.catalog.headers)
    headers = {"GraphQL-Preflight": "1"}

    for _ in range(2):
        response = await net.client.get("/graphql", params=parameters, headers=headers)
        assert refusal(response) == (405, "METHOD_NOT_ALLOWED")
        assert response.headers["allow"] == "POST"
    assert len(net.catalog.headers) == before


async def test_get_does_not_mutate_even_when_the_operation_is_known_from_post(net: Network) -> None:
    query = 'mutation Known { addBook(title: "y") { title } }'
    await net.ask(query)

    response = await net.client.get("/graphql", params={"query": query}, headers={"GraphQL-Preflight": "1"})

    assert refusal(response) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_are_not_allowed(net: Network, method: str) -> None:
    response = await net.client.request(method, "/graphql")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"application/json;q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, application/json", "application/json"),
        ("text/html, application/*;q=0.8", "application/json"),
    ],
)
async def test_the_answers_media_type_is_what_the_client_prefers(
    net: Network, accept: str | None, expected: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    request = net.client.build_request("POST", "/graphql", json={"query": "{ latest }"}, headers=headers)
    if accept is None:
        del request.headers["accept"]

    response = await net.client.send(request)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0"])
async def test_a_client_that_takes_none_of_our_media_types_is_told(net: Network, accept: str) -> None:
    response = await net.client.post("/graphql", json={"query": QUERY}, headers={"Accept": accept})

    assert refusal(response) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "text/plain;application/json",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
    ],
)
async def test_only_json_bodies_are_read(net: Network, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await net.client.post("/graphql", content=b'{"query":"{latest}"}', headers=headers)

    assert refusal(response) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_compressed_bodies_are_not_read(net: Network) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = await net.client.post("/graphql", content=b"\x1f\x8b", headers=headers)

    assert refusal(response) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"3",
        b'"{latest}"',
        b"{}",
        b'{"query":""}',
        b'{"query":3}',
        b'{"query":"{latest}","variables":[1]}',
        b'{"query":"{latest}","variables":"{}"}',
        b'{"query":"{latest}","operationName":3}',
        b'{"query":"{latest}","extensions":"x"}',
        b'{"query":"\xff"}',
        b'{"query":"\\ud800"}',
        b'{"query":"{latest}","variables":' + b"[" * 5000,
    ],
)
async def test_a_body_that_is_no_graphql_request_is_a_bad_request(net: Network, body: bytes) -> None:
    response = await net.client.post("/graphql", content=body, headers={"Content-Type": "application/json"})

    assert refusal(response) == (400, "BAD_REQUEST")


async def test_batches_are_refused(net: Network) -> None:
    response = await net.client.post("/graphql", json=[{"query": QUERY}] * 2)

    assert refusal(response) == (400, "BATCHING_NOT_SUPPORTED")


async def raw_answer(net: Network, *parts: bytes) -> tuple[bytes, bytes]:
    """Status line and body of the answer to a POST whose head and body are sent as they are; ours stays open."""
    host, port = net.client.base_url.host, net.client.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
    for part in parts:
        writer.write(part)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer.split(b"\r\n", 1)[0], answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "parts",
    [
        (b"Content-Length: 30000\r\n\r\n",),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"7530\r\n", b"x" * 30_000),
    ],
    ids=["says its length", "does not say it"],
)
async def test_a_large_body_is_refused_before_it_has_come(net: Network, parts: tuple[bytes, ...]) -> None:
    status, body = await raw_answer(net, *parts)

    assert status.startswith(b"HTTP/1.1 413")
    assert b"BODY_TOO_LARGE" in body


async def test_a_slow_body_is_given_up(net: Network) -> None:
    status, body = await raw_answer(net, b"Content-Length: 20\r\n\r\n", b'{"query":')

    assert status.startswith(b"HTTP/1.1 408")
    assert b"BODY_TOO_SLOW" in body


@pytest.mark.parametrize(
    ("request_body", "code"),
    [
        ({"query": "{ latest"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ books { } }"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ unknown }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: Int!) { books(first: $n) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "query A { latest } query B { latest }"}, "OPERATION_NOT_FOUND"),
        ({"query": "query A { latest }", "operationName": "B"}, "OPERATION_NOT_FOUND"),
    ],
)
async def test_request_errors_have_the_status_of_their_media_type(
    net: Network, request_body: dict[str, Any], code: str
) -> None:
    plain = await net.client.post("/graphql", json=request_body)
    modern = await net.client.post("/graphql", json=request_body, headers={"Accept": GRAPHQL})

    assert refusal(plain) == (200, code)
    assert refusal(modern) == (400, code)


async def test_errors_of_variables_do_not_repeat_their_values(net: Network) -> None:
    query = "query($n: Int) { books(first: $n) { id } }"
    answer = await net.ask(query, n="a-secret-value")

    assert answer["errors"][0]["message"] == "Variable '$n' has invalid value: it does not fit the type Int."


async def test_a_services_own_error_is_masked_and_its_data_kept(net: Network) -> None:
    answer = await net.ask('mutation { addBook(title: "x") { title reviews { text } } }')

    assert answer["data"] == {"addBook": {"title": "x", "reviews": None}}
    [error] = answer["errors"]
    assert error["path"] == ["addBook", "reviews"]
    assert error["extensions"] == {"code": "INTERNAL", "service": "reviews"}
    assert "secret" not in str(answer)


async def test_an_unreachable_service_is_a_named_gap(tmp_path: Path) -> None:
    async with network(tmp_path, reviews_url="http://127.0.0.1:1/graphql") as net:
        answer = await net.ask(QUERY)

    assert answer["data"] == {"books": [{"title": f"Book {i}", "reviews": None} for i in "12"]}
    assert [e["extensions"] for e in answer["errors"]] == [
        {"code": "SUBGRAPH_UNAVAILABLE", "service": "reviews"}
    ]


class OnlyAlice:
    async def authenticate(self, request: Request) -> Identity:
        if request.headers.get("authorization") != "Bearer alice":
            raise AuthenticationError("A valid access token is needed.", 'Bearer error="invalid_token"')
        return Identity("alice", {"Txn-Token": "for-alice"})


async def test_nobody_is_answered_without_valid_credentials(tmp_path: Path) -> None:
    async with network(tmp_path, OnlyAlice()) as net:
        refused = await net.client.post("/graphql", json={"query": QUERY})
        let_in = await net.client.post(
            "/graphql", json={"query": QUERY}, headers={"Authorization": "Bearer alice"}
        )

    assert refusal(refused) == (401, "UNAUTHENTICATED")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert let_in.json() == {"data": {"books": BOOKS}}
    assert {h["txn-token"] for h in (*net.catalog.headers, *net.reviews.headers)} == {"for-alice"}
    assert all("authorization" not in h for h in (*net.catalog.headers, *net.reviews.headers))
