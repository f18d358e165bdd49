"""GraphQL requests to subgraphs over pooled HTTP/1.1 connections."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from gateway.transport.answer import SubgraphAnswer, SubgraphUnavailableError
from gateway.transport.breaker import Breaker, RetryBudget, State
from gateway.transport.connection import ExchangeError
from gateway.transport.deadlines import left_ms
from gateway.transport.pool import Address, Pool
from vereda.deadline import HEADER as DEADLINE_HEADER
from vereda.telemetry import REQUEST_ID_HEADER, request_id

_SERVER_ERROR: Final = 500
_OF_PROXIES: Final = frozenset({502, 503, 504})
#: Before a request is sent again after a failure.
_LONGEST_PAUSE_S: Final = 0.05
_DEADLINE_HEADER: Final = DEADLINE_HEADER.encode()


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """How long, how much and how often, for each subgraph."""

    connect_timeout_s: float = 2.0
    """For a place in the pool, and again for the connection itself."""
    answer_timeout_s: float = 10.0
    """From the request's first byte to the answer's last."""
    answer_timeouts_s: Mapping[str, float] = field(default_factory=dict)
    """The same by subgraph, where it differs."""
    largest_answer: int = 32 * 1024 * 1024
    """Bytes of an answer's body."""
    connections: int = 100
    failures_to_open: int = 5
    """Failures in a row after which a subgraph is left alone."""
    rest_s: float = 2.0
    """For so long; then one request tries again."""
    retry_share: float = 0.1
    """Of all requests, how many may be asked again after a failure (`RetryBudget`)."""


class SubgraphHealth(NamedTuple):
    state: State
    openings: int
    retries: int


class HttpTransport:
    """Sends requests to subgraphs by name. Belongs to one event loop."""

    def __init__(self, urls: Mapping[str, str], limits: TransportLimits | None = None) -> None:
        """`urls`: each subgraph's GraphQL URL. Raises: OperatorError when one is none."""
        self._limits = limits or TransportLimits()
        self._routes: dict[str, _Route] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.route(urls)

    def route(self, urls: Mapping[str, str]) -> None:
        """Take new addresses. Names that are gone stay reachable for requests that still run by an older plan.

        Raises: OperatorError when a URL is none; nothing is changed then.
        """
        addresses = {name: Address.of(url) for name, url in urls.items() if url}
        for name, address in addresses.items():
            known = self._routes.get(name)
            if known is None or known.pool.address != address:
                self._routes[name] = _Route(name, address, self._limits, known)
                if known is not None:
                    known.pool.close()

    def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> Awaitable[SubgraphAnswer]:
        """See `Transport.send`. A kept connection that the subgraph had closed is replaced once, silently:
        always when nothing was written on it, otherwise only when the request is `repeatable`.

        Nearly always a kept connection is at hand: then the request is on its way when this returns.
        """
        route = self._routes.get(subgraph)
        if route is None:
            return self._unavailable(subgraph, "it has no address")
        request = b"".join((route.head, _header_lines(headers), b"%d\r\n\r\n" % len(body), body))
        if route.breaker.has_failures:
            return self._carefully(subgraph, route, request, repeatable)
        if self._loop is None:  # kept: to ask for the running loop costs a system call in older Pythons
            self._loop = asyncio.get_running_loop()
        future: asyncio.Future[SubgraphAnswer] = self._loop.create_future()
        if not route.pool.begin(request, _Waiting(self, subgraph, route, request, repeatable, future)):
            return self._carefully(subgraph, route, request, repeatable)
        route.sent += 1
        return future

    async def get(self, subgraph: str, target: str, headers: Mapping[str, str]) -> SubgraphAnswer:
        """Ask for `target`, a path with its query, at the subgraph's origin; it may be asked for twice.

        Raises: SubgraphUnavailableError.
        """
        route = self._routes.get(subgraph)
        if route is None:
            return await self._unavailable(subgraph, "it has no address")
        head = f"GET {target} HTTP/1.1\r\nHost: {route.pool.address.authority}\r\n".encode("ascii")
        request = b"".join((head, _header_lines(headers), b"0\r\n\r\n"))
        return await self._carefully(subgraph, route, request, True)

    async def _unavailable(self, subgraph: str, reason: str) -> SubgraphAnswer:
        raise SubgraphUnavailableError(subgraph, reason)

    async def _carefully(
        self, subgraph: str, route: _Route, request: bytes, repeatable: bool
    ) -> SubgraphAnswer:
        """Where the breaker has a say, or a connection must be waited for."""
        if not route.breaker.allows(asyncio.get_running_loop().time()):
            route.not_tried += 1
            raise SubgraphUnavailableError(subgraph, "it failed too often; waiting before the next try")
        route.sent += 1
        try:
            answer = await route.pool.ask(request)
        except ExchangeError as error:
            return await self.again(subgraph, route, request, error, repeatable)
        if is_no_answer(answer):
            return await self.again(subgraph, route, request, answer, repeatable)
        route.breaker.succeeded(asyncio.get_running_loop().time())
        return answer

    async def again(
        self,
        subgraph: str,
        route: _Route,
        request: bytes,
        first: ExchangeError | SubgraphAnswer,
        repeatable: bool,
    ) -> SubgraphAnswer:
        """After an exchange that came to nothing: once more, where that can do no harm and may help.

        A kept connection that was gone says nothing of the subgraph: there it costs nothing to ask again. Else the budget
        has a say, and a moment passes. Who was too slow is not asked again: the time is gone.

        Raises: SubgraphUnavailableError.
        """
        last: ExchangeError | SubgraphAnswer = first
        if _was_stale(first, repeatable):
            last = await _tried(route, request)
        if _may_help(last, repeatable) and last is first and route.budget.spend(route.sent):
            await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_S))  # noqa: S311 (so that not all come back at once)
            last = await _tried(route, request)
        now = asyncio.get_running_loop().time()
        if isinstance(last, SubgraphAnswer) and not is_no_answer(last):
            route.breaker.succeeded(now)
            return last
        route.breaker.failed(now)
        route.failed += 1
        if isinstance(last, SubgraphAnswer):
            raise SubgraphUnavailableError(subgraph, f"what stands before it says {last.status}")
        raise SubgraphUnavailableError(subgraph, str(last)) from None

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """Requests by subgraph and outcome: `answered`, `failed`, or `not tried`."""
        return {
            (name, outcome): count
            for name, route in self._routes.items()
            for outcome, count in (
                ("answered", route.sent - route.failed - route.pool.under_way),
                ("failed", route.failed),
                ("not tried", route.not_tried),
            )
            if count
        }

    @property
    def health(self) -> dict[str, SubgraphHealth]:
        """How each subgraph's breaker stands, and how often it was asked again."""
        return {
            name: SubgraphHealth(route.breaker.state, route.breaker.openings, route.budget.spent)
            for name, route in self._routes.items()
        }

    async def check(self, subgraph: str) -> None:
        """Whether the subgraph can serve: its `/health/ready`, or, where it has none, that it answers at all.

        Raises: SubgraphUnavailableError.
        """
        route = self._routes.get(subgraph)
        if route is None:
            raise SubgraphUnavailableError(subgraph, "it has no address")
        try:
            answer = await self._probe(route)
        except ExchangeError as error:
            raise SubgraphUnavailableError(subgraph, str(error)) from None
        if answer.status >= _SERVER_ERROR:
            raise SubgraphUnavailableError(subgraph, f"its readiness probe says {answer.status}")

    async def close(self) -> None:
        for route in self._routes.values():
            route.pool.close()

    async def _probe(self, route: _Route) -> SubgraphAnswer:
        try:
            return await route.pool.ask(route.probe)
        except ExchangeError as error:
            if not error.kept:
                raise
            return await route.pool.ask(route.probe, fresh=True)


class _Route:
    """One subgraph: its pool, its breaker, and what of its requests never changes."""

    __slots__ = ("breaker", "budget", "failed", "head", "not_tried", "pool", "probe", "sent")

    def __init__(self, name: str, address: Address, limits: TransportLimits, before: _Route | None) -> None:
        """`before`: the subgraph's route at another address; its requests still count."""
        self.sent: int = before.sent if before else 0
        self.failed: int = before.failed if before else 0
        self.not_tried: int = before.not_tried if before else 0
        self.pool = Pool(
            address,
            limits.connections,
            connect_timeout_s=limits.connect_timeout_s,
            answer_timeout_s=limits.answer_timeouts_s.get(name, limits.answer_timeout_s),
            largest_answer=limits.largest_answer,
        )
        self.breaker = Breaker(limits.failures_to_open, limits.rest_s)
        self.budget = RetryBudget(limits.retry_share)
        self.head = (
            f"POST {address.target} HTTP/1.1\r\n"
            f"Host: {address.authority}\r\n"
            "Content-Type: application/json\r\n"
            "Accept: application/json, application/graphql-response+json;q=0.9\r\n"
            # On one machine, compression costs more than the bytes that it saves.
            f"Accept-Encoding: {'identity' if address.is_loopback else 'gzip, deflate'}\r\n"
        ).encode("ascii")
        self.probe = (
            f"GET /health/ready HTTP/1.1\r\nHost: {address.authority}\r\nAccept: application/json\r\n\r\n"
        ).encode("ascii")


class _Waiting:
    """A request under way for whom its future is awaited."""

    __slots__ = ("_future", "_repeatable", "_request", "_route", "_subgraph", "_transport")

    def __init__(
        self,
        transport: HttpTransport,
        subgraph: str,
        route: _Route,
        request: bytes,
        repeatable: bool,
        future: asyncio.Future[SubgraphAnswer],
    ) -> None:
        self._transport = transport
        self._subgraph = subgraph
        self._route = route
        self._request = request
        self._repeatable = repeatable
        self._future = future

    def answered(self, answer: SubgraphAnswer) -> None:
        if answer.status in _OF_PROXIES and is_no_answer(answer):
            self._again(answer)
            return
        breaker = self._route.breaker
        if breaker.has_failures:
            breaker.succeeded(self._future.get_loop().time())
        if not self._future.done():
            self._future.set_result(answer)

    def failed(self, error: ExchangeError) -> None:
        self._again(error)

    def _again(self, first: ExchangeError | SubgraphAnswer) -> None:
        if self._future.done():  # nobody waits any more
            self._route.breaker.failed(self._future.get_loop().time())
            self._route.failed += 1
            return
        again = self._transport.again(self._subgraph, self._route, self._request, first, self._repeatable)
        asyncio.ensure_future(again).add_done_callback(self._told)

    def _told(self, again: asyncio.Future[SubgraphAnswer]) -> None:
        error = None if again.cancelled() else again.exception()
        if self._future.done():
            return
        if again.cancelled():
            self._future.cancel()
        elif error is not None:
            self._future.set_exception(error)
        else:
            self._future.set_result(again.result())


def is_no_answer(answer: SubgraphAnswer) -> bool:
    """Whether it is what a proxy says in place of a subgraph that cannot be reached (RFC 9110 §15.6.3 to §15.6.5).

    A service of ours may answer 503 itself, with GraphQL in it: that is an answer.
    """
    return answer.status in _OF_PROXIES and not answer.body.lstrip().startswith(b"{")


async def _tried(route: _Route, request: bytes) -> SubgraphAnswer | ExchangeError:
    """Asked again on a new connection; what came of it."""
    try:
        return await route.pool.ask(request, fresh=True)
    except ExchangeError as error:
        return error


def _was_stale(first: ExchangeError | SubgraphAnswer, repeatable: bool) -> bool:
    """Whether a kept connection turned out to be gone, and nothing can have come of the request, or no harm."""
    return (
        isinstance(first, ExchangeError)
        and first.kept
        and (first.unsent or (first.unanswered and repeatable))
    )


def _may_help(last: ExchangeError | SubgraphAnswer, repeatable: bool) -> bool:
    """Whether another try may find the subgraph, or another copy of it, where this one did not."""
    if isinstance(last, SubgraphAnswer):
        return repeatable and is_no_answer(last)
    return last.unsent or (last.unanswered and repeatable)


def _header_lines(headers: Mapping[str, str]) -> bytes:
    """The changing header lines, up to the body's length. Raises: ValueError when one would split the request."""
    rid = request_id.get()
    lines = b"" if rid == "-" else f"{REQUEST_ID_HEADER}: {rid}\r\n".encode()
    left = left_ms()
    if left is not None:
        lines += b"%b: %d\r\n" % (_DEADLINE_HEADER, left)
    if headers:
        lines += _encoded(tuple(headers.items()))
    return lines + b"Content-Length: "


@lru_cache(maxsize=256)
def _encoded(headers: tuple[tuple[str, str], ...]) -> bytes:
    """The caller's header lines, which are the same for each request of its transaction token."""
    for name, value in headers:
        if "\r" in value or "\n" in value or "\0" in value:
            raise ValueError(f"header {name} holds a line break")
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")
