"""The gateway's own database: its server is no owner of it, and may do to each table only what a list says.

An organisation's view of these tables, and that of strangers, is tried with those of all other databases.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

import gateway
from gateway.store import FOLDER, Base
from gateway.store.acting import server_caller
from tests.support.databases import Databases, for_want_of_a_right
from tests.walls.rows import Rows, write
from vereda.caller import system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.migrations import BOOKKEEPING

SERVER: Final = server_caller("test")
ALL: Final = {"SELECT", "INSERT", "UPDATE", "DELETE"}
#: What the server may not do to a table; to every other it may do everything. A new table comes and goes, or is entered.
WITHHELD: Final = {
    "oauth_clients": {"DELETE"},
    "people": {"DELETE"},
    "memberships": {"DELETE"},
    "organization_names": {"DELETE"},
    "security_events": {"UPDATE", "DELETE"},
}
TABLES: Final = sorted(Base.metadata.tables)


@pytest_asyncio.fixture(scope="module")
async def filled(databases: Databases) -> tuple[Database, Rows]:
    """A database with a row in each table."""
    database, rows = await databases.migrated("gateway", FOLDER), Rows(Base.metadata, new_id())
    async with database.transaction(system_caller(rows.organization)) as session:
        await write(session, rows)
    return database, rows


async def done(database: Database, statement: Any) -> bool:
    """Whether the server may do this; it is undone."""
    async with database.transaction(SERVER) as session:
        try:
            async with session.begin_nested() as attempt:
                result: Any = await session.execute(statement)
                touched = result.rowcount
                await attempt.rollback()
        except DBAPIError as error:
            if for_want_of_a_right(error):
                return False
            if isinstance(error, IntegrityError):
                return True  # that rows hang on it, or that there is one, is looked at after the policies
            raise
    return bool(touched)


@pytest.mark.parametrize("table", TABLES)
async def test_the_server_does_to_a_table_what_the_list_says(
    filled: tuple[Database, Rows], table: str
) -> None:
    database, rows = filled
    target, values = rows.tables[table], rows.values[table]
    key = next(iter(target.primary_key.columns))
    this = key == values[key.name]

    may = {
        verb
        for verb, statement in {
            "SELECT": select(target).where(this),
            "INSERT": insert(target).values(rows.another(table)),
            "UPDATE": update(target).where(this).values({key.name: key}),
            "DELETE": delete(target).where(this),
        }.items()
        if await done(database, statement)
    }

    assert may == ALL - WITHHELD.get(table, set())


@pytest.mark.parametrize("table", TABLES)
async def test_without_its_scope_the_servers_name_is_worth_nothing(
    filled: tuple[Database, Rows], table: str
) -> None:
    """A statement within the server's transaction that calls itself another takes the seal off."""
    database, rows = filled
    for claim in ("system", "authorization-server system", "authorization-server admin:network"):
        async with database.transaction(SERVER) as session:
            await session.execute(text("SELECT set_config('vereda.scopes', :claim, true)"), {"claim": claim})
            seen = await session.scalar(select(func.count()).select_from(rows.tables[table]))
        assert seen == 0, claim


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE {owner}",
        "ALTER TABLE security_events DISABLE ROW LEVEL SECURITY",
        "DROP POLICY server_select ON people",
        "CREATE POLICY open ON people USING (true)",
        "TRUNCATE people CASCADE",
        "TRUNCATE security_events",
        "CREATE TABLE mine (x int)",
        *(f"SELECT * FROM {table}" for table in sorted(BOOKKEEPING)),
        "COPY people TO PROGRAM 'cat'",
    ],
)
async def test_a_statement_in_the_servers_transaction_does_not_become_the_owners(
    filled: tuple[Database, Rows], statement: str
) -> None:
    database, _ = filled
    with pytest.raises(DBAPIError) as refusal:
        async with database.transaction(SERVER) as session:
            await session.execute(text(statement.format(owner=database.engine.url.username)))

    assert for_want_of_a_right(refusal.value)


async def test_a_new_database_knows_nobody(databases: Databases) -> None:
    """OWASP ASVS 5 §6.3.2: no account, no client and no key that came with the software."""
    database = await databases.migrated("gateway", FOLDER)
    async with database.transaction(system_caller(new_id())) as session:
        rows = {
            name: await session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }

    assert set(rows.values()) == {0}


def test_no_part_of_the_gateway_calls_itself_the_system() -> None:
    """What does is given the owner's connections (`vereda.database`): loaders are, the gateway has none."""
    folder = Path(gateway.__file__).parent
    named = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name | ast.alias)
        and {"system_caller", "SYSTEM_SCOPE"} & {getattr(node, "id", ""), getattr(node, "name", "")}
    }

    assert named == set()
