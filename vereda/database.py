"""Async Postgres sessions that carry the caller, so that row-level security decides what each may touch.

A transaction sets `vereda.subject`, `vereda.organization`, `vereda.scopes` and `vereda.request_id` with
`set_config(..., is_local => true)`: they end with the transaction and cannot leak through the pool.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from vereda.caller import Caller

_SET_CALLER: Final = text(
    "SELECT set_config('vereda.subject', :subject, true), set_config('vereda.organization', :organization, true),"
    " set_config('vereda.scopes', :scopes, true), set_config('vereda.request_id', :request_id, true)"
)


def plain_url(url: str) -> str:
    """Any way to write a Postgres URL (`postgres://`, `postgresql+asyncpg://`, ...) as `postgresql://`."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


def async_url(url: str) -> str:
    """The URL as SQLAlchemy's asyncpg dialect wants it."""
    return make_url(plain_url(url)).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


class Database:
    """One process's connection pool to its own database."""

    def __init__(
        self, url: str, *, pool_size: int = 8, statement_timeout_s: float = 10.0, name: str = "vereda"
    ) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,  # an error's text goes to logs, and must not hold a client's values (R34)
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "timeout": 5,
                "server_settings": {
                    "application_name": name,
                    "timezone": "UTC",
                    "statement_timeout": str(int(statement_timeout_s * 1000)),
                    "idle_in_transaction_session_timeout": "30000",
                },
            },
        )

    @asynccontextmanager
    async def transaction(
        self, caller: Caller | None, *, read_only: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """One transaction in the caller's name: committed at the end, rolled back on an exception.

        `caller=None` sets nobody, and by row-level security sees and writes no tenant's row.
        `read_only` gives one unchanging snapshot (REPEATABLE READ) for all reads of a request.
        """
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            if read_only:
                await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            if caller is not None:
                await session.execute(_SET_CALLER, _caller_parameters(caller))
            yield session

    async def ping(self) -> None:
        """Raises whatever the driver raises when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


async def act_as_system(session: AsyncSession) -> None:
    """From here to its end, let this transaction pass the owners' policies: for consequences that the caller's own
    act has elsewhere, after that act itself was allowed by the policies."""
    await session.execute(text("SELECT set_config('vereda.scopes', 'system', true)"))


async def take_turns(session: AsyncSession, *about: UUID | str) -> None:
    """Wait until no other transaction is at what `about` names, and keep others waiting until this one ends."""
    digest = hashlib.sha256("\x00".join(map(str, about)).encode()).digest()
    lock = int.from_bytes(digest[:8], "big", signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(lock)))


def _caller_parameters(caller: Caller) -> dict[str, str]:
    return {
        "subject": caller.subject,
        "organization": str(caller.organization),
        "scopes": " ".join(sorted(caller.scopes)),
        "request_id": caller.request_id,
    }


def count_statements(database: Database) -> list[str]:
    """A list that grows by each SQL statement that `database` executes from now on (for tests and `bench/`)."""
    statements: list[str] = []

    def record(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", record)
    return statements
