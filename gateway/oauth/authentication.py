"""Decides whether a client is who it says, at a cost and with an answer that do not tell whether it exists."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from gateway.backoff import Backoff, network_of
from gateway.hashing import matches, nobodys_hash
from gateway.jose import JwtRefusedError
from gateway.oauth.assertions import AssertionCheck
from gateway.oauth.client import LONGEST_CLIENT_ID, Client, Known, find
from gateway.oauth.errors import AssertionRefusedError, TooManyAttemptsError, UnknownClientError
from gateway.oauth.requests import Assertion, Credentials, Secret
from vereda.database import Database

_MOST_AT_ONCE: Final = 8
#: As many hashes are tried as a client may have: its secret, and the one before.
_HASHES: Final = 2


class ClientAuthentication:
    """Checks client credentials against the register."""

    def __init__(self, database: Database, backoff: Backoff, assertions: AssertionCheck) -> None:
        self._database = database
        self._backoff = backoff
        self._assertions = assertions
        # Argon2 takes memory and a core: no more at once than there are cores, and a few; the rest wait their turn.
        self._slots = asyncio.Semaphore(min(os.cpu_count() or 1, _MOST_AT_ONCE))

    async def client(self, credentials: Credentials, address: str, endpoint: str) -> Client:
        """The client that `credentials`, sent from `address` to `endpoint`, are right for.

        Raises: UnknownClientError, AssertionRefusedError, or TooManyAttemptsError after repeated failures.
        """
        known = await find(self._database, credentials.client_id)
        if known is not None and known.client.auth_method is not credentials.method:
            known = None
        if isinstance(credentials, Assertion):
            await self._check_assertion(credentials, known, endpoint)
        else:
            await self._check_secret(credentials, known, address)
        if known is None or known.client.disabled_at is not None:
            raise UnknownClientError()
        return known.client

    async def _check_assertion(self, credentials: Assertion, known: Known | None, endpoint: str) -> None:
        """RFC 7523 §3. A signature cannot be guessed, so failures make nobody wait: else anybody could make others wait."""
        if known is None:
            raise UnknownClientError()
        try:
            await self._assertions.signed(known.client, credentials.jwt)
        except JwtRefusedError:
            raise UnknownClientError() from None
        if known.client.disabled_at is not None:
            raise UnknownClientError()
        try:
            await self._assertions.accept(known.client, credentials.jwt, endpoint)
        except JwtRefusedError as error:
            # It is the client: it may know what is wrong.
            raise AssertionRefusedError(str(error)) from None

    async def _check_secret(self, credentials: Secret, known: Known | None, address: str) -> None:
        """RFC 6749 §2.3.1."""
        client_id, network = credentials.client_id[:LONGEST_CLIENT_ID], network_of(address)
        async with self._slots:
            # Asked inside, so that a hundred guesses sent at once are not all let in before the first has failed.
            attempt = await self._backoff.attempt("client", client_id, network)
            if attempt.wait_s:
                raise TooManyAttemptsError(attempt.wait_s)
            may_sign_in = known is not None and known.client.disabled_at is None
            hashes = known.secret_hashes if known is not None and may_sign_in else ()
            if not await asyncio.to_thread(_matches_one, hashes, credentials.secret):
                await attempt.failed()
                raise UnknownClientError()
            await attempt.succeeded()


def _matches_one(hashes: tuple[str, ...], secret: str) -> bool:
    """Whether `secret` is one of these. A failure costs the same, however many there are."""
    missing = (nobodys_hash(),) * (_HASHES - len(hashes))
    return any(matches(one, secret) for one in (*hashes, *missing))
