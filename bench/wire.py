"""HTTP/1.1 with nothing in between: an answering side and an asking side on asyncio protocols, parsed by httptools.

Both are as plain as they can be, for the measuring must cost less than what is measured. Loopback only: no TLS, no
time-outs, no limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import httptools

#: Gets the connection to answer on, the request's target and its body; answers now or later, once.
Handler = Callable[["Answering", bytes, bytes], None]

_REASONS: Final = {200: b"OK", 404: b"Not Found", 500: b"Internal Server Error"}


class Answering(asyncio.Protocol):
    """One client's connection to a server. Requests on it are answered one at a time, as clients here ask."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._target = b""
        self._body: list[bytes] = []

    def answer(self, body: bytes, status: int = 200) -> None:
        if self._transport is not None and not self._transport.is_closing():
            head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (
                status,
                _REASONS[status],
                len(body),
            )
            self._transport.writelines((head, body))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, target: bytes) -> None:
        self._target = target

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = []
        self._handler(self, self._target, body)


class Asking(asyncio.Protocol):
    """A connection to a server, for one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._body: list[bytes] = []
        self._waiter: asyncio.Future[bytes] | None = None

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        """Write a whole request; the future is the answer's body. Raises (in it): ConnectionError."""
        assert self._transport is not None, "the connection is closed"
        self._waiter = self._loop.create_future()
        self._transport.write(request)
        return self._waiter

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = []
        status = self._parser.get_status_code()
        waiter = self._waiter
        assert waiter is not None
        if waiter.done():  # its asker was cancelled
            return
        if status == 200:
            waiter.set_result(body)
        else:
            waiter.set_exception(ConnectionError(f"status {status}: {body[:300]!r}"))


class Lines:
    """Kept connections to one server: the one used last is used first."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: list[Asking] = []

    async def ask(self, request: bytes) -> bytes:
        if self._idle:
            line = self._idle.pop()
        else:
            loop = asyncio.get_running_loop()
            _, line = await loop.create_connection(lambda: Asking(loop), self._host, self._port)
        body = await line.ask(request)
        self._idle.append(line)
        return body

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def post(target: str, host: str, port: int, authorization: str = "") -> bytes:
    """The head of a POST of JSON, up to where the body's length is written."""
    credentials = f"authorization: {authorization}\r\n" if authorization else ""
    return (
        f"POST {target} HTTP/1.1\r\nhost: {host}:{port}\r\n{credentials}content-type: application/json\r\n"
        "accept: application/json\r\ncontent-length: "
    ).encode()


async def serve(handler: Handler, host: str, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Answering(handler), host, port, backlog=1024)
