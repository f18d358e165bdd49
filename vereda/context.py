"""What a resolver has at hand: the caller, the database in the caller's name, and the request's DataLoaders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.audit.entries import audit_key
from vereda.audit.trail import Shown, write_entries, write_notes
from vereda.caller import Caller
from vereda.database import Database
from vereda.deadline import PASSED, Deadline
from vereda.errors import ClientError, ErrorCode
from vereda.idempotency import is_recorded
from vereda.settings import Settings

Loaders = TypeVar("Loaders")


@dataclass(frozen=True, slots=True)
class Redaction:
    """A field that was withheld: `null` in the answer, and this in `extensions.redactions` (R12)."""

    path: tuple[str | int, ...]
    data_class: str
    reason: str


@dataclass(slots=True)
class Disclosed:
    """What was shown under one consent: its scope in words, and the objects of the answer that hold it (R11)."""

    scope: str
    paths: set[tuple[str | int, ...]] = field(default_factory=set)


class RequestContext(Generic[Loaders]):
    """One request. All its reads share one transaction, so that an answer shows one moment of the database."""

    def __init__(
        self,
        caller: Caller,
        database: Database,
        settings: Settings,
        make_loaders: Callable[[RequestContext[Loaders]], Loaders],
        deadline: Deadline | None = None,
    ) -> None:
        self.caller = caller
        self.deadline = deadline
        self.database = database
        self.settings = settings
        self.now = datetime.now(UTC)
        self.redactions: list[Redaction] = []
        self.shown = Shown()
        self.disclosures: dict[str, Disclosed] = {}
        self._make_loaders = make_loaders
        self._loaders: Loaders | None = None
        self._reader: AsyncSession | None = None
        self._reading = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._over = False

    @property
    def loaders(self) -> Loaders:
        if self._loaders is None:
            self._loaders = self._make_loaders(self)
        return self._loaders

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """The request's read-only session; resolvers that run side by side take turns on it."""
        async with self._lock:
            if self._reader is None:
                self._reader = await self._reading.enter_async_context(
                    self.database.transaction(self.caller, read_only=True, within_s=self._left_s())
                )
            yield self._reader

    @asynccontextmanager
    async def read_as(self, caller: Caller) -> AsyncIterator[AsyncSession]:
        """A read-only session of its own in the name of `caller`, within the request's time."""
        async with self.database.transaction(caller, read_only=True, within_s=self._left_s()) as session:
            yield session

    @asynccontextmanager
    async def write(self, caller: Caller | None = None) -> AsyncIterator[AsyncSession]:
        """A transaction of its own, committed at its end if its outcome was recorded (`vereda.idempotency`), and
        rolled back otherwise: a refusal changes nothing, whatever was touched before it. What is read afterwards sees it.
        What the audit is told of it goes in with it (`vereda.audit.trail`).
        `caller`: in whose name it is, where not in that of who asks.
        """
        await self.close()
        async with self.database.transaction(caller or self.caller, within_s=self._left_s()) as session:
            yield session
            if not is_recorded(session):
                await session.rollback()
            elif await self.database.audited(session):
                await session.flush()
                by, key = caller or self.caller, audit_key(self.settings)
                await write_notes(session, by, datetime.now(UTC), key)
        self._loaders = None

    def redact(self, info: strawberry.Info[Any, Any], data_class: str, reason: str) -> None:
        """Record that the field being resolved is withheld; the resolver then returns None."""
        self.redactions.append(Redaction(tuple(info.path.as_list()), data_class, reason))

    async def enter_shown(self) -> None:
        """Enter in the audit what this request was shown of clients of others; it is not answered before that (R27, R28).

        One statement for all of it, in a transaction of its own that is on disk when this returns.
        """
        notes = self.shown.take(self.caller.organization)
        if not notes:
            return
        await self.close()
        async with self.database.transaction(self.caller, within_s=self._left_s()) as session:
            key = audit_key(self.settings)
            await write_entries(session, self.caller, "read", notes, datetime.now(UTC), key)

    def disclosed(self, consent: str, scope: str, path: tuple[str | int, ...]) -> None:
        """Record that the object at `path` holds what the consent of this handle, with this scope, opened: both travel
        with the answer, in `extensions.disclosures` (R11)."""
        self.disclosures.setdefault(consent, Disclosed(scope)).paths.add(path)

    async def end(self) -> None:
        """The request is over: whatever still works for it, a loader's batch say, gets no transaction any more."""
        self._over = True
        await self.close()

    def _left_s(self) -> float | None:
        """Seconds until the deadline; None without one. Raises: ClientError DEADLINE_EXCEEDED, CancelledError."""
        if self._over:
            raise asyncio.CancelledError("the request is over")
        if self.deadline is None:
            return None
        if not self.deadline.left_s:
            raise ClientError(ErrorCode.DEADLINE_EXCEEDED, PASSED)
        return self.deadline.left_s

    async def close(self) -> None:
        """End the read transaction, if one was opened."""
        async with self._lock:
            self._reader = None
            await self._reading.aclose()
            self._reading = AsyncExitStack()
