"""The resource server's side: who a bearer token is from, and the transaction token that goes inside in its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from gateway.identity import Admissions, AuthenticationError, Identity, identity_key
from gateway.oauth.access import AccessTokens
from gateway.oauth.metadata import RESOURCE_METADATA
from vereda.caller import SYSTEM_SCOPE, Caller
from vereda.database import Database
from vereda.keys import key_ring
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.tokens import HEADER, mint

#: How long one check holds: a revoked token is refused, and a transaction token (60 s) made anew, within this time.
CHECKED_FOR_S: Final = 30.0


class OAuthAuthenticator:
    """Admits access tokens of our own authorization server (RFC 9068 §4), sent in the header (RFC 6750 §2.1).

    Needs the database once per token and half a minute; when that cannot answer, nobody new is let in.
    """

    def __init__(
        self, settings: Settings, database: Database, *, now: Callable[[], float] = time.time
    ) -> None:
        self._tokens = AccessTokens(settings, database)
        self._keys = key_ring(settings, "transaction")
        self._now = now
        self._metadata = f'resource_metadata="{settings.public_url}{RESOURCE_METADATA}"'
        self._admissions = Admissions(now)

    async def authenticate(self, request: Request) -> Identity:
        """The caller whose access token the request carries. Raises: AuthenticationError."""
        token = self._bearer(request)
        try:
            return await self._admissions.admit(token, lambda: self._check(token))
        except TokenRefusedError:
            raise self._refusal("The access token is expired, revoked or not valid here.") from None

    def _bearer(self, request: Request) -> str:
        headers = request.headers.getlist("authorization")
        if not headers:
            raise AuthenticationError("An access token is needed.", f"Bearer {self._metadata}")
        scheme, _, token = headers[0].partition(" ")
        if len(headers) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise self._refusal("The Authorization header must be one bearer token.")
        return token.strip()

    def _refusal(self, message: str) -> AuthenticationError:
        """RFC 6750 §3.1, with RFC 9728 §5.1."""
        challenge = f'Bearer error="invalid_token", error_description="{message}", {self._metadata}'
        return AuthenticationError(message, challenge)

    async def _check(self, token: str) -> tuple[Identity, float]:
        now = self._now()
        claims = await self._tokens.live_claims(token)
        return self._identity(_caller(claims)), min(now + CHECKED_FOR_S, float(claims["exp"]))

    def _identity(self, caller: Caller) -> Identity:
        return Identity(
            key=identity_key(caller),
            headers={HEADER: mint(self._keys, caller)},
            scopes=caller.scopes,
            policies=frozenset(f"role:{role}" for role in caller.roles),
            client_id=caller.subject,
            organization=caller.organization,
        )


def _caller(claims: dict[str, Any]) -> Caller:
    try:
        caller = Caller(
            subject=str(claims["sub"]),
            organization=UUID(claims["org"]),
            scopes=frozenset(str(claims["scope"]).split()),
            roles=frozenset(claims["roles"]),
            purpose=claims.get("purpose"),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefusedError(type(error).__name__) from None
    if SYSTEM_SCOPE in caller.scopes:  # ours alone: no token carries it, whoever signed it
        raise TokenRefusedError("scope")
    return caller
