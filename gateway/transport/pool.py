"""A bounded pool of kept connections to one origin."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from gateway.transport.answer import SubgraphAnswer
from gateway.transport.connection import Asker, Connection, ExchangeError
from vereda.errors import OperatorError
from vereda.loopback import is_loopback

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
#: How often, within the time that an answer may take, it is looked whether it is overdue.
_LOOKS: Final = 20


@dataclass(frozen=True, slots=True)
class Address:
    """Where a subgraph is, taken apart once."""

    host: str
    port: int
    tls: bool
    authority: str
    target: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Raises: OperatorError when `url` is not an http(s) URL."""
        try:
            parts = urlsplit(url)
            port = parts.port or _DEFAULT_PORTS[parts.scheme]
        except (KeyError, ValueError):
            raise OperatorError(f"{url!r} is no http or https URL of a subgraph.") from None
        if not parts.hostname or not url.isascii() or any(c.isspace() for c in url):
            raise OperatorError(f"{url!r} is no http or https URL of a subgraph.")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        authority = parts.netloc.rpartition("@")[2]
        return cls(parts.hostname, port, parts.scheme == "https", authority, target)

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)


class Pool:
    """Lends connections: the one used last first, at most `size` at once, later askers in order.

    One clock for all: it looks at what is overdue every so often, and costs an exchange nothing.
    """

    def __init__(
        self,
        address: Address,
        size: int,
        *,
        connect_timeout_s: float,
        answer_timeout_s: float,
        largest_answer: int,
    ) -> None:
        self.address = address
        self._size = size
        self._connect_timeout_s = connect_timeout_s
        self._answer_timeout_s = answer_timeout_s
        self._largest_answer = largest_answer
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._lent = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self._clock: asyncio.TimerHandle | None = None
        self._tls = ssl.create_default_context() if address.tls else None

    def begin(self, request: bytes, asker: Asker) -> bool:
        """Start an exchange if that can be done at once: over a kept connection. False when nothing was done."""
        if self._lent >= self._size:
            return False
        connection = self._kept()
        if connection is None:
            return False
        self._lent += 1
        self._start(connection, request, asker)
        return True

    async def ask(self, request: bytes, *, fresh: bool = False) -> SubgraphAnswer:
        """One exchange over a kept connection if there is one and `fresh` is false, else over a new one.

        Raises: ExchangeError, whose `kept` says whether the connection had been used before.
        """
        connection = await self._acquire(fresh=fresh)
        answer = _Awaited(connection.loop.create_future())
        self._start(connection, request, answer)
        return await answer.future

    def _start(self, connection: Connection, request: bytes, asker: Asker) -> None:
        loop = connection.loop
        self._busy.add(connection)
        if self._clock is None:
            self._clock = loop.call_later(self._answer_timeout_s / _LOOKS, self._look)
        lent = _Lent(self, connection, asker, kept=connection.exchanges > 0)
        connection.exchange(request, lent, loop.time() + self._answer_timeout_s)

    def close(self) -> None:
        """Drop idle connections; those that are lent end when they come back."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()

    def _kept(self) -> Connection | None:
        """An idle connection that is still good."""
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _acquire(self, *, fresh: bool) -> Connection:
        """Raises: ExchangeError when no connection can be had in time."""
        if self._lent >= self._size:
            await self._turn()
        else:
            self._lent += 1
        connection = None if fresh else self._kept()
        if connection is not None:
            return connection
        try:
            return await self._connect()
        except BaseException:
            self._pass_on()
            raise

    def release(self, connection: Connection) -> None:
        self._busy.discard(connection)
        if self._closed:
            connection.abort()
        elif connection.reusable:
            self._idle.append(connection)
        self._pass_on()

    @property
    def under_way(self) -> int:
        """Exchanges that have not ended."""
        return len(self._busy)

    def _look(self) -> None:
        """Give up on answers that are overdue; stop looking when nothing is under way."""
        self._clock = None
        if not self._busy:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in tuple(self._busy):
            connection.expire(now, self._answer_timeout_s)
        self._clock = loop.call_later(self._answer_timeout_s / _LOOKS, self._look)

    async def _turn(self) -> None:
        """Wait until someone who gives a place back passes it on to us."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await asyncio.wait_for(turn, self._connect_timeout_s)
        except TimeoutError:
            raise ExchangeError(f"all {self._size} connections are in use", unsent=True) from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._lent -= 1

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, self._largest_answer),
                    self.address.host,
                    self.address.port,
                    ssl=self._tls,
                )
        except TimeoutError:
            raise ExchangeError(f"no connection within {self._connect_timeout_s:g} s", unsent=True) from None
        except OSError as error:
            raise ExchangeError(f"cannot connect: {error}", unsent=True) from None
        return connection


class _Lent:
    """A connection while it is lent: given back before its asker hears what came of it."""

    __slots__ = ("_asker", "_connection", "_kept", "_pool")

    def __init__(self, pool: Pool, connection: Connection, asker: Asker, *, kept: bool) -> None:
        self._pool = pool
        self._connection = connection
        self._asker = asker
        self._kept = kept

    def answered(self, answer: SubgraphAnswer) -> None:
        self._pool.release(self._connection)
        self._asker.answered(answer)

    def failed(self, error: ExchangeError) -> None:
        self._pool.release(self._connection)
        error.kept = self._kept
        self._asker.failed(error)


class _Awaited:
    """Tells a future. Who gives up waiting gets nothing; the answer is read to its end, and the connection kept."""

    __slots__ = ("future",)

    def __init__(self, future: asyncio.Future[SubgraphAnswer]) -> None:
        self.future = future

    def answered(self, answer: SubgraphAnswer) -> None:
        if not self.future.done():
            self.future.set_result(answer)

    def failed(self, error: ExchangeError) -> None:
        if not self.future.done():
            self.future.set_exception(error)
