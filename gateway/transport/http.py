"""GraphQL requests to subgraphs over pooled HTTP/1.1 connections."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.transport.answer import SubgraphAnswer, SubgraphUnavailableError
from gateway.transport.breaker import Breaker
from gateway.transport.connection import ExchangeError
from gateway.transport.pool import Address, Pool
from vereda.telemetry import REQUEST_ID_HEADER, request_id

_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """How long, how much and how often, for each subgraph."""

    connect_timeout_s: float = 2.0
    """For a place in the pool, and again for the connection itself."""
    answer_timeout_s: float = 10.0
    """From the request's first byte to the answer's last."""
    largest_answer: int = 32 * 1024 * 1024
    """Bytes of an answer's body."""
    connections: int = 100
    failures_to_open: int = 5
    """Failures in a row after which a subgraph is left alone."""
    rest_s: float = 2.0
    """For so long; then one request tries again."""


class HttpTransport:
    """Sends requests to subgraphs by name. Belongs to one event loop."""

    def __init__(self, urls: Mapping[str, str], limits: TransportLimits | None = None) -> None:
        """`urls`: each subgraph's GraphQL URL. Raises: OperatorError when one is none."""
        self._limits = limits or TransportLimits()
        self._routes: dict[str, _Route] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        """Requests by subgraph and outcome: `answered`, `failed`, or `not tried`."""
        self.route(urls)

    def route(self, urls: Mapping[str, str]) -> None:
        """Take new addresses. Names that are gone stay reachable for requests that still run by an older plan.

        Raises: OperatorError when a URL is none; nothing is changed then.
        """
        addresses = {name: Address.of(url) for name, url in urls.items() if url}
        for name, address in addresses.items():
            known = self._routes.get(name)
            if known is None or known.pool.address != address:
                self._routes[name] = _Route(address, self._limits)
                if known is not None:
                    known.pool.close()

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        """See `Transport.send`. A kept connection that the subgraph had closed is replaced once, silently:
        always when nothing was written on it, otherwise only when the request is `repeatable`."""
        route = self._routes.get(subgraph)
        if route is None:
            raise SubgraphUnavailableError(subgraph, "it has no address")
        clock = asyncio.get_running_loop().time
        if not route.breaker.allows(clock()):
            self.counts[subgraph, "not tried"] += 1
            raise SubgraphUnavailableError(subgraph, "it failed too often; waiting before the next try")
        request = b"".join((route.head, _header_lines(headers), b"%d\r\n\r\n" % len(body), body))
        try:
            answer = await self._exchange(route.pool, request, repeatable)
        except ExchangeError as error:
            route.breaker.failed(clock())
            self.counts[subgraph, "failed"] += 1
            raise SubgraphUnavailableError(subgraph, str(error)) from None
        route.breaker.succeeded()
        self.counts[subgraph, "answered"] += 1
        return answer

    async def check(self, subgraph: str) -> None:
        """Whether the subgraph can serve: its `/health/ready`, or, where it has none, that it answers at all.

        Raises: SubgraphUnavailableError.
        """
        route = self._routes.get(subgraph)
        if route is None:
            raise SubgraphUnavailableError(subgraph, "it has no address")
        try:
            answer = await self._exchange(route.pool, route.probe, repeatable=True)
        except ExchangeError as error:
            raise SubgraphUnavailableError(subgraph, str(error)) from None
        if answer.status >= _SERVER_ERROR:
            raise SubgraphUnavailableError(subgraph, f"its readiness probe says {answer.status}")

    async def close(self) -> None:
        for route in self._routes.values():
            route.pool.close()

    async def _exchange(self, pool: Pool, request: bytes, repeatable: bool) -> SubgraphAnswer:
        connection = await pool.acquire()
        kept = connection.exchanges > 0
        try:
            return await connection.exchange(request, self._limits.answer_timeout_s)
        except ExchangeError as error:
            if not (kept and (error.unsent or (error.unanswered and repeatable))):
                raise
        finally:
            pool.release(connection)
        connection = await pool.acquire(fresh=True)
        try:
            return await connection.exchange(request, self._limits.answer_timeout_s)
        finally:
            pool.release(connection)


class _Route:
    """One subgraph: its pool, its breaker, and what of its requests never changes."""

    __slots__ = ("breaker", "head", "pool", "probe")

    def __init__(self, address: Address, limits: TransportLimits) -> None:
        self.pool = Pool(address, limits.connections, limits.connect_timeout_s, limits.largest_answer)
        self.breaker = Breaker(limits.failures_to_open, limits.rest_s)
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


def _header_lines(headers: Mapping[str, str]) -> bytes:
    """The changing header lines, up to the body's length. Raises: ValueError when one would split the request."""
    rid = request_id.get()
    lines = [f"{REQUEST_ID_HEADER}: {rid}\r\n"] if rid != "-" else []
    for name, value in headers.items():
        if "\r" in value or "\n" in value or "\0" in value:
            raise ValueError(f"header {name} holds a line break")
        lines.append(f"{name}: {value}\r\n")
    lines.append("Content-Length: ")
    return "".join(lines).encode("latin-1")
