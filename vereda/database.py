"""Async Postgres sessions that carry the caller, so that row-level security decides what each may touch.

Two roles of Postgres reach a database. Its owner migrates it and loads data as the system. What a caller asks for runs
in the role of requests, which owns nothing, and for which the scope `system` means nothing: whatever a statement says
of itself, it cannot become the owner, nor another caller (docs/decisions/0017).

A transaction sets `vereda.subject`, `vereda.organization`, `vereda.scopes`, the seal of these three
(`vereda.sealed_caller`) and `vereda.request_id` with `set_config(..., is_local => true)`: they end with the transaction
and cannot leak through the pool.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, any_, event, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import InstrumentedAttribute

from vereda.caller import SYSTEM_SCOPE, Caller
from vereda.sealed_caller import Seal, parts_of

#: What the name of the role of requests has after its owner's.
REQUEST_ROLE: Final = "_request"
_NAME: Final = (
    "SELECT set_config('vereda.subject', :subject, true), set_config('vereda.organization', :organization, true),"
    " set_config('vereda.scopes', :scopes, true), set_config('vereda.seal', :seal, true)"
)
_SET_NAME: Final = text(_NAME)
_SET_CALLER: Final = text(
    f"{_NAME}, set_config('vereda.request_id', :request_id, true),"
    " set_config('statement_timeout', :timeout, true)"
)


def plain_url(url: str) -> str:
    """Any way to write a Postgres URL (`postgres://`, `postgresql+asyncpg://`, ...) as `postgresql://`."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


def async_url(url: str) -> str:
    """The URL as SQLAlchemy's asyncpg dialect wants it."""
    return make_url(plain_url(url)).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def request_url(url: str) -> str:
    """The URL of the role of requests, beside the owner's: its name with `_request`, the same password."""
    owner = make_url(plain_url(url))
    return owner.set(username=f"{owner.username}{REQUEST_ROLE}").render_as_string(hide_password=False)


class Database:
    """One process's connections to its own database: `engine` as its owner, `requests` in the role of requests.

    Neither connects before it is used.
    """

    def __init__(
        self,
        url: str,
        requests: str | None = None,
        *,
        pool_size: int = 8,
        statement_timeout_s: float = 10.0,
        name: str = "vereda",
    ) -> None:
        """`url` is the owner's; `requests` that of the role of requests, `request_url(url)` by default."""

        def pool(to: str) -> AsyncEngine:
            return create_async_engine(
                async_url(to),
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
                        # What policies ask makes plans look costly that take a millisecond; compiling them takes 200.
                        "jit": "off",
                    },
                },
            )

        self._statement_timeout_s = statement_timeout_s
        self.engine = pool(url)
        self.requests = pool(requests or request_url(url))
        self._seal: Seal | None = None
        self._audited: bool | None = None

    @property
    def request_role(self) -> str:
        return str(self.requests.url.username)

    @asynccontextmanager
    async def transaction(
        self, caller: Caller | None, *, read_only: bool = False, within_s: float | None = None
    ) -> AsyncIterator[AsyncSession]:
        """One transaction in the caller's name: committed at the end, rolled back on an exception.

        `caller=None` sets nobody, and by row-level security sees and writes no tenant's row. Our own loaders alone
        (`system_caller`) work as the database's owner.
        `read_only` gives one unchanging snapshot (REPEATABLE READ) for all reads of a request. `within_s` bounds each of
        its statements, where that is less than the setting.
        """
        system = caller is not None and SYSTEM_SCOPE in caller.scopes
        pool = self.engine if system else self.requests
        seal = None if system or caller is None else self._seal or await self.read_seal()
        async with AsyncSession(pool, expire_on_commit=False) as session, session.begin():
            if read_only:
                await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            if caller is not None:
                bound_s = min(self._statement_timeout_s, within_s or self._statement_timeout_s)
                await session.execute(_SET_CALLER, _caller_parameters(caller, seal, bound_s))
            yield session

    @asynccontextmanager
    async def as_another(self, session: AsyncSession, caller: Caller, back: Caller) -> AsyncIterator[None]:
        """What is asked of `session` within is asked in the name of `caller`; afterwards in that of `back`, as before.

        For a transaction that has to know what somebody else may see; a second one beside it would keep two connections
        for one piece of work, and many at once would wait for each other's. Neither may be the owner's (`system_caller`).
        """
        seal = self._seal or await self.read_seal()
        await session.flush()
        await session.execute(_SET_NAME, _name_parameters(caller, seal))
        yield
        await session.execute(_SET_NAME, _name_parameters(back, seal))

    async def read_seal(self) -> Seal:
        """Read, as the owner, the key under which callers are sealed: once for a process."""
        async with self.engine.connect() as connection:
            inner = await connection.scalar(text("SELECT inner_key FROM caller_seal"))
        self._seal, self._audited = Seal(inner), None
        return self._seal

    async def audited(self, session: AsyncSession) -> bool:
        """Whether this database has an audit (`vereda.audit`): looked up once."""
        if self._audited is None:
            found = await session.scalar(text("SELECT to_regclass('public.audit_entries') IS NOT NULL"))
            self._audited = bool(found)
        return self._audited

    async def ping(self) -> None:
        """Raises whatever the driver raises when the database does not answer."""
        async with self.requests.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()
        await self.requests.dispose()


async def take_turns(session: AsyncSession, *about: UUID | str) -> None:
    """Wait until no other transaction is at what `about` names, and keep others waiting until this one ends."""
    digest = hashlib.sha256("\x00".join(map(str, about)).encode()).digest()
    lock = int.from_bytes(digest[:8], "big", signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(lock)))


async def refused_as(session: AsyncSession, constraint: str) -> bool:
    """Write what the session holds; whether `constraint`, of a table or of a trigger's, refused it.

    Then nothing of the transaction stands, and nothing more can be asked in it. Raises: whatever else was refused.
    """
    try:
        await session.flush()
    except IntegrityError as error:
        cause = error.orig.__cause__ if error.orig is not None else None
        if getattr(cause, "constraint_name", None) != constraint:
            raise
        return True
    return False


def among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """That `column` is one of `values`, as one parameter: its SQL is the same for any number of them, and so is prepared
    and planned once, where a list of parameters would be anew for each length.
    """
    return column == any_(literal(list(values), ARRAY(column.type)))


def _caller_parameters(caller: Caller, seal: Seal | None, timeout_s: float) -> dict[str, str]:
    return {
        **_name_parameters(caller, seal),
        "request_id": caller.request_id,
        "timeout": str(max(1, int(timeout_s * 1000))),  # milliseconds; 0 would be no bound
    }


def _name_parameters(caller: Caller, seal: Seal | None) -> dict[str, str]:
    parts = parts_of(caller)
    return {**parts, "seal": seal.of(**parts) if seal is not None else ""}


def count_statements(database: Database) -> list[str]:
    """A list that grows by each SQL statement that `database` executes from now on (for tests and `bench/`)."""
    statements: list[str] = []

    def record(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    for pool in (database.engine, database.requests):
        event.listen(pool.sync_engine, "before_cursor_execute", record)
    return statements
