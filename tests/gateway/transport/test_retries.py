"""What is asked again when a subgraph does not answer, and what never is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from gateway.transport import HttpTransport, SubgraphUnavailableError, TransportLimits
from gateway.transport.breaker import RetryBudget, State
from tests.gateway.transport.servers import Server, running

BODY = b'{"query":"{ books }"}'
GOOD = b'{"data":{}}'


def reply(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


LOST = b""
"""The connection ends without an answer."""
BAD_GATEWAY = reply(502, b"<html>Bad gateway</html>")
REFUSED = reply(503, b'{"errors":[{"message":"no"}]}')
ANSWERED = reply(200, GOOD)


@asynccontextmanager
async def subgraph(*replies: bytes, **limits: float) -> AsyncIterator[tuple[Server, HttpTransport]]:
    """One that says these things in turn, and the last of them from then on."""
    left = list(replies)

    async def behave(_request: bytes, writer: asyncio.StreamWriter) -> None:
        said = left.pop(0) if len(left) > 1 else left[0]
        writer.write(said)
        await writer.drain()
        if not said:
            writer.close()

    async with running(behave) as server:
        transport = HttpTransport({"books": server.url}, TransportLimits(**limits))  # type: ignore[arg-type]
        try:
            yield server, transport
        finally:
            await transport.close()


@pytest.mark.parametrize("first", [LOST, BAD_GATEWAY, reply(503, b""), reply(504, b"late")])
async def test_a_query_without_an_answer_is_asked_once_more(first: bytes) -> None:
    async with subgraph(first, ANSWERED) as (server, transport):
        answer = await transport.send("books", BODY, {})

    assert answer.body == GOOD
    assert len(server.requests) == 2
    assert transport.health["books"] == (State.CLOSED, 0, 1)


@pytest.mark.parametrize("first", [LOST, BAD_GATEWAY])
async def test_a_mutation_that_may_have_arrived_is_never(first: bytes) -> None:
    async with subgraph(first, ANSWERED) as (server, transport):
        with pytest.raises(SubgraphUnavailableError):
            await transport.send("books", BODY, {}, repeatable=False)

    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [REFUSED, reply(500, b"oh"), reply(200, b"no JSON")])
async def test_an_answer_is_an_answer(answer: bytes) -> None:
    async with subgraph(answer, ANSWERED) as (server, transport):
        got = await transport.send("books", BODY, {})

    assert got.body != GOOD
    assert len(server.requests) == 1


async def test_nothing_is_asked_a_third_time() -> None:
    async with subgraph(BAD_GATEWAY, failures_to_open=100) as (server, transport):
        with pytest.raises(SubgraphUnavailableError, match="502"):
            await transport.send("books", BODY, {})

    assert len(server.requests) == 2


async def test_who_was_too_slow_is_not_asked_again() -> None:
    requests: list[bytes] = []

    async def silent(request: bytes, _writer: asyncio.StreamWriter) -> None:
        requests.append(request)

    async with running(silent) as server:
        transport = HttpTransport({"books": server.url}, TransportLimits(answer_timeout_s=0.05))
        with pytest.raises(SubgraphUnavailableError, match="no answer within"):
            await transport.send("books", BODY, {})
        await transport.close()

    assert len(requests) == 1


async def test_a_subgraph_in_trouble_gets_little_more_than_it_would_get_anyway() -> None:
    asked = 100
    async with subgraph(BAD_GATEWAY, failures_to_open=1000, rest_s=0.001) as (server, transport):
        outcomes: Sequence[BaseException | object] = await asyncio.gather(
            *(transport.send("books", BODY, {}) for _ in range(asked)), return_exceptions=True
        )

    assert all(isinstance(outcome, SubgraphUnavailableError) for outcome in outcomes)
    assert len(server.requests) <= asked + RetryBudget.RESERVE + 0.1 * asked


async def test_proxies_errors_open_the_breaker_and_it_closes_when_the_subgraph_is_back() -> None:
    replies = [BAD_GATEWAY] * 3 + [ANSWERED]
    async with subgraph(*replies, failures_to_open=3, rest_s=0.05, retry_share=0.0) as (server, transport):
        for _ in range(6):
            with pytest.raises(SubgraphUnavailableError):
                await transport.send("books", BODY, {})
        open_ = transport.health["books"].state, len(server.requests)
        await asyncio.sleep(0.06)
        answer = await transport.send("books", BODY, {})

    assert open_ == (State.OPEN, 3)
    assert answer.body == GOOD
    assert transport.health["books"] == (State.CLOSED, 1, 0)
