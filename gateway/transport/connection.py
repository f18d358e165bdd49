"""One HTTP/1.1 connection to a subgraph: one request at a time (RFC 9112), parsed by httptools."""

from __future__ import annotations

import asyncio
import zlib
from typing import Final, Protocol, cast

import httptools

from gateway.transport.answer import SubgraphAnswer

_FIRST_FINAL_STATUS: Final = 200
#: What an answer that is passed on may need.
_TOLD: Final = frozenset(
    {
        b"cache-control",
        b"content-type",
        b"etag",
        b"last-modified",
        b"link",
        b"retry-after",
        b"www-authenticate",
    }
)
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


class Asker(Protocol):
    """Who is told what came of an exchange, once. The connection is free by then."""

    def answered(self, answer: SubgraphAnswer) -> None: ...

    def failed(self, error: ExchangeError) -> None: ...


class Connection(asyncio.Protocol):
    """Sends one request and collects its answer; afterwards it may be used again if `reusable`."""

    __slots__ = (
        "_asker",
        "_body",
        "_decoder",
        "_delimited",
        "_headers",
        "_largest_answer",
        "_parser",
        "_size",
        "_started",
        "_status",
        "_transport",
        "ends_at",
        "exchanges",
        "loop",
        "reusable",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, largest_answer: int) -> None:
        self.loop = loop
        self._largest_answer = largest_answer
        self._transport: asyncio.Transport | None = None
        self._asker: Asker | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._headers: list[tuple[bytes, bytes]] = []
        self._decoder: zlib._Decompress | None = None
        self._size = 0
        self._status = 0
        self._started = False
        self._delimited = False
        self.reusable = False
        self.exchanges = 0
        self.ends_at = 0.0

    def exchange(self, request: bytes, asker: Asker, ends_at: float) -> None:
        """Write `request` (head and body) and tell `asker` what comes of it.

        `ends_at`: when `expire` may give up on it, in the loop's time. It fails on that, on loss of the connection, on
        an oversized or a malformed answer.
        """
        self._asker = asker
        self.exchanges += 1
        self.ends_at = ends_at
        self.reusable = False
        if self._transport is None or self._transport.is_closing():
            self._fail("the connection was closed", unsent=True)
            return
        self._body = []
        self._headers = []
        self._decoder = None
        self._size = self._status = 0
        self._started = self._delimited = False
        self._transport.write(request)

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
        if self._asker is None:  # nobody asked: the two sides no longer agree on where answers begin
            self.abort()
            return
        self._started = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("the answer is not HTTP/1.1")

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._asker is None:
            self.reusable = False
        elif exc is None and self._status >= _FIRST_FINAL_STATUS and not self._delimited:
            self._finish()  # RFC 9112 §6.3: a body without a length ends with the connection
        else:
            self._fail("the connection was lost", unanswered=not self._started)

    # httptools

    def on_message_begin(self) -> None:
        if self._asker is None:  # an answer behind the answer
            self.abort()

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
        elif lowered in _TOLD:
            self._headers.append((lowered, value))

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
        else:
            self.reusable = self._parser.should_keep_alive()
            self._finish()

    def _finish(self) -> None:
        asker, body = self._asker, self._body
        if self._decoder is not None and body and not self._decoder.eof:
            self._fail("the answer's compression is broken")
        elif asker is not None:
            self._asker = None
            whole = body[0] if len(body) == 1 else b"".join(body)
            asker.answered(SubgraphAnswer(self._status, whole, self._headers))

    def _fail(self, reason: str, *, unsent: bool = False, unanswered: bool = False) -> None:
        asker = self._asker
        self._asker = None
        self.abort()
        if asker is not None:
            asker.failed(ExchangeError(reason, unsent=unsent, unanswered=unanswered))
