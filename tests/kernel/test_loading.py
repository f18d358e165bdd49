"""A request's reads come in batches, see one moment of the database, and in the caller's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.kernel.notes.models import IdempotencyRecord, Note
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.context import RequestContext
from vereda.database import Database, count_statements
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.loading import by_key, lists_by, pages_under, rows_by
from vereda.pagination import Order, PageRequest
from vereda.settings import Settings


@asynccontextmanager
async def request_of(
    caller: Caller, database: Database, settings: Settings
) -> AsyncIterator[RequestContext[Any]]:
    context: RequestContext[Any] = RequestContext(caller, database, settings, lambda _context: object())
    try:
        yield context
    finally:
        await context.close()


class Desk:
    """One organisation's notes, and requests in its name."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.caller = caller_of()
        self.statements = count_statements(database)

    async def keep(self, *contents: tuple[str, int]) -> list[Note]:
        async with self.database.transaction(self.caller) as session:
            notes = [Note(organization_id=self.caller.organization, text=t, rank=r) for t, r in contents]
            session.add_all(notes)
        return notes

    def request(self) -> Any:
        return request_of(self.caller, self.database, self.settings)

    def reads(self) -> int:
        """How many statements read notes since this was asked last."""
        found = sum("FROM notes" in statement for statement in self.statements)
        del self.statements[:]
        return found


@pytest.fixture
def desk(notes: Database, settings: Settings) -> Desk:
    return Desk(notes, settings)


async def test_rows_asked_for_one_by_one_are_read_in_one_statement(desk: Desk) -> None:
    kept = await desk.keep(("a", 1), ("b", 2), ("c", 3))
    missing = new_id()

    async with desk.request() as context:
        loader = rows_by(context, Note.id)
        desk.reads()
        found = await asyncio.gather(
            *(loader.load(id_) for id_ in [*(n.id for n in kept), missing, kept[0].id])
        )

    assert [note.text if note else None for note in found] == ["a", "b", "c", None, "a"]
    assert desk.reads() == 1


async def test_a_row_that_was_read_is_not_read_again(desk: Desk) -> None:
    (kept,) = await desk.keep(("a", 1))

    async with desk.request() as context:
        loader = rows_by(context, Note.id)
        desk.reads()
        first = await loader.load(kept.id)
        again = await loader.load(kept.id)

    assert first is again
    assert desk.reads() == 1


async def test_lists_come_in_order_and_are_empty_where_there_is_nothing(desk: Desk) -> None:
    await desk.keep(("b", 1), ("a", 1), ("c", 2))

    async with desk.request() as context:
        loader = lists_by(context, Note.rank, Note.text)
        desk.reads()
        one, two, none = await asyncio.gather(loader.load(1), loader.load(2), loader.load(3))

    assert [[note.text for note in notes] for notes in (one, two, none)] == [["a", "b"], ["c"], []]
    assert desk.reads() == 1


async def test_pages_take_one_statement_for_each_distinct_page_request(desk: Desk) -> None:
    await desk.keep(*((f"{rank}{n}", rank) for rank in (1, 2, 3) for n in range(4)))
    short, long = PageRequest(2), PageRequest(3)

    async with desk.request() as context:
        loader = pages_under(context, Note.rank, (Order(Note.text), Order(Note.id)))
        desk.reads()
        pages = await asyncio.gather(
            *(loader.load(key) for key in ((1, short), (2, short), (3, short), (1, long), (9, long)))
        )

    assert [[note.text for note in page.rows] for page in pages] == [
        ["10", "11"],
        ["20", "21"],
        ["30", "31"],
        ["10", "11", "12"],
        [],
    ]
    assert [page.has_next for page in pages] == [True, True, True, True, False]
    assert desk.reads() == 2


async def test_a_loader_of_ones_own_gives_none_for_what_it_does_not_answer(desk: Desk) -> None:
    asked: list[list[int]] = []

    async def load(_session: AsyncSession, keys: Sequence[int]) -> dict[int, str]:
        asked.append(list(keys))
        return {key: str(key) for key in keys if key % 2}

    async with desk.request() as context:
        loader = by_key(context, load)
        found = await asyncio.gather(*(loader.load(key) for key in (1, 2, 3, 1)))

    assert found == ["1", None, "3", "1"]
    assert asked == [[1, 2, 3]]


async def test_another_organisations_rows_are_not_loaded(
    desk: Desk, notes: Database, settings: Settings
) -> None:
    (kept,) = await desk.keep(("mine", 1))

    async with request_of(caller_of(), notes, settings) as context:
        assert await rows_by(context, Note.id).load(kept.id) is None
        assert await lists_by(context, Note.id).load(kept.id) == []


async def test_all_reads_of_a_request_see_one_moment(desk: Desk) -> None:
    await desk.keep(("early", 1))
    count = select(func.count()).select_from(Note)

    async with desk.request() as context:
        async with context.read() as session:
            before = await session.scalar(count)
        await desk.keep(("meanwhile", 1))
        async with context.read() as session:
            after = await session.scalar(count)

    assert (before, after) == (1, 1)


async def test_resolvers_that_run_side_by_side_take_turns_on_one_connection(desk: Desk) -> None:
    await desk.keep(("a", 1))

    async def read(context: RequestContext[Any]) -> int:
        async with context.read() as session:
            return int((await session.execute(select(func.pg_backend_pid()))).scalar_one())

    async with desk.request() as context:
        backends = await asyncio.gather(*(read(context) for _ in range(20)))

    assert len(set(backends)) == 1


async def test_reads_cannot_write(desk: Desk) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with desk.request() as context, context.read() as session:
            session.add(Note(organization_id=desk.caller.organization, text="smuggled"))
            await session.flush()


async def test_what_a_request_wrote_it_then_reads_with_fresh_loaders(desk: Desk) -> None:
    (kept,) = await desk.keep(("old", 1))

    async with desk.request() as context:
        loaders = context.loaders
        async with context.read() as session:
            assert (await session.get_one(Note, kept.id)).text == "old"
        async with context.write() as session:
            claim = await claim_key(session, IdempotencyRecord, desk.caller, "changeNote", None, None)
            (await session.get_one(Note, kept.id)).text = "new"
            claim.record({})
        async with context.read() as session:
            seen = (await session.get_one(Note, kept.id)).text

        assert seen == "new"
        assert context.loaders is not loaders


async def test_a_write_that_breaks_leaves_nothing_and_the_request_can_go_on(desk: Desk) -> None:
    async with desk.request() as context:
        with pytest.raises(RuntimeError):
            async with context.write() as session:
                session.add(Note(organization_id=desk.caller.organization, text="lost"))
                await session.flush()
                raise RuntimeError
        async with context.read() as session:
            assert await session.scalar(select(func.count()).select_from(Note)) == 0


async def test_a_request_that_is_over_gives_its_connection_back(desk: Desk, notes: Database) -> None:
    pool: Any = notes.requests.sync_engine.pool
    async with desk.request() as context, context.read():
        during = pool.checkedout()
    assert pool.checkedout() == during - 1
