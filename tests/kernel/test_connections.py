"""A process holds so many connections open and no more, and who only holds one keeps nobody out."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from vereda.http_protocol import BoundedProtocol, Places
from vereda.serving import Server, configuration, room_for

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
MOST = 3


@dataclass
class Serving:
    port: int
    server: Server
    go_on: asyncio.Event

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which a request is under way, until `go_on`."""
        reader, writer = await self.connect()
        before = len(self.server.server_state.tasks)
        writer.write(GET)
        while len(self.server.server_state.tasks) == before:
            await asyncio.sleep(0.01)
        return reader, writer


@pytest_asyncio.fixture
async def serving() -> AsyncIterator[Serving]:
    go_on = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await go_on.wait()
        headers = [(b"content-length", b"5")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"hello"})

    listening = socket.create_server(("127.0.0.1", 0))
    config = configuration(app, "127.0.0.1", 0, connections=MOST)
    config.lifespan = "off"
    server = Server(config, drain_s=0)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(30):
        while not server.started:
            await asyncio.sleep(0.01)
        yield Serving(listening.getsockname()[1], server, go_on)
        go_on.set()
        server.should_exit = True
        await running


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        return await reader.read()


async def test_while_all_are_asked_on_one_more_is_refused_politely_before_it_asks(serving: Serving) -> None:
    asking = [await serving.ask() for _ in range(MOST)]

    reader, writer = await serving.connect()
    writer.write(GET)
    told = await read_to_end(reader)
    serving.go_on.set()

    assert told.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1\r\n" in told
    assert b"connection: close\r\n" in told
    for reader, _ in asking:
        assert b"200 OK" in await reader.readuntil(b"hello")


async def test_whoever_has_been_without_a_request_for_the_longest_gives_way(serving: Serving) -> None:
    serving.go_on.set()
    answered, never_asked, last = [await serving.connect() for _ in range(MOST)]
    for reader, writer in (answered, last):
        writer.write(GET)
        await reader.readuntil(b"hello")

    comer, writer = await serving.connect()
    writer.write(GET)

    assert b"200 OK" in await comer.readuntil(b"hello")
    assert await read_to_end(never_asked[0]) == b""
    for reader, writer in (answered, last):
        writer.write(GET)
        assert b"200 OK" in await reader.readuntil(b"hello")


async def test_a_head_that_has_begun_holds_no_place_against_a_comer(serving: Serving) -> None:
    serving.go_on.set()
    slow = [await serving.connect() for _ in range(MOST)]
    for _, writer in slow:
        writer.write(GET[:20])

    for _ in range(2 * MOST):
        reader, writer = await serving.connect()
        writer.write(GET)
        assert b"200 OK" in await reader.readuntil(b"hello")


async def test_places_are_given_back(serving: Serving) -> None:
    serving.go_on.set()
    for _ in range(3 * MOST):
        reader, writer = await serving.connect()
        writer.write(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert (await read_to_end(reader)).endswith(b"hello")
    serving.go_on.clear()

    asking = [await serving.ask() for _ in range(MOST)]
    refused, _ = await serving.connect()

    assert (await read_to_end(refused)).startswith(b"HTTP/1.1 503 ")
    serving.go_on.set()
    for reader, _ in asking:
        assert b"200 OK" in await reader.readuntil(b"hello")


def test_of_many_who_are_refused_at_once_only_some_are_waited_for() -> None:
    places = Places(0)
    comers = [cast("BoundedProtocol", object()) for _ in range(150)]

    waited_for = [comer for comer in comers if places.may_read(comer)]

    assert len(waited_for) == 100
    places.give_back(waited_for[0])
    assert places.may_read(comers[-1])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop")
def test_callers_who_come_together_are_seen_together_however_long_a_turn_of_the_loop_takes() -> None:
    """Seen one on each turn, those who are to be told that there is no place would wait for it."""
    import uvloop

    comers, turns = 40, 6

    async def seen() -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        config = configuration(nothing, "127.0.0.1", 0)
        config.lifespan = "off"
        server = Server(config, drain_s=0)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        callers = [socket.create_connection(listening.getsockname()) for _ in range(comers)]
        for _ in range(turns):
            await asyncio.sleep(0)
        found = len(server.server_state.connections)
        for caller in callers:
            caller.close()
        server.should_exit = True
        await running
        return found

    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None: ...

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(seen()) == comers


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_there_are_files_for_all_connections_and_for_what_else_is_needed() -> None:
    import resource

    room = room_for(2_000)

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert files == resource.RLIM_INFINITY or room < files
    assert room_for(10) == 10
