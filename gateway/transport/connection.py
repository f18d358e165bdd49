"""One HTTP/1.1 connection to a subgraph: one request at a time (RFC 9112), parsed by httptools."""

from __future__ import annotations

import asyncio
import zlib
from typing import Final, cast

import httptools

from gateway.transport.answer import SubgraphAnswer

_FIRST_FINAL_STATUS: Final = 200
#: `wbits` of zlib for each content coding that is understood (RFC 9110 §8.4.1).
_CODINGS: Final = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class ExchangeError(Exception):
    """The exchange did not come to an answer.

    `unsent`: nothing was written. `unanswered`: the connection ended before one byte of an answer had arrived. `kept`:
    the connection had served before.
    """

    def __init__(self, reason: str, *, unsent: bool = False, unanswered: bool = False) -> None:
        super().__init__(reason)
        self.unsent = unsent
        self.unanswered = unanswered
        self.kept = False


class Connection(asyncio.Protocol):
    """Sends one request and collects its answer; afterwards it may be used again if `reusable`."""

    __slots__ = (
        "_body",
        "_decoder",
        "_delimited",
        "_largest_answer",
        "_parser",
        "_size",
        "_started",
        "_status",
        "_transport",
        "_waiter",
        "ends_at",
        "exchanges",
        "loop",
        "reusable",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, largest_answer: int) -> None:
        self.loop = loop
        self._largest_answer = largest_answer
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[SubgraphAnswer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._decoder: zlib._Decompress | None = None
        self._size = 0
        self._status = 0
        self._started = False
        self._delimited = False
        self.reusable = False
        self.exchanges = 0
        self.ends_at = 0.0

    def exchange(self, request: bytes, ends_at: float) -> asyncio.Future[SubgraphAnswer]:
        """Write `request` (head and body); the future is the whole answer.

        `ends_at`: when `expire` may give up on it, in the loop's time. The future raises ExchangeError on that, on loss
        of the connection, on an oversized or a malformed answer.
        """
        waiter = self._waiter = self.loop.create_future()
        self.exchanges += 1
        self.ends_at = ends_at
        self.reusable = False
        if self._transport is None or self._transport.is_closing():
            waiter.set_exception(ExchangeError("the connection was closed", unsent=True))
            return waiter
        self._body = []
        self._decoder = None
        self._size = self._status = 0
        self._started = self._delimited = False
        self._transport.write(request)
        return waiter

    def end(self) -> None:
        """Whoever asked has its answer, or waits no more: what is not ready for another request is cut off."""
        self._waiter = None
        if not self.reusable:
            self.abort()

    def expire(self, now: float, timeout_s: float) -> None:
        """Give up on an answer that is overdue."""
        if now >= self.ends_at:
            self._fail(f"no answer within {timeout_s:g} s")

    def abort(self) -> None:
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods alone

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:  # nobody asked: the two sides no longer agree on where answers begin
            self.abort()
            return
        self._started = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("the answer is not HTTP/1.1")

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiter is None or self._waiter.done():
            self.reusable = False
        elif exc is None and self._status >= _FIRST_FINAL_STATUS and not self._delimited:
            self._finish()  # RFC 9112 §6.3: a body without a length ends with the connection
            self.reusable = False
        else:
            self._fail("the connection was lost", unanswered=not self._started)

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        lowered = name.lower()
        if lowered == b"content-length":
            self._delimited = True
            if value.isdigit() and int(value[:20]) > self._largest_answer:
                self._fail("the answer is too large")
        elif lowered == b"transfer-encoding":
            self._delimited = True
        elif lowered == b"content-encoding" and (coding := value.strip().lower()) not in (b"", b"identity"):
            if coding in _CODINGS:
                self._decoder = zlib.decompressobj(_CODINGS[coding])
            else:
                self._fail("the answer is compressed in a way that was not asked for")

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        if self._decoder is not None:
            try:
                body = self._decoder.decompress(body, self._largest_answer - self._size + 1)
            except zlib.error:
                self._fail("the answer's compression is broken")
                return
        self._size += len(body)
        if self._size > self._largest_answer:
            self._fail("the answer is too large")
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if self._status < _FIRST_FINAL_STATUS:  # 1xx: an announcement, the answer is still to come
            self._delimited = False
        elif self._waiter is not None and not self._waiter.done():
            self.reusable = self._parser.should_keep_alive()
            self._finish()

    def _finish(self) -> None:
        if self._decoder is not None and self._body and not self._decoder.eof:
            self._fail("the answer's compression is broken")
        elif self._waiter is not None and not self._waiter.done():
            body = self._body
            self._waiter.set_result(
                SubgraphAnswer(self._status, body[0] if len(body) == 1 else b"".join(body))
            )

    def _fail(self, reason: str, unanswered: bool = False) -> None:
        self.reusable = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ExchangeError(reason, unanswered=unanswered))
