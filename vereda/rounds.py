"""What a service does on its own, again and again: clocks that run out, what is kept no longer, checkpoints.

    async def expire(context: RequestContext[Any]) -> int:
        async with context.write() as session:
            rows = await session.scalars(overdue(context.now).limit(100).with_for_update(skip_locked=True))
            ...
            mark_recorded(session)  # what is not recorded is not committed
            return len(rows)

    SERVICE = Service(..., rounds=(Round("expire", 60, expire),))

An act handles one bounded batch, as the system (`vereda.caller.SYSTEM_SCOPE`), and says how many rows it handled: it is
called again at once until that is 0. Of several replicas one at a time makes a round, by an advisory lock. The lock
saves work and does not make it right: a process that lost its connection may still be at its last batch when another
begins, so that an act locks the rows that it changes, and is itself what makes its work happen once.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from vereda.caller import system_caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.listening import Listener
from vereda.settings import Settings
from vereda.telemetry import logger, report, request_id

#: In whose name the system acts: an organisation that there is not.
NOBODY: Final = UUID(int=0)
#: A process that has just started does not begin with all of its rounds in the same moment.
_FIRST_WITHIN_S: Final = 30.0
#: After an error the next try waits this long, then twice that, and so on up to the round's own pace.
_AGAIN_AFTER_S: Final = 5.0
#: Each wait is off its length by at most this share, so that replicas do not keep meeting at the lock.
_JITTER: Final = 0.1


@dataclass(frozen=True, slots=True)
class Round:
    """One thing that is done every `every_s` seconds. `name` is fixed: it names the lock, the log lines, the counts.

    `wakes_on`: the channel of Postgres on which is told that there is something to do, for what cannot wait. All replicas
    make such a round, and its act takes turns itself: who was told must not find that another had looked just before.
    """

    name: str
    every_s: float
    act: Callable[[RequestContext[Any]], Awaitable[int]]
    wakes_on: str | None = None


async def make(
    round_: Round,
    database: Database,
    settings: Settings,
    clock: Callable[[], datetime] | None = None,
) -> int | None:
    """Make the round once: batch after batch until nothing is left. `clock` tells each batch its `context.now`.

    Returns how many rows were handled; None where another process is at it. Raises whatever the act raises.
    """
    if round_.wakes_on is not None:
        return await _batches(round_, database, settings, clock)
    async with _alone(database, round_.name) as alone:
        return await _batches(round_, database, settings, clock) if alone else None


async def _batches(
    round_: Round, database: Database, settings: Settings, clock: Callable[[], datetime] | None
) -> int:
    total = 0
    while handled := await _batch(round_, database, settings, clock):
        total += handled
    return total


async def _batch(
    round_: Round, database: Database, settings: Settings, clock: Callable[[], datetime] | None
) -> int:
    context: RequestContext[Any] = RequestContext(
        system_caller(NOBODY, f"round {round_.name}"), database, settings, _no_loaders
    )
    if clock is not None:
        context.now = clock()
    try:
        return await round_.act(context)
    finally:
        await context.end()


def _no_loaders(_context: RequestContext[Any]) -> NoReturn:
    raise TypeError("a round resolves no graph, and has no loaders")


@asynccontextmanager
async def _alone(database: Database, name: str) -> AsyncIterator[bool]:
    """Whether this is the one process that makes the round now. The lock ends with its connection, at the latest."""
    lock = int.from_bytes(hashlib.sha256(f"round\x00{name}".encode()).digest()[:8], "big", signed=True)
    async with database.engine.connect() as connection:
        # No transaction stays open meanwhile: Postgres ends those that do nothing.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        taken = await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock})
        try:
            yield bool(taken)
        finally:
            if taken:
                await _give_back(connection, lock)


async def _told_within(told: asyncio.Event, wait_s: float) -> None:
    """Until `told` is set, but no longer than `wait_s`."""
    with suppress(TimeoutError):
        await asyncio.wait_for(told.wait(), wait_s)


async def _give_back(connection: AsyncConnection, lock: int) -> None:
    try:
        await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": lock})
    except BaseException:
        await connection.invalidate()  # the pool must not keep one that holds the lock
        raise


def _jittered(length_s: float) -> float:
    return length_s * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads work, and keeps no secret


class Rounds:
    """The rounds of one process: tasks from `begin` to `end`, and what they have counted since."""

    def __init__(
        self,
        rounds: Iterable[Round],
        database: Database,
        settings: Settings,
        listener: Listener | None = None,
    ) -> None:
        self._rounds = tuple(rounds)
        self._listener = listener
        self._database = database
        self._settings = settings
        self._tasks: list[asyncio.Task[None]] = []
        self._log = logger("rounds")
        self._rows: Counter[str] = Counter()
        self._made: Counter[tuple[str, str]] = Counter()
        self._last: dict[str, float] = {}

    def begin(self) -> None:
        self._tasks = [asyncio.create_task(self._again_and_again(one)) for one in self._rounds]

    async def end(self) -> None:
        """Stop at once: what a batch has not committed is rolled back, and done by the next process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _again_and_again(self, round_: Round) -> None:
        request_id.set(f"round-{round_.name}")
        told = asyncio.Event()
        wait_s, failures = random.uniform(0, min(round_.every_s, _FIRST_WITHIN_S)), 0  # noqa: S311 - spreads work
        with self._hearing(round_, told):
            while True:
                # What has just failed waits its time, whoever calls.
                await (asyncio.sleep(wait_s) if failures else _told_within(told, wait_s))
                told.clear()
                failures = 0 if await self.once(round_) else failures + 1
                again_s = _AGAIN_AFTER_S * 2 ** min(failures - 1, 20) if failures else round_.every_s
                wait_s = _jittered(min(round_.every_s, again_s))

    def _hearing(self, round_: Round, told: asyncio.Event) -> AbstractContextManager[None]:
        if self._listener is None or round_.wakes_on is None:
            return nullcontext()
        return self._listener.hearing(round_.wakes_on, lambda _payload: told.set())

    async def once(self, round_: Round) -> bool:
        """Make the round and count it. An error is logged without its words (R34): False."""
        try:
            rows = await make(round_, self._database, self._settings)
        except Exception as error:
            self._made[round_.name, "failed"] += 1
            report(self._log, error, round=round_.name)
            return False
        self._made[round_.name, "left to another" if rows is None else "made"] += 1
        if rows is not None:
            self._rows[round_.name] += rows
            self._last[round_.name] = datetime.now(UTC).timestamp()
        if rows:
            # What is woken by each change is not told at each.
            say = self._log.info if round_.wakes_on is None else self._log.debug
            say("round", round=round_.name, rows=rows)
        return True

    def text(self) -> str:
        """The counts in the Prometheus text format: names of rounds and numbers, nothing of anybody."""
        lines = ["# TYPE vereda_rounds_total counter"]
        for (name, outcome), count in sorted(self._made.items()):
            lines.append(f'vereda_rounds_total{{round="{name}",outcome="{outcome}"}} {count}')
        lines.append("# TYPE vereda_round_rows_total counter")
        lines += [f'vereda_round_rows_total{{round="{name}"}} {n}' for name, n in sorted(self._rows.items())]
        lines.append("# TYPE vereda_round_last_timestamp_seconds gauge")
        for name, at in sorted(self._last.items()):
            lines.append(f'vereda_round_last_timestamp_seconds{{round="{name}"}} {at:.3f}')
        return "\n".join(lines) + "\n"

    def route(self, *others: Callable[[], str]) -> Route:
        """`/metrics` of the process; `others` count what is no round."""

        async def show(_request: Request) -> PlainTextResponse:
            text = "".join(count() for count in (self.text, *others))
            return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

        return Route("/metrics", show, methods=["GET"])
