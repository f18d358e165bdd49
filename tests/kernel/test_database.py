"""Sessions carry the caller, and row-level security alone decides what each may touch."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from tests.kernel.conftest import NOTES
from tests.kernel.notes.models import Base, Note, OutboxEvent
from tests.support.databases import Databases
from tests.support.subgraph import caller_of
from vereda.database import Database
from vereda.ids import new_id
from vereda.migrations import differences, migrate, unprotected_tables
from vereda.outbox import emit


async def test_a_session_without_a_caller_reads_nothing_and_writes_nothing(notes: Database) -> None:
    owner = caller_of()
    async with notes.transaction(owner) as session:
        session.add(Note(organization_id=owner.organization, text="mine"))

    async with notes.transaction(None) as session:
        seen = await session.scalar(select(func.count()).select_from(Note))
        changed = (await session.execute(update(Note).values(text="theirs"))).rowcount  # type: ignore[attr-defined]

    assert (seen, changed) == (0, 0)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with notes.transaction(None) as session:
            session.add(Note(organization_id=owner.organization, text="smuggled in"))


async def test_an_organization_cannot_write_in_the_name_of_another(notes: Database) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with notes.transaction(caller_of()) as session:
            session.add(Note(organization_id=new_id(), text="forged"))


async def test_the_caller_ends_with_the_transaction_and_does_not_stay_in_the_pool(notes: Database) -> None:
    owner = caller_of()
    async with notes.transaction(owner) as session:
        session.add(Note(organization_id=owner.organization, text="mine"))
        backend = await session.scalar(text("SELECT pg_backend_pid()"))

    for _ in range(20):
        async with notes.transaction(None) as session:
            assert await session.scalar(text("SELECT vereda_organization()")) is None
            if await session.scalar(text("SELECT pg_backend_pid()")) == backend:
                return
    pytest.fail("the pool never gave the same connection again")


async def test_every_table_forces_row_level_security(notes: Database) -> None:
    assert await unprotected_tables(notes) == []


async def test_the_role_of_a_service_can_neither_bypass_policies_nor_be_superuser(notes: Database) -> None:
    async with notes.transaction(None) as session:
        row = (
            await session.execute(
                text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            )
        ).one()

    assert tuple(row) == (False, False)


async def test_migrations_give_exactly_what_the_models_say(notes: Database) -> None:
    assert await differences(notes, Base.metadata) == []


async def test_replicas_that_start_together_migrate_once(databases: Databases) -> None:
    fresh = await databases.empty("together")

    await asyncio.gather(*(migrate(fresh, NOTES) for _ in range(4)))

    assert await differences(fresh, Base.metadata) == []


async def test_a_row_that_was_changed_meanwhile_is_not_overwritten(notes: Database) -> None:
    owner = caller_of()
    async with notes.transaction(owner) as session:
        note = Note(organization_id=owner.organization, text="first")
        session.add(note)

    with pytest.raises(StaleDataError):
        async with notes.transaction(owner) as mine:
            read = await mine.get_one(Note, note.id)
            async with notes.transaction(owner) as theirs:
                (await theirs.get_one(Note, note.id)).text = "theirs"
            read.text = "mine"

    async with notes.transaction(owner) as session:
        kept = await session.get_one(Note, note.id)
        assert (kept.text, kept.version) == ("theirs", 2)


async def test_an_event_is_kept_with_the_change_or_not_at_all(notes: Database) -> None:
    owner, told, stranger = caller_of(), caller_of(), caller_of()
    async with notes.transaction(owner) as session:
        emit(session, OutboxEvent, owner, "org.vereda.note.made", "n1", [told.organization], {})
    with pytest.raises(RuntimeError):
        async with notes.transaction(owner) as session:
            emit(session, OutboxEvent, owner, "org.vereda.note.lost", "n2", [told.organization], {})
            await session.flush()
            raise RuntimeError

    async def heard(by: object) -> list[str]:
        async with notes.transaction(by) as session:  # type: ignore[arg-type]
            return list(await session.scalars(select(OutboxEvent.type)))

    assert await heard(owner) == await heard(told) == ["org.vereda.note.made"]
    assert await heard(stranger) == []
