"""Acts of the server's own: in a transaction of their own, or within one that somebody else began and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from vereda.caller import Caller
from vereda.database import Database

#: Where an act is done. A session must already act as the system (`vereda.database.act_as_system`).
Store: TypeAlias = Database | AsyncSession


@asynccontextmanager
async def within(store: Store, server: Caller) -> AsyncIterator[AsyncSession]:
    """The session to act in: a new transaction in the name of `server`, or the one that is given, left open."""
    if isinstance(store, AsyncSession):
        yield store
        return
    async with store.transaction(server) as session:
        yield session
