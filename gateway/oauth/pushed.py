"""Pushed authorization requests (RFC 9126): an application says what it asks for to us, not through the person's browser.

What it gets is a reference, which the browser carries instead. Nobody on the way can read or change the request, and only
who authenticated as the application can have made it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.authorizing import READ, SINCE, Parameters, UnanswerableError
from gateway.oauth.client import SERVER
from gateway.store import PushedRequest
from gateway.store.clearing import clear
from vereda.database import Database

PATH: Final = "/oauth/par"
#: RFC 9126 §2.2. The rest is 256 random bits.
_PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
#: As long as a sign-in may take: the person may have to do that first.
LASTS: Final = timedelta(minutes=10)


class PushedRequests:
    """Kept by the digests of their references."""

    def __init__(
        self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    async def keep(self, client_id: str, parameters: Parameters) -> str:
        """The reference (`request_uri`) of a request that was read, and that this client may make. Nothing is kept of what
        was not read: how the client authenticates, least of all."""
        reference, now = f"{_PREFIX}{secrets.token_urlsafe(32)}", self._now()
        asked = [[name, value] for name, value in parameters if name in READ]
        async with self._database.transaction(SERVER) as session:
            await clear(session, PushedRequest.digest, PushedRequest.expires_at < now)
            session.add(
                PushedRequest(
                    digest=_digest(reference), client_id=client_id, parameters=asked, expires_at=now + LASTS
                )
            )
        return reference

    async def resolved(self, parameters: Parameters) -> Parameters:
        """What is asked for: `parameters` themselves, or what they refer to. What else stands beside a reference counts
        for nothing (RFC 9126 §4), but for our own note of a sign-in.

        Raises: UnanswerableError when the reference is over, was used, or is another client's.
        """
        reference = reference_in(parameters)
        if reference is None:
            return parameters
        counts = Counter(name for name, _ in parameters)
        said = dict(parameters)
        if counts["request_uri"] != 1 or counts["client_id"] != 1 or counts[SINCE] > 1:
            raise UnanswerableError
        async with self._database.transaction(SERVER, read_only=True) as session:
            # Index: the primary key.
            pushed = await session.scalar(
                select(PushedRequest.parameters).where(
                    PushedRequest.digest == _digest(reference),
                    PushedRequest.client_id == said["client_id"],
                    PushedRequest.expires_at > self._now(),
                )
            )
        if pushed is None:
            raise UnanswerableError
        since = [(SINCE, said[SINCE])] if SINCE in said else []
        return [*((name, value) for name, value in pushed), *since]


async def use_up(session: AsyncSession, reference: str) -> bool:
    """In the transaction of what comes of it; whether it was there. Of several at once, one finds it."""
    used = await session.scalar(
        delete(PushedRequest)
        .where(PushedRequest.digest == _digest(reference))
        .returning(PushedRequest.client_id)
    )
    return used is not None


def reference_in(parameters: Parameters) -> str | None:
    """The first reference of ours, if there is one; another URI is none (RFC 9101 is not for us: we fetch nothing)."""
    return next((v for name, v in parameters if name == "request_uri" and v.startswith(_PREFIX)), None)


def _digest(reference: str) -> bytes:
    return hashlib.sha256(reference.encode(errors="surrogatepass")).digest()
