"""A head that is too slow or too large costs its sender the connection, and us nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from vereda import http_protocol
from vereda.http_protocol import BoundedProtocol

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


LARGE = 50_000_000


async def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def large(_request: Request) -> PlainTextResponse:
    return PlainTextResponse(b"x" * LARGE)


async def names(request: Request) -> PlainTextResponse:
    """The names of the request's headers, once its body is there."""
    with contextlib.suppress(ClientDisconnect):
        await request.body()
    return PlainTextResponse(" ".join(request.headers.keys()) + ".")


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    for name in ("HEAD_TIMEOUT_S", "BODY_TIMEOUT_S", "REST_TIMEOUT_S", "TAKING_S"):
        monkeypatch.setattr(http_protocol, name, 0.3)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    app = Starlette(routes=[Route("/", hello), Route("/large", large), Route("/names", names)])
    config = uvicorn.Config(app, http=BoundedProtocol, ws="none", log_config=None, timeout_keep_alive=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            return await reader.read()
    return b""


async def test_requests_one_after_the_other_on_one_connection_are_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    for _ in range(3):
        writer.write(GET + b"\r\n")
        assert b"200 OK" in await reader.readuntil(b"hello")
        await asyncio.sleep(0.35)  # longer than a head may take: between requests none is under way

    writer.close()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", GET])
async def test_a_head_that_does_not_come_to_its_end_closes_the_connection(port: int, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(begun)

    assert await read_to_end(reader) == b""
    writer.close()


async def test_a_second_head_on_the_connection_is_held_to_the_same(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET + b"\r\n")
    await reader.readuntil(b"hello")

    writer.write(GET)

    assert await read_to_end(reader) == b""
    writer.close()


async def test_a_head_without_end_is_refused_as_too_large(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(GET + b"X: " + b"a" * http_protocol.LARGEST_HEAD)

    assert (await read_to_end(reader)).startswith(b"HTTP/1.1 431")
    writer.close()


POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"


@pytest.mark.parametrize("begun", [b"", b"12345"])
async def test_a_body_that_does_not_come_to_its_end_closes_the_connection(port: int, begun: bytes) -> None:
    """Whoever waits for it: this one waits for ever."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(GET.replace(b"/", b"/names", 1) + b"Content-Length: 10\r\n\r\n" + begun)

    assert await read_to_end(reader) == b""
    writer.close()


async def test_a_body_that_goes_on_after_the_answer_keeps_no_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST + b"\r\n12345")
    assert b"405" in await reader.readuntil(b"\r\n")

    assert b"Method Not Allowed" in await read_to_end(reader)
    writer.close()


async def test_a_body_that_ends_after_the_answer_leaves_the_connection_as_it_was(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST + b"\r\n12345")
    await reader.readuntil(b"\r\n\r\nMethod Not Allowed")

    writer.write(b"67890")
    writer.write(GET + b"\r\n")

    assert b"200 OK" in await reader.readuntil(b"hello")
    writer.close()


@pytest.mark.parametrize("rest", [b"67890", b"67890\r\n\r\n"], ids=["the rest", "the rest and blank lines"])
async def test_a_connection_that_says_nothing_more_is_closed(port: int, rest: bytes) -> None:
    """The server's own timer is forgotten by the server when such bytes come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST + b"\r\n12345")
    await reader.readuntil(b"\r\n\r\nMethod Not Allowed")

    writer.write(rest)

    assert await read_to_end(reader) == b""
    writer.close()


async def test_an_answer_that_ends_the_connection_is_heard_while_the_body_is_still_sent(port: int) -> None:
    """RFC 9112 §9.6: closed with bytes unread, the connection would be reset, and the answer lost."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"x" * 4_000_000
    writer.write(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4000000\r\n\r\n"
    )
    writer.write(body[:10])
    await asyncio.sleep(0.05)
    with contextlib.suppress(ConnectionError):
        writer.write(body[10:])
        await writer.drain()

    assert b"Method Not Allowed" in await read_to_end(reader)
    writer.close()


async def test_an_answer_that_nobody_takes_keeps_no_connection(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        taker.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.sleep(1)

        taker.setblocking(False)
        taken = 0
        with contextlib.suppress(ConnectionResetError, BlockingIOError):
            while chunk := taker.recv(1_000_000):
                taken += len(chunk)
                await asyncio.sleep(0.001)

    assert taken < LARGE


async def test_trailers_are_no_part_of_the_head(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /names HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    writer.write(b"0\r\nAuthorization: Bearer x\r\n\r\n")

    await reader.readuntil(b"\r\n\r\n")

    assert await reader.readuntil(b".") == b"host transfer-encoding."
    writer.close()


async def test_trailers_without_end_are_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /names HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")

    writer.write(b"X: y\r\n" * http_protocol.LARGEST_HEAD)

    assert (await read_to_end(reader)).startswith(b"HTTP/1.1 431")
    writer.close()
