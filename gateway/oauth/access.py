"""Access tokens: signed JWTs (RFC 9068), each of them recorded by its `jti` so that it can be revoked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update

from gateway.oauth.clients import SERVER, Client
from gateway.store import AccessToken
from vereda.database import Database
from vereda.ids import new_id
from vereda.keys import key_ring
from vereda.settings import Settings
from vereda.signed import SignedVerifier, TokenRefusedError, mint

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105
LIFETIME_S: Final = 600

#: A record outlives its token by this much, for whoever looks into what happened; then it goes, a few at a time.
_KEPT_AFTER_EXPIRY: Final = timedelta(days=1)
_CLEARED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Issued:
    """A new access token; `text` is the token itself and stays out of every log."""

    jti: UUID
    client: Client
    scope: str
    issued_at: datetime
    text: str = field(repr=False)

    @property
    def expires_at(self) -> datetime:
        return self.issued_at + timedelta(seconds=LIFETIME_S)

    def response(self) -> dict[str, Any]:
        """What the token endpoint answers (RFC 6749 §5.1)."""
        return {
            "access_token": self.text,
            "token_type": "Bearer",
            "expires_in": LIFETIME_S,
            "scope": self.scope,
        }


class AccessTokens:
    """Makes, records, checks and revokes the access tokens of this authorization server."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.issuer = settings.public_url
        self.audience = f"{settings.public_url}/graphql"
        self._database = database
        self._keys = key_ring(settings, "access")
        # Our own keys, wherever the metadata says that others find them: no request goes out for a token that came in.
        self._verifier = SignedVerifier(
            str(self._keys.folder / "jwks.json"),
            TOKEN_TYPE,
            issuer=self.issuer,
            audience=self.audience,
            longest_s=LIFETIME_S,
        )

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set of all keys that verify at this moment (RFC 7517 §5)."""
        return self._keys.public_jwks()

    def mint(self, client: Client, scopes: frozenset[str]) -> Issued:
        """A token for `client` with `scopes` and the claims of RFC 9068 §2.2; not recorded yet."""
        jti, now, scope = new_id(), int(time.time()), " ".join(sorted(scopes))
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": client.client_id,
            "client_id": client.client_id,
            "org": str(client.organization),
            "scope": scope,
            "roles": sorted(client.roles),
            "jti": str(jti),
        }
        if client.purpose is not None:
            claims["purpose"] = client.purpose
        text = mint(self._keys, TOKEN_TYPE, claims, lifetime_s=LIFETIME_S, now=now)
        return Issued(jti, client, scope, datetime.fromtimestamp(now, UTC), text)

    async def record(self, issued: Issued) -> None:
        """Make the token known; before this is done it must not be given out. Index: ix_access_tokens_expires_at."""
        async with self._database.transaction(SERVER) as session:
            session.add(
                AccessToken(
                    jti=issued.jti,
                    client_id=issued.client.client_id,
                    organization_id=issued.client.organization,
                    issued_at=issued.issued_at,
                    expires_at=issued.expires_at,
                )
            )
            long_expired = (
                select(AccessToken.jti)
                .where(AccessToken.expires_at < datetime.now(UTC) - _KEPT_AFTER_EXPIRY)
                .limit(_CLEARED_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            await session.execute(delete(AccessToken).where(AccessToken.jti.in_(long_expired)))

    async def claims(self, token: str) -> dict[str, Any]:
        """The claims of a genuine, unexpired token of ours, revoked or not (RFC 9068 §4). Raises: TokenRefusedError."""
        return await self._verifier.claims(token)

    async def live_claims(self, token: str) -> dict[str, Any]:
        """The claims of a genuine, unexpired token that is on record and not revoked. Raises: TokenRefusedError.

        A token without a record is refused: it was never given out by an authorization server that works.
        """
        claims = await self.claims(token)
        async with self._database.transaction(SERVER) as session:
            # Index: the primary key.
            live = await session.scalar(
                select(AccessToken.jti).where(
                    AccessToken.jti == token_id(claims), AccessToken.revoked_at.is_(None)
                )
            )
        if live is None:
            raise TokenRefusedError("revoked")
        return claims

    async def revoke(self, jti: UUID) -> None:
        """The token is refused from now on; elsewhere as soon as caches of half a minute have passed."""
        async with self._database.transaction(SERVER) as session:
            await session.execute(
                update(AccessToken)
                .where(AccessToken.jti == jti, AccessToken.revoked_at.is_(None))
                .values(revoked_at=datetime.now(UTC))
            )


def token_id(claims: dict[str, Any]) -> UUID:
    """The `jti` among `claims`. Raises: TokenRefusedError when there is none of ours."""
    try:
        return UUID(claims["jti"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise TokenRefusedError("jti") from None
