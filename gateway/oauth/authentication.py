"""Decides whether a client is who it says, at a cost and with an answer that do not tell whether it exists."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from gateway.backoff import Backoff, network_of
from gateway.hashing import matches, nobodys_hash
from gateway.oauth.clients import LONGEST_CLIENT_ID, Client, find
from gateway.oauth.errors import TooManyAttemptsError, UnknownClientError
from gateway.oauth.requests import Credentials
from vereda.database import Database

_MOST_AT_ONCE: Final = 8


class ClientAuthentication:
    """Checks client credentials (RFC 6749 §2.3.1) against the register."""

    def __init__(self, database: Database, backoff: Backoff) -> None:
        self._database = database
        self._backoff = backoff
        # Argon2 takes memory and a core: no more at once than there are cores, and a few; the rest wait their turn.
        self._slots = asyncio.Semaphore(min(os.cpu_count() or 1, _MOST_AT_ONCE))

    async def client(self, credentials: Credentials, address: str) -> Client:
        """The client that `credentials`, sent from `address`, are right for.

        Raises: UnknownClientError, or TooManyAttemptsError after repeated failures.
        """
        client_id, network = credentials.client_id[:LONGEST_CLIENT_ID], network_of(address)
        found = await find(self._database, credentials.client_id)
        async with self._slots:
            # Asked inside, so that a hundred guesses sent at once are not all let in before the first has failed.
            attempt = await self._backoff.attempt("client", client_id, network)
            if attempt.wait_s:
                raise TooManyAttemptsError(attempt.wait_s)
            known_hash = found[1] if found else None
            if known_hash is None:
                known_hash = await asyncio.to_thread(nobodys_hash)
            right = await asyncio.to_thread(matches, known_hash, credentials.secret)
            if not right or found is None or found[0].disabled_at is not None:
                await attempt.failed()
                raise UnknownClientError()
            await attempt.succeeded()
        return found[0]
