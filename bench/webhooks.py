"""How long after a change is committed a receiver has it, and how quickly many receivers are told of a lot.

Postgres, the service's rounds, its deliverer and the receivers share this machine; receivers and deliverer even a process,
so that what is measured is somewhat more than what delivering takes.
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from services.partners.app import SERVICE
from services.partners.models import OutboxEvent
from services.partners.operations.webhooks import WEBHOOKS
from vereda.caller import Caller, Scope
from vereda.context import RequestContext
from vereda.database import Database
from vereda.feed.numbering import feed_rounds, number
from vereda.feed.policies import GROWN, WAITING
from vereda.ids import new_id
from vereda.listening import Listener
from vereda.migrations import migrate
from vereda.outbox import emit
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision
from vereda.rounds import Round, Rounds, make
from vereda.secrets import Secrets
from vereda.settings import Settings
from vereda.telemetry import configure_logging
from vereda.webhooks import registering
from vereda.webhooks.delivering import Deliverer

#: Events a second while latency is measured.
_RATE: Final = 20
_RECEIVERS: Final = 100
_PATIENCE_S: Final = 600.0
_ANSWER: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Delivered:
    """`p50_ms`, `p99_ms`: from commit to receiver, of `changes` one after the other; `seconds`: for all `deliveries`, in which this
    process worked for `worked_s`."""

    changes: int
    p50_ms: float
    p99_ms: float
    deliveries: int
    seconds: float
    worked_s: float


@dataclass
class Receivers:
    """One server for all of them: when each subject came, and how much came in all."""

    at: dict[str, float] = field(default_factory=dict)
    count: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                body = orjson.loads(await reader.readexactly(length))
                self.at[body["subject"]] = time.perf_counter()
                self.count += 1
                self.came.set()
                writer.write(_ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while not done():
                self.came.clear()
                await self.came.wait()


def measure(changes: int, events: int) -> Delivered:
    """`events`: that each of the receivers is told of."""
    return asyncio.run(_measured(changes, events))


async def _measured(changes: int, events: int) -> Delivered:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedPostgres(home / "postgres", Secrets(home / "secrets"))
        await server.start()
        try:
            urls = await provision(server.admin_url, {"partners": secrets.token_urlsafe(12)})
            database = Database(urls["partners"])
            await migrate(database, SERVICE.folder)
            settings = Settings(home=home, log_level="WARNING")
            configure_logging(settings, "bench")
            bench = _Bench(database, settings, Receivers())
            spent = await bench.latencies(changes)
            seconds, worked_s = await bench.fan_out(events)
            await database.close()
        finally:
            await server.stop()
    quantiles = statistics.quantiles(spent, n=100)
    return Delivered(changes, quantiles[49], quantiles[98], _RECEIVERS * events, seconds, worked_s)


@dataclass
class _Bench:
    database: Database
    settings: Settings
    receivers: Receivers

    async def latencies(self, changes: int) -> list[float]:
        """From commit to receiver, in ms."""
        listener = Listener(self.database, (WAITING, GROWN))
        rounds = Rounds([feed_rounds()[0]], self.database, self.settings, listener)
        deliverer = Deliverer(WEBHOOKS, self.database, self.settings, listener)
        socket = await asyncio.start_server(self.receivers.serve, "127.0.0.1", 0)
        own = new_id()
        await self._register(own, socket)
        listener.begin()
        rounds.begin()
        deliverer.begin()
        spent = []
        try:
            for n in range(changes + 1):
                subject = await self._tell(own, ())
                committed = time.perf_counter()
                await self.receivers.until(lambda subject=subject: subject in self.receivers.at)  # type: ignore[misc]
                if n:  # the first finds nothing ready
                    spent.append((self.receivers.at[subject] - committed) * 1000)
                await asyncio.sleep(1 / _RATE)
        finally:
            await deliverer.end()
            await rounds.end()
            await listener.end()
            socket.close()
        return spent

    async def fan_out(self, events: int) -> tuple[float, float]:
        """Seconds for all of what happened to arrive at everybody, and those that this process worked meanwhile."""
        socket = await asyncio.start_server(self.receivers.serve, "127.0.0.1", 0)
        organizations = [new_id() for _ in range(_RECEIVERS)]
        for one in organizations:
            await self._register(one, socket)
        for _ in range(events):
            await self._tell(organizations[0], organizations)
        await make(Round("bench feed", 3600, number), self.database, self.settings)
        wanted = self.receivers.count + _RECEIVERS * events
        deliverer = Deliverer(WEBHOOKS, self.database, self.settings)
        began, worked = time.perf_counter(), time.process_time()
        deliverer.begin()
        try:
            await self.receivers.until(lambda: self.receivers.count >= wanted)
        finally:
            await deliverer.end()
            socket.close()
        return time.perf_counter() - began, time.process_time() - worked

    async def _register(self, own: UUID, socket: asyncio.Server) -> None:
        url = f"http://127.0.0.1:{socket.sockets[0].getsockname()[1]}/"
        caller = Caller("bench", own, frozenset({Scope.ADMIN_ORGANIZATION.value}))
        context: RequestContext[Any] = RequestContext(
            caller, self.database, self.settings, SERVICE.make_loaders
        )
        types = ["org.vereda.service."]
        await registering.register(context, WEBHOOKS, url, types, None, None, str(new_id()))
        await context.end()

    async def _tell(self, by: UUID, audience: Sequence[UUID]) -> str:
        subject, caller = str(new_id()), Caller("bench", by)
        async with self.database.transaction(caller) as session:
            emit(session, OutboxEvent, caller, "org.vereda.service.updated", subject, audience, {})
        return subject


def table(found: Delivered) -> str:
    rate, each = found.deliveries / found.seconds, 1000 * found.worked_s / found.deliveries
    return (
        f"commit -> receiver, {found.changes} changes: p50 {found.p50_ms:.1f} ms, p99 {found.p99_ms:.1f} ms\n"
        f"{found.deliveries:,} deliveries to {_RECEIVERS} receivers: {found.seconds:.1f} s, {rate:.0f} a second,"
        f" {each:.1f} ms of this process for each"
    )
