"""Trusted documents in the gateway's database: each client's own."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from gateway.bounded import Bounded
from gateway.guard.trusted.naming import PREFIX
from gateway.identity import Identity
from gateway.store import TrustedDocument
from gateway.store.acting import server_caller
from vereda.caller import Caller
from vereda.database import Database

#: A document that is registered, or no longer, is known to be so after this time at the latest.
KNOWN_FOR_S: Final = 10.0
_MOST_CLIENTS: Final = 500
_READER: Final[Caller] = server_caller("gateway")


@dataclass(frozen=True, slots=True)
class _Registered:
    """The hashes of one client's documents."""

    hashes: frozenset[str]
    until: float


class RegisteredDocuments:
    """Looks at which documents a client has once in a while, so that a name nobody registered costs no question."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._clients: OrderedDict[str, _Registered] = OrderedDict()
        self._asking: dict[str, asyncio.Task[_Registered]] = {}
        self._texts: Bounded[str] = Bounded()

    async def text(self, name: str, caller: Identity) -> str | None:
        """The caller's own document of that name. Raises what the database's driver does, when it cannot be asked."""
        client_id, sha256 = caller.client_id, name.removeprefix(PREFIX)
        if client_id is None or not name.startswith(PREFIX):
            return None
        if sha256 not in (await self._of(client_id)).hashes:
            return None
        text = self._texts.get(sha256)
        if text is None:
            text = await self._read(client_id, sha256)
            if text is not None:  # a hash has one text, whoever registered it
                self._texts.keep(sha256, None, text, held=len(text))
        return text

    async def _of(self, client_id: str) -> _Registered:
        known = self._clients.get(client_id)
        if known is not None and self._clock() < known.until:
            return known
        task = self._asking.get(client_id)
        if task is None:
            task = self._asking[client_id] = asyncio.create_task(self._ask(client_id))
            task.add_done_callback(lambda _done: self._asking.pop(client_id, None))
        return await asyncio.shield(task)

    async def _ask(self, client_id: str) -> _Registered:
        until = self._clock() + KNOWN_FOR_S
        async with self._database.transaction(_READER, read_only=True) as session:
            # Index: the primary key.
            found = await session.scalars(
                select(TrustedDocument.sha256).where(TrustedDocument.client_id == client_id)
            )
            known = _Registered(frozenset(found), until)
        self._clients[client_id] = known
        self._clients.move_to_end(client_id)
        while len(self._clients) > _MOST_CLIENTS:
            self._clients.popitem(last=False)
        return known

    async def _read(self, client_id: str, sha256: str) -> str | None:
        async with self._database.transaction(_READER, read_only=True) as session:
            found = await session.get(TrustedDocument, (client_id, sha256))
            return None if found is None else found.document
