"""The browser's side of the trust boundary: a session cookie becomes a transaction token in the person's name."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.requests import Request

from gateway.identity import (
    CHECKED_FOR_S,
    Admissions,
    AuthenticationError,
    Authenticator,
    Identity,
    IdentityUnavailableError,
    header_values,
    identity_key,
)
from gateway.people.cookies import SESSION, value_of
from gateway.people.csrf import same_origin
from gateway.people.roles import scopes_of
from gateway.people.sessions import Sessions, SignedIn
from gateway.store.away import NO_DATABASE
from vereda.caller import Caller
from vereda.keys import key_ring
from vereda.settings import Settings
from vereda.telemetry import logger, request_id
from vereda.tokens import HEADER, mint

_log = logger("people")


class SessionAuthenticator:
    """Admits people by the cookie of their session; whoever sends an Authorization header, or no cookie, is for `others`.

    Only pages of this very origin may use the cookie, for reading as for writing: the browser must say so. What it says
    is no credential, so it is asked of every request; the media type, which no form of another site can send, is asked
    by the endpoint.
    """

    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        others: Authenticator,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._others = others
        self._keys = key_ring(settings, "transaction")
        self._now = now
        self._admissions = Admissions(now, lambda: self._keys.state)

    async def authenticate(self, request: Request) -> Identity:
        """The person in their organisation. Raises: AuthenticationError, IdentityUnavailableError."""
        signed = header_values(request.scope, b"authorization")
        cookie = None if signed else value_of(request, SESSION)
        if cookie is None:
            return await self._others.authenticate(request)
        if not same_origin(request):
            raise AuthenticationError("A session may be used by pages of this very site only.")
        try:
            return await self._admissions.admit(cookie, lambda: self._check(cookie))
        except NO_DATABASE as error:
            # The kind of error only: its text would repeat what was sent to the database.
            _log.error("no database", kind=type(error).__name__, rid=request_id.get())
            raise IdentityUnavailableError from None

    async def _check(self, cookie: str) -> tuple[Identity, float]:
        until = self._now() + CHECKED_FOR_S
        signed_in = await self._sessions.of_cookie(cookie)
        if signed_in is None:
            raise AuthenticationError("The session has ended: sign in again.")
        return self._identity(signed_in), until

    def _identity(self, signed_in: SignedIn) -> Identity:
        caller = Caller(
            subject=str(signed_in.person_id),
            organization=signed_in.organization,
            scopes=scopes_of(signed_in.role),
            roles=frozenset({signed_in.role.value}),
            authenticated_at=signed_in.authenticated_at,
        )
        return Identity(
            key=identity_key(caller),
            headers={HEADER: mint(self._keys, caller)},
            scopes=caller.scopes,
            policies=frozenset({f"role:{signed_in.role.value}"}),
            client_id=caller.subject,
            organization=caller.organization,
        )
