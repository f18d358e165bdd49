"""The web server's HTTP/1.1 protocol with the bounds that the server itself does not set.

Without them a caller keeps a connection and its memory for nothing: by a head that comes byte by byte or without end, by
a body that goes on after its request was answered, by an answer that nobody takes; or as many connections as the system
has files. An answer's head and body go out in one piece, where the server would send two.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vereda.draining import DRAINING

#: Longest that a head may take to arrive, counted from its first byte (or from the connection, for the first one).
HEAD_TIMEOUT_S: Final = 10.0
#: Bytes that may arrive before the head is whole, and again after the body (RFC 9112 §7.1.2, trailers).
LARGEST_HEAD: Final = 32 * 1024
#: Longest that a body may take to arrive, whoever reads it; those who read it may be shorter of patience.
BODY_TIMEOUT_S: Final = 20.0
#: Longest that the rest of a body may take to arrive once its request is answered.
REST_TIMEOUT_S: Final = 5.0
#: How often it is looked whether an answer is being taken, and how many bytes of it must have gone out each time.
TAKING_S: Final = 30.0
LEAST_TAKEN: Final = 30_000
#: Refused callers that are given time to read why; more are cut off.
_MOST_REFUSED: Final = 100
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class _Outgoing:
    """A transport that keeps an answer's head until the body comes, or the event loop's next turn.

    `hearing`: the rest of a request is still to come. Told to close then, it says that nothing more will be said, and
    closes when the caller does: closed with bytes unread, the answer might be lost on its way (RFC 9112 §9.6).
    """

    __slots__ = ("_closed", "_head", "_loop", "_transport", "_watching", "hearing")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self._closed = False
        self._watching: asyncio.TimerHandle | None = None
        self.hearing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._closed:
            return
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self._head = data
            self._loop.call_soon(self._send_head)
        else:
            self._transport.write(data)

    def is_closing(self) -> bool:
        return self._closed or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing():
            return
        self._send_head()
        self._closed = True
        if self.hearing and self._transport.can_write_eof():
            self._transport.write_eof()
            self._watch(REST_TIMEOUT_S, self._transport.abort)
        else:
            self._transport.close()
            self.watch_taking()

    def watch_taking(self) -> None:
        """Give the connection up when the caller takes too little of what is written."""
        waiting = self._transport.get_write_buffer_size()
        if waiting and self._watching is None:
            self._watch(TAKING_S, self._check_taken, waiting)

    def lost(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def _check_taken(self, waiting: int) -> None:
        self._watching = None
        if waiting - self._transport.get_write_buffer_size() < min(waiting, LEAST_TAKEN):
            self._transport.abort()
        else:
            self.watch_taking()

    def _watch(self, seconds: float, act: Any, *arguments: int) -> None:
        self.lost()
        self._watching = self._loop.call_later(seconds, act, *arguments)

    def _send_head(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class Places:
    """Connections that one server may hold open at the same time.

    Where none is free, whoever has brought no request for the longest gives way to whoever comes: so connections that
    are opened only to be held keep nobody out. Where a request is under way on each, who comes is refused.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._waiting: dict[BoundedProtocol, None] = {}
        self._refused: set[BoundedProtocol] = set()

    def take(self, comer: BoundedProtocol, open_now: int) -> bool:
        """`open_now`: with the comer. False: there is no place."""
        if open_now > self.most:
            longest = next(iter(self._waiting), None)
            if longest is None:
                return False
            del self._waiting[longest]
            longest.give_way()
        self._waiting[comer] = None
        return True

    def busy(self, connection: BoundedProtocol) -> None:
        self._waiting.pop(connection, None)

    def waits(self, connection: BoundedProtocol) -> None:
        """Its request is answered."""
        if not connection.transport.is_closing():
            self._waiting[connection] = None

    def may_read(self, refused: BoundedProtocol) -> bool:
        """Whether one who is refused may stay until it has read so."""
        if len(self._refused) >= _MOST_REFUSED:
            return False
        self._refused.add(refused)
        return True

    def give_back(self, connection: BoundedProtocol) -> None:
        self._waiting.pop(connection, None)
        self._refused.discard(connection)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, closing connections that are held for nothing, and leaving trailers out of a request's head."""

    places: Places = Places(sys.maxsize)
    _outgoing: _Outgoing
    _head_timer: asyncio.TimerHandle | None = None
    _rest_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = False
    _whole = True
    """Whether the newest request has arrived to its end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._outgoing = _Outgoing(transport, self.loop)
        super().connection_made(cast("asyncio.Transport", self._outgoing))
        if self.places.take(self, len(self.connections)):
            self._begin_head()
        else:
            self._refuse_connection()

    def connection_lost(self, exc: Exception | None) -> None:
        self.places.give_back(self)
        self._end_head()
        self._end_rest()
        self._outgoing.lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():  # what still comes is heard, and is no request
            return
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head_timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD:
                self._refuse_head()
        elif self.headers and sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            self._refuse_head()
        elif self._idle() and self.timeout_keep_alive_task is None:
            # The server ends its own timer at every byte, be it the rest of a body or an empty line.
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        elif not self._whole and self._rest_timer is None:
            self._rest_timer = self.loop.call_later(BODY_TIMEOUT_S, self._too_slow)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._outgoing.hearing = True
        self._whole = False
        if self._head_timer is None:
            self._begin_head()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._end_head()
        self.places.busy(self)
        super().on_headers_complete()
        if DRAINING.begun and self.cycle is not None:
            self.cycle.keep_alive = False  # the answer says so, and the connection ends with it
        # What follows the body is kept apart: nothing is added to a head behind the back of those who check it
        # (RFC 9110 §6.5.1), and nobody here reads trailers.
        self.headers = []

    def on_message_complete(self) -> None:
        self._whole = True
        self._outgoing.hearing = False
        self._end_rest()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._idle():
            self.places.waits(self)
        answered_early = not self._whole and not self._in_head and self.cycle.response_complete
        if answered_early and not self.transport.is_closing():
            self._end_rest()
            self._rest_timer = self.loop.call_later(REST_TIMEOUT_S, self._too_slow)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._outgoing.watch_taking()

    def _idle(self) -> bool:
        return self._whole and self.cycle.response_complete

    def _begin_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._too_slow)

    def _end_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end_rest(self) -> None:
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None

    def give_way(self) -> None:
        """End a connection on which no request is under way (RFC 9112 §9.5), for one that may bring one."""
        self._outgoing.hearing = False
        self.transport.close()

    def _refuse_connection(self) -> None:
        """Say so before anything was asked, and let it be read."""
        self.connections.discard(self)  # it has no place, and nobody waits for its end
        self._outgoing.hearing = self.places.may_read(self)
        self.transport.write(_FULL)
        self.transport.close()

    def _refuse_head(self) -> None:
        self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _too_slow(self) -> None:
        self._outgoing.hearing = False
        self.transport.close()


def holding(most: int) -> type[BoundedProtocol]:
    """The protocol of a server that holds at most so many connections open."""
    return type("BoundedProtocol", (BoundedProtocol,), {"places": Places(most)})
