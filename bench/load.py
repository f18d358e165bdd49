"""Asks one engine, on a fixed number of connections, each sending its next request when it has its answer.

Runs in a process of its own (`python -m bench.load`): a `Job` a line of JSON in, a `Measured` a line of JSON out. It
is callbacks all the way, since it shares the machine with what it measures.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

import httptools
import orjson
import uvloop

from bench import wire

HOST: Final = "127.0.0.1"
TARGET: Final = "/graphql"
_PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    port: int
    connections: int
    seconds: float
    query: str
    variables: dict[str, Any]
    expected: str
    """`fingerprint` of the right answer."""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of the answers that came within the window, which opens when every connection has had its first answer."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    answered: int
    """All answers, those outside the window included."""
    wrong: int
    sample: str
    """The beginning of a wrong answer, if there was one."""

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def fingerprint(answer: bytes) -> str:
    """Equal for answers that are equal byte for byte once their keys are sorted."""
    try:
        canonical = orjson.dumps(orjson.loads(answer), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        canonical = answer
    return hashlib.sha256(canonical).hexdigest()


class _Load:
    """One job under way."""

    def __init__(self, job: Job, loop: asyncio.AbstractEventLoop) -> None:
        body = orjson.dumps({"query": job.query, "variables": job.variables})
        self.request = wire.post(TARGET, HOST, job.port, job.authorization) + b"%d\r\n\r\n%b" % (
            len(body),
            body,
        )
        self.done: asyncio.Future[None] = loop.create_future()
        self.answers = self.wrong = 0
        self.sample = ""
        self._job = job
        self._right: bytes | None = None
        self._taken: list[float] = []
        self._still_first = self._still_open = job.connections
        self._opened = self._closes = 0.0
        self._loop = loop

    def answered(self, started: float, now: float, answer: bytes, first: bool) -> bool:
        """Note an answer; whether the connection shall ask again."""
        self.answers += 1
        if answer != self._right:
            self._check(answer)
        if first:
            self._still_first -= 1
            if not self._still_first:
                self._opened, self._closes = now, now + self._job.seconds
        elif self._opened and now < self._closes:
            self._taken.append(now - started)
        return not self._opened or now < self._closes

    def ended(self) -> None:
        self._still_open -= 1
        if not self._still_open and not self.done.done():
            self.done.set_result(None)

    def failed(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(reason))

    def measured(self) -> Measured:
        taken = sorted(self._taken)
        return Measured(
            len(taken),
            self._job.seconds,
            _quantile(taken, 0.50) * 1000,
            _quantile(taken, 0.99) * 1000,
            self.answers,
            self.wrong,
            self.sample,
        )

    def _check(self, answer: bytes) -> None:
        if fingerprint(answer) == self._job.expected:
            self._right = answer
        else:
            self.wrong += 1
            self.sample = self.sample or answer[:600].decode(errors="replace")


class _Client(asyncio.Protocol):
    """One connection, which asks until the window closes."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._body: list[bytes] = []
        self._started = 0.0
        self._first = True
        self._over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over:
            self._load.failed("the engine closed a connection")

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        answer = b"".join(self._body)
        self._body.clear()
        if self._load.answered(self._started, now, answer, self._first):
            self._first = False
            self._ask()
        else:
            self._over = True
            assert self._transport is not None
            self._transport.close()
            self._load.ended()

    def _ask(self) -> None:
        assert self._transport is not None
        self._started = time.perf_counter()
        self._transport.write(self._load.request)


async def run(job: Job) -> Measured:
    """Raises: ConnectionError, TimeoutError."""
    loop = asyncio.get_running_loop()
    load = _Load(job, loop)
    for _ in range(job.connections):
        await loop.create_connection(lambda: _Client(load), HOST, job.port)
    async with asyncio.timeout(job.seconds + _PATIENCE_S):
        await load.done
    return load.measured()


def _quantile(ordered: list[float], share: float) -> float:
    """Of a sorted list, by nearest rank; infinite where there is nothing."""
    if not ordered:
        return float("inf")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    for line in sys.stdin:
        job = Job(**orjson.loads(line))
        print(orjson.dumps(dataclasses.asdict(uvloop.run(run(job)))).decode(), flush=True)


if __name__ == "__main__":
    main()
