"""The change feed: a place for everything that is told, in one order, and nothing missed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from tests.kernel.conftest import NOTES
from tests.kernel.notes.models import FeedEntry, FeedHead, FeedQueue, OutboxEvent
from tests.support.databases import Databases
from vereda.caller import Caller, system_caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.errors import ClientError, ErrorCode
from vereda.feed.numbering import feed_rounds, forget, number
from vereda.feed.policies import GROWN, WAITING
from vereda.feed.reading import BEGINNING, Feed, Place, Read, Told, decoded, newest, read
from vereda.ids import new_id
from vereda.listening import Listener
from vereda.models import OutboxColumns
from vereda.outbox import emit
from vereda.rounds import NOBODY, Round, Rounds, make
from vereda.settings import Settings

NUMBERING = Round("feed of a test", 3600, number)


async def everything(_context: Any, _session: Any, events: Sequence[OutboxColumns]) -> dict[UUID, Told]:
    return {one.id: Told(one.type, one.subject, one.data) for one in events}


FEED = Feed("notes", OutboxEvent, FeedEntry, FeedHead, everything)


@pytest_asyncio.fixture
async def store(databases: Databases) -> Database:
    """A database of its own: what others tell would stand in the way."""
    return await databases.migrated("notes", NOTES)


class Telling:
    """Organisations that tell each other things, and read their feeds."""

    def __init__(self, store: Database, settings: Settings) -> None:
        self.store, self.settings = store, settings

    async def tell(self, by: UUID, audience: Sequence[UUID] = (), what: str = "note.made") -> str:
        subject = str(new_id())
        async with self.store.transaction(Caller("somebody", by)) as session:
            emit(session, OutboxEvent, Caller("somebody", by), f"org.vereda.{what}", subject, audience, {})
        return subject

    async def number(self) -> int:
        return await make(NUMBERING, self.store, self.settings) or 0

    async def read(self, own: UUID, after: str | None = None, first: int | None = None, **more: Any) -> Read:
        context = self._context(own)
        try:
            return await read(context, more.pop("feed", FEED), after, first, **more)
        finally:
            await context.end()

    async def newest(self, own: UUID) -> str:
        context = self._context(own)
        try:
            return await newest(context, FEED)
        finally:
            await context.end()

    async def subjects(self, own: UUID, after: str | None = None) -> list[str | None]:
        return [one.told.subject if one.told else None for one in (await self.read(own, after, 100)).events]

    def _context(self, own: UUID) -> RequestContext[None]:
        return RequestContext(Caller("reader", own), self.store, self.settings, lambda _context: None)


@pytest.fixture
def telling(store: Database, settings: Settings) -> Telling:
    return Telling(store, settings)


async def test_everybody_told_reads_it_at_the_next_place_of_their_own_feed(telling: Telling) -> None:
    clinic, legal, school = new_id(), new_id(), new_id()
    both = await telling.tell(clinic, [legal])
    alone = await telling.tell(legal)
    await telling.number()

    assert await telling.subjects(clinic) == [both]
    assert await telling.subjects(legal) == [both, alone]
    assert await telling.subjects(school) == []
    assert [one.number for one in (await telling.read(legal)).events] == [1, 2]


async def test_nobody_is_told_twice_who_is_named_twice(telling: Telling) -> None:
    clinic = new_id()
    subject = await telling.tell(clinic, [clinic, clinic])
    await telling.number()

    assert await telling.subjects(clinic) == [subject]


async def test_a_reader_goes_on_where_it_stopped_and_is_told_whether_there_is_more(telling: Telling) -> None:
    clinic = new_id()
    subjects = [await telling.tell(clinic) for _ in range(3)]
    await telling.number()

    one = await telling.read(clinic, first=2)
    other = await telling.read(clinic, one.cursor, first=2)
    end = await telling.read(clinic, other.cursor)

    told = [event.told.subject for event in (*one.events, *other.events) if event.told]
    assert (told, one.more, other.more, end.events, end.more) == (subjects, True, False, (), False)
    assert end.cursor == other.cursor == await telling.newest(clinic)


async def test_what_is_committed_late_gets_a_later_place_and_is_missed_by_nobody(
    telling: Telling, store: Database
) -> None:
    clinic = new_id()
    caller = Caller("somebody", clinic)
    async with store.transaction(caller) as slow:
        emit(slow, OutboxEvent, caller, "org.vereda.note.slow", new_id(), (), {})
        await slow.flush()  # it has the lower number of the outbox, and is not committed yet
        quick = await telling.tell(clinic)
        await telling.number()
        before = await telling.read(clinic)
    await telling.number()
    after = await telling.read(clinic, before.cursor)

    assert [one.told.subject for one in before.events if one.told] == [quick]
    assert [one.told.type for one in after.events if one.told] == ["org.vereda.note.slow"]


async def test_many_who_write_and_several_who_number_leave_no_gap_and_lose_nothing(telling: Telling) -> None:
    organizations = [new_id() for _ in range(4)]
    done = asyncio.Event()

    async def write(by: UUID) -> list[str]:
        return [await telling.tell(by, organizations[n % 4 : n % 4 + 2]) for n in range(12)]

    async def keep_numbering() -> None:
        while not done.is_set():
            await telling.number()

    numbering = [asyncio.create_task(keep_numbering()) for _ in range(2)]
    told = [one for subjects in await asyncio.gather(*map(write, organizations)) for one in subjects]
    done.set()
    await asyncio.gather(*numbering)
    await telling.number()

    found: set[str | None] = set()
    for own in organizations:
        page = await telling.read(own, first=100)
        assert [one.number for one in page.events] == list(range(1, len(page.events) + 1))
        found |= {one.told.subject for one in page.events if one.told}
    assert found == set(told)


async def test_what_may_not_be_known_leaves_its_place_and_nothing_in_it(telling: Telling) -> None:
    clinic = new_id()
    await telling.tell(clinic, what="note.secret")
    await telling.tell(clinic)
    await telling.number()

    async def but_the_secret(
        _context: Any, _session: Any, events: Sequence[OutboxColumns]
    ) -> dict[UUID, Told]:
        return {k: v for k, v in (await everything(None, None, events)).items() if "secret" not in v.type}

    page = await telling.read(clinic, feed=replace(FEED, tells=but_the_secret))

    assert [one.told is None for one in page.events] == [True, False]
    assert [one.number for one in page.events] == [1, 2]


async def test_of_wanted_types_alone_is_said_something_and_the_cursor_moves_on(telling: Telling) -> None:
    clinic = new_id()
    await telling.tell(clinic, what="note.made")
    await telling.tell(clinic, what="note.kept")
    await telling.number()

    page = await telling.read(clinic, types=["org.vereda.note.made"])
    none = await telling.read(clinic, page.cursor, types=["org.vereda.note.made"])

    assert [one.told.type for one in page.events if one.told] == ["org.vereda.note.made"]
    assert (page.cursor, none.events) == (await telling.newest(clinic), ())


async def test_places_are_kept_as_long_as_the_setting_says_and_the_newest_always(
    telling: Telling, store: Database, settings: Settings
) -> None:
    clinic, legal = new_id(), new_id()
    await telling.tell(clinic, [legal])
    await telling.number()
    first = (await telling.read(clinic)).cursor
    for _ in range(3):
        await telling.tell(clinic)
    await telling.number()
    third = (await telling.read(clinic, first, 2)).cursor

    later = datetime.now(UTC) + timedelta(days=settings.events_kept_days, minutes=1)
    forgotten = await make(Round("forget in a test", 3600, forget), store, settings, lambda: later)

    assert forgotten == 3  # two of the clinic's four but its newest, and none of the only one of the other
    with pytest.raises(ClientError) as refused:
        await telling.read(clinic, first)
    assert refused.value.code is ErrorCode.CURSOR_EXPIRED
    assert (
        len((await telling.read(clinic, third)).events) == 1
    )  # who has seen all that is gone, misses nothing
    assert len(await telling.subjects(clinic)) == 1
    assert len(await telling.subjects(legal)) == 1
    async with store.transaction(system_caller(NOBODY)) as session:
        assert len((await session.scalars(select(OutboxEvent.id))).all()) == 2


async def test_a_cursor_of_a_database_that_was_since_restored_is_refused(
    telling: Telling, store: Database
) -> None:
    clinic = new_id()
    for _ in range(2):
        await telling.tell(clinic)
    await telling.number()
    ahead = (await telling.read(clinic)).cursor
    async with store.transaction(
        system_caller(NOBODY)
    ) as session:  # as a backup would have it that ended before
        await session.execute(delete(FeedEntry).where(FeedEntry.place == 2))
        await session.execute(text("UPDATE feed_heads SET place = 1"))

    async def refused() -> ErrorCode:
        with pytest.raises(ClientError) as error:
            await telling.read(clinic, ahead)
        return error.value.code

    assert await refused() is ErrorCode.BAD_CURSOR
    await telling.tell(clinic)  # another stands at the place now
    await telling.number()
    assert await refused() is ErrorCode.BAD_CURSOR


@given(st.text(max_size=40))
def test_what_is_no_cursor_is_refused_in_words(given_: str) -> None:
    with pytest.raises(ClientError) as refused:
        decoded("not " + given_)  # a space is in no cursor
    assert refused.value.code is ErrorCode.BAD_CURSOR


def test_a_cursor_reads_as_what_it_was_written_from() -> None:
    place = Place(7, new_id())

    assert (decoded(place.encoded()), decoded(BEGINNING.encoded()), decoded(None)) == (
        place,
        BEGINNING,
        BEGINNING,
    )


async def test_no_organisation_reads_anothers_feed_and_none_writes_in_one(
    telling: Telling, store: Database
) -> None:
    clinic, legal = new_id(), new_id()
    await telling.tell(clinic)
    await telling.number()

    async with store.transaction(Caller("somebody", legal)) as session:
        assert (await session.scalars(select(FeedEntry.place))).all() == []
        assert (await session.scalars(select(FeedHead.place))).all() == []
    for statement in (
        "DELETE FROM feed_entries",
        "SELECT count(*) FROM feed_queue",
        "UPDATE feed_heads SET place = 9",
    ):
        with pytest.raises(Exception, match="permission denied"):
            async with store.transaction(Caller("somebody", clinic)) as session:
                await session.execute(text(statement))


async def test_numbering_is_woken_by_what_is_told(
    telling: Telling, store: Database, settings: Settings
) -> None:
    """With a pace of an hour, a place can only come from having been told."""
    clinic, grown = new_id(), asyncio.Event()
    listener = Listener(store, (WAITING, GROWN))
    rounds = Rounds([replace(feed_rounds()[0], every_s=3600)], store, settings, listener)
    with listener.hearing(GROWN, lambda whose: grown.set() if whose == str(clinic) else None):
        listener.begin()
        rounds.begin()
        try:
            await telling.tell(clinic)
            await asyncio.wait_for(grown.wait(), 20)
        finally:
            await rounds.end()
            await listener.end()

    assert len(await telling.subjects(clinic)) == 1


async def test_a_listener_that_lost_its_connection_listens_again_and_wakes_everybody(
    store: Database, databases: Databases
) -> None:
    heard: asyncio.Queue[str | None] = asyncio.Queue()
    listener = Listener(store, ("a_channel",))
    with listener.hearing("a_channel", heard.put_nowait):
        listener.begin()
        try:
            assert await asyncio.wait_for(heard.get(), 20) is None  # it listens
            administrator = await asyncpg.connect(databases.admin_url)
            await administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'vereda-listener' AND datname = $1",
                store.engine.url.database,
            )
            await administrator.close()
            assert await asyncio.wait_for(heard.get(), 20) is None
            async with store.transaction(system_caller(NOBODY)) as session:
                await session.execute(text("SELECT pg_notify('a_channel', 'said')"))
            assert await asyncio.wait_for(heard.get(), 20) == "said"
        finally:
            await listener.end()


async def test_the_queue_is_empty_when_everything_has_its_place(telling: Telling, store: Database) -> None:
    await telling.tell(new_id())
    await telling.number()

    async with store.transaction(system_caller(NOBODY)) as session:
        assert (await session.scalars(select(FeedQueue.event_sequence))).all() == []
