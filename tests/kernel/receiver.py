"""A receiver of webhooks: a real server, which does what a test wants of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson

Doing = Callable[["Receiver", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Request:
    headers: dict[str, str]
    body: bytes

    @property
    def subject(self) -> str | None:
        found: str | None = orjson.loads(self.body).get("subject")
        return found


async def _said(writer: asyncio.StreamWriter, status: str, *headers: str, body: bytes = b"") -> None:
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers))
    writer.write(head.encode() + b"\r\n\r\n" + body)
    await writer.drain()


def answers(status: str, *headers: str, body: bytes = b"") -> Doing:
    async def do(_receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        await _said(writer, status, *headers, body=body)

    return do


async def hangs(receiver: Receiver, _writer: asyncio.StreamWriter) -> None:
    await receiver.over.wait()


async def closes(_receiver: Receiver, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def breaks_off(_receiver: Receiver, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it")
    await writer.drain()
    writer.close()


async def never_ends(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
    """An answer of which more and more comes."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not receiver.over.is_set() and not writer.is_closing():
        writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0)


OK = answers("200 OK")


@dataclass
class Receiver:
    """`does`: what it answers to each request with, until it is told otherwise."""

    does: Doing = OK
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0

    @property
    def subjects(self) -> list[str | None]:
        return [one.subject for one in self.requests]

    async def until(self, many: int) -> None:
        """Until so many requests came."""
        async with asyncio.timeout(20):
            while len(self.requests) < many:
                self.came.clear()
                await self.came.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Receiver]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        try:
            yield self
        finally:
            self.over.set()
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {
                    name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
                }
                body = await reader.readexactly(int(headers["content-length"]))
                self.requests.append(Request(headers, body))
                self.came.set()
                await self.does(self, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
