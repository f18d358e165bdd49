"""How requests go to subgraphs: pooled, bounded, and repeated only where that is harmless."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.transport import HttpTransport, SubgraphUnavailableError, TransportLimits
from tests.gateway.transport.servers import Behave, Server, answer, answering, running
from vereda.errors import OperatorError
from vereda.telemetry import request_id

BODY = b'{"query":"{a}"}'


@asynccontextmanager
async def subgraph(behave: Behave, **limits: float) -> AsyncIterator[tuple[Server, HttpTransport]]:
    async with running(behave) as server:
        transport = HttpTransport({"books": server.url}, TransportLimits(**limits))  # type: ignore[arg-type]
        yield server, transport
        await transport.close()


async def test_request_is_json_with_the_callers_headers_and_the_request_id() -> None:
    async with subgraph(answering()) as (server, transport):
        token = request_id.set("test-request-1")
        got = await transport.send("books", BODY, {"Txn-Token": "abc"})
        request_id.reset(token)

    assert (got.status, got.body) == (200, b'{"data":{}}')
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /graphql HTTP/1.1"
    assert {b"Content-Type: application/json", b"Txn-Token: abc", b"X-Request-Id: test-request-1"} <= set(
        lines
    )
    assert body == BODY


async def test_one_connection_serves_requests_one_after_the_other() -> None:
    async with subgraph(answering()) as (server, transport):
        for _ in range(5):
            await transport.send("books", BODY, {})

    assert server.connections == 1
    assert len(server.requests) == 5


async def test_more_requests_than_connections_wait_their_turn() -> None:
    async def slowly(_request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        writer.write(answer())

    async with subgraph(slowly, connections=3) as (server, transport):
        answers = await asyncio.gather(*[transport.send("books", BODY, {}) for _ in range(12)])

    assert [a.status for a in answers] == [200] * 12
    assert server.connections == 3


async def test_waiting_for_a_connection_ends_after_the_connect_timeout() -> None:
    async def never(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with subgraph(never, connections=1, connect_timeout_s=0.05, answer_timeout_s=0.5) as (_, transport):
        first = asyncio.create_task(transport.send("books", BODY, {}))
        await asyncio.sleep(0.01)
        with pytest.raises(SubgraphUnavailableError, match="in use"):
            await transport.send("books", BODY, {})
        with pytest.raises(SubgraphUnavailableError, match=r"no answer within 0\.5 s"):
            await first


@pytest.mark.parametrize(
    "sent",
    [
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"dat\r\n6\r\na":{}}\r\n0\r\n\r\n',
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(),
        b'HTTP/1.0 200 OK\r\n\r\n{"data":{}}',
    ],
    ids=["chunked", "after an announcement", "ended by the connection"],
)
async def test_every_way_of_delimiting_a_body_is_understood(sent: bytes) -> None:
    async def behave(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        if sent.startswith(b"HTTP/1.0"):
            writer.close()

    async with subgraph(behave) as (_, transport):
        got = await transport.send("books", BODY, {})

    assert got.body == b'{"data":{}}'


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
        (answer(b"x" * 2000), "too large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2000, "too large"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_a_failure(sent: bytes, reason: str) -> None:
    async with subgraph(answering(sent), largest_answer=1000) as (_, transport):
        with pytest.raises(SubgraphUnavailableError, match=reason):
            await transport.send("books", BODY, {})


async def test_a_slow_answer_is_given_up_and_its_connection_is_not_used_again() -> None:
    calls = 0

    async def slow_at_first(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await asyncio.sleep(0.2)
        writer.write(answer(b'{"data":{"call":%d}}' % calls))

    async with subgraph(slow_at_first, answer_timeout_s=0.05) as (server, transport):
        with pytest.raises(SubgraphUnavailableError, match="no answer within"):
            await transport.send("books", BODY, {})
        got = await transport.send("books", BODY, {})

    assert got.body == b'{"data":{"call":2}}'
    assert server.connections == 2


def closing_kept_connections() -> Behave:
    """Answers the first request of each connection, and drops the connection when a second one comes."""
    seen: set[int] = set()

    async def behave(_request: bytes, writer: asyncio.StreamWriter) -> None:
        if id(writer) in seen:
            writer.transport.abort()
        else:
            seen.add(id(writer))
            writer.write(answer())

    return behave


async def test_a_query_on_a_stale_connection_is_sent_again_once() -> None:
    async with subgraph(closing_kept_connections()) as (server, transport):
        await transport.send("books", BODY, {})
        got = await transport.send("books", BODY, {})

    assert got.status == 200
    assert (server.connections, len(server.requests)) == (2, 3)


async def test_a_mutation_that_may_have_arrived_is_not_sent_again() -> None:
    async with subgraph(closing_kept_connections()) as (server, transport):
        await transport.send("books", BODY, {})
        with pytest.raises(SubgraphUnavailableError, match="lost"):
            await transport.send("books", BODY, {}, repeatable=False)

    assert len(server.requests) == 2


async def test_a_mutation_is_sent_on_a_new_connection_when_the_kept_one_was_seen_closing() -> None:
    async def once(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer())
        writer.close()

    async with subgraph(once) as (server, transport):
        await transport.send("books", BODY, {})
        await asyncio.sleep(0.02)
        got = await transport.send("books", BODY, {}, repeatable=False)

    assert got.status == 200
    assert server.connections == 2


async def test_a_subgraph_that_keeps_failing_is_left_alone_then_tried_again() -> None:
    async with subgraph(answering(b"nonsense\r\n\r\n"), failures_to_open=3, rest_s=0.1) as (
        server,
        transport,
    ):
        for _ in range(6):
            with pytest.raises(SubgraphUnavailableError):
                await transport.send("books", BODY, {})
        assert len(server.requests) == 3

        await asyncio.sleep(0.12)
        with pytest.raises(SubgraphUnavailableError, match="not HTTP"):
            await transport.send("books", BODY, {})
        assert len(server.requests) == 4


async def test_nothing_listens() -> None:
    transport = HttpTransport({"books": "http://127.0.0.1:1/graphql"})

    with pytest.raises(SubgraphUnavailableError, match="cannot connect") as caught:
        await transport.send("books", BODY, {})

    assert caught.value.subgraph == "books"


async def test_a_subgraph_without_address_is_unavailable() -> None:
    transport = HttpTransport({"books": ""})

    with pytest.raises(SubgraphUnavailableError, match="no address"):
        await transport.send("books", BODY, {})


async def test_a_request_that_is_given_up_leaves_its_connection_whole_for_the_next() -> None:
    """Its answer is read to the end, for nobody; until then, it keeps its place."""
    may_answer = asyncio.Event()

    async def late(_request: bytes, writer: asyncio.StreamWriter) -> None:
        await may_answer.wait()
        writer.write(answer(b"%d" % len(server.requests)))

    async with subgraph(late, connections=1) as (server, transport):
        may_answer.set()
        first = await transport.send("books", BODY, {})
        may_answer.clear()
        given_up = asyncio.ensure_future(transport.send("books", BODY, {}))
        given_up.cancel()
        third = asyncio.ensure_future(transport.send("books", BODY, {}))
        await asyncio.sleep(0.02)
        assert len(server.requests) == 2
        may_answer.set()

        assert [first.body, (await third).body] == [b"1", b"3"]

    assert server.connections == 1
    assert transport.counts == {("books", "answered"): 3}


async def test_an_answer_behind_the_answer_is_never_taken_for_the_next_ones() -> None:
    async with subgraph(answering(answer(b"1") + answer(b"stray"), answer(b"2"))) as (server, transport):
        got = [await transport.send("books", BODY, {}) for _ in range(2)]

    assert [one.body for one in got] == [b"1", b"2"]
    assert server.connections == 2


async def test_a_new_address_is_used_from_the_next_request_on() -> None:
    async with running(answering(answer(b"1"))) as old, running(answering(answer(b"2"))) as new:
        transport = HttpTransport({"books": old.url})
        first = await transport.send("books", BODY, {})
        transport.route({"books": new.url})
        second = await transport.send("books", BODY, {})
        await transport.close()

    assert (first.body, second.body) == (b"1", b"2")


async def test_headers_cannot_split_a_request() -> None:
    async with subgraph(answering()) as (server, transport):
        with pytest.raises(ValueError, match="line break"):
            await transport.send("books", BODY, {"Txn-Token": "a\r\nX-Admin: 1"})

    assert server.requests == []


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "http://", "http://host:99999/", "http://ho st/", "/graphql"]
)
def test_an_address_that_is_no_url_is_named_at_start(url: str) -> None:
    with pytest.raises(OperatorError, match="no http or https URL"):
        HttpTransport({"books": url})


async def test_readiness_is_what_the_subgraph_says_or_that_it_answers_at_all() -> None:
    async with subgraph(answering(answer(status="200 OK"))) as (_, ready):
        await ready.check("books")
    async with subgraph(answering(answer(status="404 Not Found"))) as (_, foreign):
        await foreign.check("books")
    async with subgraph(answering(answer(status="503 Service Unavailable"))) as (_, starting):
        with pytest.raises(SubgraphUnavailableError):
            await starting.check("books")
