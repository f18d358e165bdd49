"""Delivering a service's feed to those who registered for it: in order to each, to many at the same time.

Each endpoint that there is something for has a task of its own, which sends one event after the other and moves the
endpoint's place on when one has arrived. What an event says is asked for just before it is sent, in the organisation's
name. A receiver that fails is left alone for longer and longer (`retrying`): that is its circuit, since nothing else is
sent to it meanwhile. Half of the places are for receivers that are neither slow nor failing, half for those that are, and
no place holds a connection to the database while it waits for somebody: so no receiver keeps another, or the service,
waiting.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from vereda.caller import Caller, system_caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.errors import ClientError
from vereda.feed.catalogue import PREFIX
from vereda.feed.graph import as_cloud_event
from vereda.feed.policies import GROWN
from vereda.feed.reading import Event, Read, decoded, read
from vereda.idempotency import mark_recorded
from vereda.listening import Listener
from vereda.outbox import emit
from vereda.rounds import NOBODY
from vereda.settings import Settings
from vereda.telemetry import logger, report
from vereda.webhooks import claiming
from vereda.webhooks.claiming import Claimed
from vereda.webhooks.keeping import Webhooks, WebhookSeal
from vereda.webhooks.retrying import given_up, wait
from vereda.webhooks.sending import TRIAL, Channel, Sender, Sent, body_of, trial_body
from vereda.webhooks.signing import signed
from vereda.webhooks.tables import WebhookProblem

#: Channels that are listened on for it.
CHANNELS: Final = (GROWN,)
#: Where nobody called: what is to be tried again becomes due without a call.
_LOOK_EVERY_S: Final = 1.0
#: After so many events in a row others have their turn.
_BURST: Final = 100
#: How far to look for the next event that is wanted, after as many that were not.
_LOOKS: Final = (1, 8, 64)
#: Transactions of all deliveries at the same time: connections are for those who ask.
_TRANSACTIONS: Final = 2


class Deliverer:
    """The deliveries of one process, from `begin` to `end`. `clock` and `chance` are for tests."""

    def __init__(
        self,
        webhooks: Webhooks,
        database: Database,
        settings: Settings,
        listener: Listener | None = None,
        *,
        sender: Sender | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._webhooks = webhooks
        self._database = database
        self._settings = settings
        self._listener = listener
        self._sender = sender or Sender.of(settings)
        self._seal = WebhookSeal(settings)
        self._clock = clock
        self._chance = chance
        self._told = asyncio.Event()
        self._under_way: dict[bool, set[asyncio.Task[None]]] = {False: set(), True: set()}
        self._transactions = asyncio.Semaphore(_TRANSACTIONS)
        self._loop: asyncio.Task[None] | None = None
        self._log = logger("webhooks")
        self._came: Counter[str] = Counter()
        self._ending = False

    def begin(self) -> None:
        if self._loop is None:
            self._loop = asyncio.create_task(self._again_and_again())

    async def end(self) -> None:
        """Stop at once. What was sent and not entered is sent again, by whoever has the lease next."""
        self._ending = True
        tasks = [*self._under_way[False], *self._under_way[True], *([self._loop] if self._loop else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = None

    async def _again_and_again(self) -> None:
        hearing = self._listener.hearing(GROWN, self._hear) if self._listener else nullcontext()
        with hearing:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._told.wait(), _LOOK_EVERY_S)
                self._told.clear()
                try:
                    await self.start_due()
                except Exception as error:  # the database is away: it is looked at again in a moment
                    report(self._log, error)

    def _hear(self, _whose: str | None) -> None:
        self._told.set()

    async def start_due(self) -> int:
        """Begin to deliver to all that there is something for, as far as there are places; to how many."""
        begun = 0
        for slow in (False, True):
            free = self._settings.webhooks_at_once // 2 - len(self._under_way[slow])
            if free <= 0:
                continue
            async with self._transaction() as session:
                found = await claiming.claim(session, self._clock(), free, slow=slow)
            for one in found:
                task = asyncio.create_task(self._deliver(one))
                self._under_way[slow].add(task)
                task.add_done_callback(lambda done, slow=slow: self._over(done, slow=slow))  # type: ignore[misc]
            begun += len(found)
        return begun

    def text(self) -> str:
        """What came of requests, in the Prometheus text format: nothing of whom they were for."""
        lines = ["# TYPE vereda_webhook_requests_total counter"]
        lines += [
            f'vereda_webhook_requests_total{{outcome="{one}"}} {n}' for one, n in sorted(self._came.items())
        ]
        lines.append("# TYPE vereda_webhooks_under_way gauge")
        for slow, tasks in self._under_way.items():
            lines.append(f'vereda_webhooks_under_way{{lane="{"slow" if slow else "quick"}"}} {len(tasks)}')
        return "\n".join(lines) + "\n"

    async def settle(self) -> None:
        """Until nothing is under way."""
        while under_way := [*self._under_way[False], *self._under_way[True]]:
            await asyncio.wait(under_way)

    def _over(self, task: asyncio.Task[None], *, slow: bool) -> None:
        self._under_way[slow].discard(task)
        self._told.set()  # its place is free, and more may have come

    async def _deliver(self, to: Claimed) -> None:
        try:
            async with self._sender.channel(to.url) as channel:
                if to.test_id is not None:
                    await self._try(to, channel)
                if to.active:
                    await self._tell(to, channel)
            async with self._transaction() as session:
                await claiming.release(session, to, self._clock())
        except Exception as error:  # without a word of what was sent; the lease ends by itself
            if not self._ending:  # a session that is cancelled in the middle complains of that
                report(self._log, error, endpoint=str(to.id))

    async def _try(self, to: Claimed, channel: Channel) -> None:
        assert to.test_id is not None
        now = self._clock()
        came = await self._send(
            to, channel, str(to.test_id), trial_body(self._webhooks.name, to.test_id, now)
        )
        async with self._transaction() as session:
            await claiming.tried(session, to, now, came, TRIAL)

    async def _tell(self, to: Claimed, channel: Channel) -> None:
        look = 0
        for _ in range(_BURST):
            try:
                found = await self._read(to, _LOOKS[look])
            except ClientError:  # kept no longer, or of a database that was restored since
                await self._stop(to)
                return
            event = next((one for one in found.events if one.told is not None), None)
            if event is None:
                if found.cursor != to.cursor and not await self._pass(to, found.cursor):
                    return
                if not found.more:
                    return
                look = min(look + 1, len(_LOOKS) - 1)
            elif await self._arrives(to, channel, event):
                look = 0
            else:
                return

    async def _read(self, to: Claimed, first: int) -> Read:
        async with self._transactions:
            reader = self._webhooks.reader(to.id, to.organization_id)
            context = RequestContext[Any](reader, self._database, self._settings, _no_loaders)
            context.now = self._clock()
            try:
                return await read(context, self._webhooks.feed, to.cursor, first, to.types or None)
            finally:
                await context.end()

    async def _pass(self, to: Claimed, cursor: str) -> bool:
        async with self._transaction() as session:
            return await claiming.passed(session, to, self._clock(), cursor, decoded(cursor).number)

    async def _arrives(self, to: Claimed, channel: Channel, event: Event) -> bool:
        """Send it; whether to go on with the next."""
        assert event.told is not None
        body = body_of(as_cloud_event(self._webhooks.name, event))
        came = await self._send(to, channel, str(event.id), body)
        now, type_ = self._clock(), event.told.type
        if came.problem is None:
            place = event.place
            async with self._transaction() as session:
                return await claiming.sent(
                    session, to, now, came, event.id, type_, place.encoded(), place.number
                )
        await self._fail(to, now, came, event)
        return False

    async def _send(self, to: Claimed, channel: Channel, id_: str, body: bytes) -> Sent:
        now = self._clock()
        secrets = self._seal.live(to.id, to.secret, to.former_secret, to.former_until, now)
        came = await channel.send(body, signed(id_, int(now.timestamp()), body, secrets))
        self._came[came.problem.value if came.problem is not None else "ARRIVED"] += 1
        return came

    async def _fail(self, to: Claimed, now: datetime, came: Sent, event: Event) -> None:
        assert event.told is not None
        dead = came.problem is WebhookProblem.GONE or given_up(to.failing_since or now, now)
        due = now + wait(to.failures + 1, self._chance(), came.asked)
        async with self._writing(to) as (session, caller):
            if (
                await claiming.failed(session, to, now, came, event.id, event.told.type, due, dead=dead)
                and dead
            ):
                self._say_stopped(session, caller, to)

    async def _stop(self, to: Claimed) -> None:
        async with self._writing(to) as (session, caller):
            if await claiming.lost(session, to, self._clock()):
                self._say_stopped(session, caller, to)

    def _say_stopped(self, session: AsyncSession, caller: Caller, to: Claimed) -> None:
        """Its organisation finds it in its feed, and among its webhooks."""
        emit(
            session,
            self._webhooks.feed.events,
            caller,
            f"{PREFIX}webhook.stopped",
            to.id,
            (),
            {"id": str(to.id)},
        )

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncSession]:
        caller = system_caller(NOBODY, "webhooks")
        async with self._transactions, self._database.transaction(caller) as session:
            yield session

    @asynccontextmanager
    async def _writing(self, to: Claimed) -> AsyncIterator[tuple[AsyncSession, Caller]]:
        """A transaction in which something can be told to the endpoint's organisation."""
        caller = system_caller(to.organization_id, "webhooks")
        context = RequestContext[Any](caller, self._database, self._settings, _no_loaders)
        async with self._transactions, context.write() as session:
            yield session, caller
            mark_recorded(session)


def _no_loaders(_context: RequestContext[Any]) -> None:
    return None
