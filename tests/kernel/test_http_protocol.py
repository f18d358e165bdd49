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
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from vereda import http_protocol
from vereda.http_protocol import BoundedHeadProtocol

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def hello(_request: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.3)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    app = Starlette(routes=[Route("/", hello)])
    server = uvicorn.Server(uvicorn.Config(app, http=BoundedHeadProtocol, ws="none", log_config=None))
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
