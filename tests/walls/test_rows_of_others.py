"""The last wall: no row of another organisation can be read, changed, removed or made, in any table, by SQL alone.

Generated from the models: a table that is new is tried at once, and fails this suite until `tables.py` says who reads it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import ColumnElement, and_, delete, func, insert, inspect, select, text, true, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.support.databases import Databases, for_want_of_a_right
from tests.support.subgraph import caller_of
from tests.walls.rows import Rows, owners_of, write
from tests.walls.tables import STORES, Readers, Store
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.migrations import BOOKKEEPING, unprotected_tables

EVERY_TABLE = [(store, table) for store in STORES for table in STORES[store].metadata.tables]
ORDINARY = [scope for scope in Scope if scope is not Scope.ADMIN_NETWORK]
OWNER, GIVER = new_id(), new_id()
COORDINATOR = "the coordinator"
STRANGERS: dict[str, Caller | None] = {
    "nobody": None,
    "another organisation": caller_of(None, *ORDINARY),
    COORDINATOR: caller_of(None, *Scope),
}


@dataclass
class Filled:
    """A migrated database with two rows in every table: one of `OWNER`, one of `GIVER`."""

    store: Store
    database: Database
    rows: Rows
    givers: Rows


@pytest_asyncio.fixture(scope="module")
async def filled(databases: Databases) -> AsyncIterator[dict[str, Filled]]:
    made = {}
    for name, store in STORES.items():
        database = await databases.migrated(name, store.folder)
        made[name] = Filled(store, database, Rows(store.metadata, OWNER), Rows(store.metadata, GIVER))
        for rows in (made[name].rows, made[name].givers):
            async with database.transaction(system_caller(rows.organization)) as session:
                await write(session, rows)
    yield made


@pytest.mark.parametrize("name", STORES)
async def test_every_table_is_entered_and_protected(filled: dict[str, Filled], name: str) -> None:
    store, database = filled[name].store, filled[name].database
    async with database.engine.connect() as connection:
        there = set(await connection.run_sync(lambda c: inspect(c).get_table_names()))

    assert set(store.readers) == set(store.metadata.tables) == there - BOOKKEEPING
    assert await unprotected_tables(database) == []


@pytest.mark.parametrize(("name", "table"), EVERY_TABLE)
async def test_its_own_organisation_reads_a_row_where_the_list_says_so(
    filled: dict[str, Filled], name: str, table: str
) -> None:
    """What makes the other tests worth something: the row is there, and can be seen by who may."""
    seen = await count(filled[name], table, caller_of(OWNER, *ORDINARY))

    assert seen == int(filled[name].store.readers[table] not in (Readers.NONE, Readers.COORDINATORS))


@pytest.mark.parametrize(("name", "table"), EVERY_TABLE)
async def test_others_read_a_row_only_where_the_list_says_so(
    filled: dict[str, Filled], name: str, table: str
) -> None:
    readers = filled[name].store.readers[table]
    strangers = {
        Readers.MEMBERS: STRANGERS.keys() - {"nobody"},
        Readers.COORDINATORS: {COORDINATOR},
        Readers.OWNER_AND_COORDINATORS: {COORDINATOR},
    }

    seen = {who: await count(filled[name], table, caller) for who, caller in STRANGERS.items()}

    assert {who for who, rows in seen.items() if rows} == strangers.get(readers, set())


@pytest.mark.parametrize(("name", "table"), EVERY_TABLE)
async def test_others_change_no_row(filled: dict[str, Filled], name: str, table: str) -> None:
    """Whether the row is pointed at or not: an UPDATE that reads nothing asks the policies of UPDATE alone."""
    target, values = filled[name].rows.tables[table], filled[name].rows.values[table]
    statements = [
        update(target).where(condition).values({column: value})
        for condition in (true(), this_row(filled[name], table))
        for column, value in values.items()
    ]

    changed = {who: await affected(filled[name], caller, *statements) for who, caller in STRANGERS.items()}

    assert changed == dict.fromkeys(STRANGERS, 0)


@pytest.mark.parametrize(("name", "table"), EVERY_TABLE)
async def test_others_remove_no_row(filled: dict[str, Filled], name: str, table: str) -> None:
    target = filled[name].rows.tables[table]
    statements = [delete(target).where(condition) for condition in (true(), this_row(filled[name], table))]

    removed = {who: await affected(filled[name], caller, *statements) for who, caller in STRANGERS.items()}

    assert removed == dict.fromkeys(STRANGERS, 0)


@pytest.mark.parametrize(("name", "table"), EVERY_TABLE)
async def test_others_make_no_row_of_an_organisation(
    filled: dict[str, Filled], name: str, table: str
) -> None:
    store = filled[name].store
    rows = Rows(store.metadata, new_id()) if table in store.coordinators else filled[name].rows
    statement = insert(rows.tables[table]).values(rows.another(table))

    made = {who: await affected(filled[name], caller, statement) for who, caller in STRANGERS.items()}

    assert made == {who: int(who == COORDINATOR and table in store.coordinators) for who in STRANGERS}


@pytest.mark.parametrize(
    ("name", "table"), [(n, t) for n, t in EVERY_TABLE if owners_of(STORES[n].metadata.tables[t])]
)
async def test_nobody_gives_a_row_of_theirs_to_another(
    filled: dict[str, Filled], name: str, table: str
) -> None:
    target = filled[name].givers.tables[table]
    owners = owners_of(target)
    for column in owners:
        own = and_(*(target.columns[one] == GIVER for one in owners))
        statement = update(target).where(own).values({column: OWNER})
        assert await affected(filled[name], caller_of(GIVER, *Scope), statement) == 0, column


async def test_a_policy_that_lets_others_through_is_noticed(databases: Databases) -> None:
    """The proof itself can fail: each verb, on a table whose policy was opened."""
    store, rows = STORES["grants"], Rows(STORES["grants"].metadata, OWNER)
    database = await databases.migrated("grants", store.folder)
    async with database.transaction(system_caller(OWNER)) as session:
        await write(session, rows)
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE POLICY open ON outbox_events USING (true) WITH CHECK (true)"))
        await connection.execute(text(f"GRANT ALL ON outbox_events TO {database.request_role}"))
    opened, target = Filled(store, database, rows, rows), rows.tables["outbox_events"]
    stranger = STRANGERS["another organisation"]

    assert await count(opened, "outbox_events", stranger) == 1
    assert await affected(opened, stranger, insert(target).values(rows.another("outbox_events"))) == 1
    assert await affected(opened, stranger, update(target).values(type="changed")) == 1
    assert await affected(opened, stranger, delete(target)) == 1


def this_row(filled: Filled, table: str) -> ColumnElement[bool]:
    target, values = filled.rows.tables[table], filled.rows.values[table]
    known = [target.columns[one] for one in values if one in target.primary_key.columns]
    known = known or [target.columns["organization_id"]]
    return and_(*(column == values[column.name] for column in known))


async def count(filled: Filled, table: str, caller: Caller | None) -> int:
    statement = select(func.count()).select_from(filled.rows.tables[table]).where(this_row(filled, table))
    async with filled.database.transaction(caller) as session:
        try:
            return int(await session.scalar(statement) or 0)
        except DBAPIError as error:
            if for_want_of_a_right(error):
                return 0
            raise


async def affected(filled: Filled, caller: Caller | None, *statements: Any) -> int:
    """How many rows the statements of this caller touch in all; each is rolled back. A refusal touches none."""
    touched = 0
    async with filled.database.transaction(caller) as session:
        for statement in statements:
            async with session.begin_nested() as attempt:
                touched += await _tried(session, statement)
                await attempt.rollback()
    return touched


async def _tried(session: AsyncSession, statement: Any) -> int:
    try:
        result: Any = await session.execute(statement)
    except DBAPIError as error:
        if for_want_of_a_right(error):
            return 0
        raise  # an error of another kind would mean that a policy was passed
    return int(result.rowcount)
