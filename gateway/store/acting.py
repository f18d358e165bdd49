"""Acts of the server's own: in a transaction of their own, or within one that somebody else began and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vereda.caller import SERVER_SCOPE, Caller
from vereda.database import Database

#: Where an act is done. A session must already be the server's (`server_caller`).
Store: TypeAlias = Database | AsyncSession


def server_caller(subject: str) -> Caller:
    """The authorization server itself, at the work that `subject` names, for no organisation.

    It answers requests in their role of Postgres, as everybody does: what opens its tables to it is this scope under the
    seal (`vereda.sealed_caller`), and only as far as `policies.sql` says.
    """
    return Caller(subject, UUID(int=0), frozenset({SERVER_SCOPE}))


@asynccontextmanager
async def within(store: Store, server: Caller) -> AsyncIterator[AsyncSession]:
    """The session to act in: a new transaction in the name of `server`, or the one that is given, left open."""
    if isinstance(store, AsyncSession):
        yield store
        return
    async with store.transaction(server) as session:
        yield session
