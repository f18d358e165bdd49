"""Access tokens: signed JWTs (RFC 9068), each of them recorded by its `jti` so that it can be revoked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.client import SERVER, Client
from gateway.store import AccessToken, Membership, OAuthClient, Person, TokenFamily
from gateway.store.clearing import clear
from vereda.database import Database
from vereda.ids import new_id
from vereda.keys import key_ring
from vereda.settings import Settings
from vereda.signed import SignedVerifier, TokenRefusedError, mint

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105
LIFETIME_S: Final = 600

#: A record outlives its token by this much, for whoever looks into what happened; then it goes, a few at a time.
_KEPT_AFTER_EXPIRY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a token is to say: who may do what through which client.

    Without a `person`, the client acts for itself. `actor` is the `act` claim of one that acts for the person (RFC 8693
    §4.1), `jkt` the key that the token is bound to (RFC 9449 §6.1), `until` (Unix seconds) the end that it must not
    outlive, `exchanged_from` the token that it was exchanged for.
    """

    client: Client
    organization: UUID
    scopes: frozenset[str]
    roles: frozenset[str]
    person: UUID | None = None
    family: UUID | None = None
    authenticated_at: datetime | None = None
    actor: Mapping[str, Any] | None = None
    jkt: str | None = None
    exchanged_from: UUID | None = None
    until: int | None = None

    def claims(self) -> dict[str, Any]:
        """RFC 9068 §2.2, without those of every token."""
        optional = {
            "purpose": self.client.purpose,
            "auth_time": int(self.authenticated_at.timestamp()) if self.authenticated_at else None,
            "act": self.actor,
            "cnf": None if self.jkt is None else {"jkt": self.jkt},
        }
        return {
            "sub": self.client.client_id if self.person is None else str(self.person),
            "client_id": self.client.client_id,
            "org": str(self.organization),
            "scope": " ".join(sorted(self.scopes)),
            "roles": sorted(self.roles),
            **{name: value for name, value in optional.items() if value is not None},
        }


@dataclass(frozen=True, slots=True)
class Issued:
    """A new access token; `text` is the token itself and stays out of every log."""

    jti: UUID
    rights: Rights
    issued_at: int
    expires_at: int
    text: str = field(repr=False)

    def response(self) -> dict[str, Any]:
        """What the token endpoint answers (RFC 6749 §5.1, RFC 9449 §5)."""
        return {
            "access_token": self.text,
            "token_type": "Bearer" if self.rights.jkt is None else "DPoP",
            "expires_in": self.expires_at - self.issued_at,
            "scope": " ".join(sorted(self.rights.scopes)),
        }


@dataclass(frozen=True, slots=True)
class Live:
    """A token that is good at this moment: its claims, and its client as it is registered now."""

    claims: Mapping[str, Any]
    client: Client
    family: UUID | None


class AccessTokens:
    """Makes, records, checks and revokes the access tokens of this authorization server."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.issuer = settings.public_url
        self.audience = f"{settings.public_url}/graphql"
        self._database = database
        self.keys = key_ring(settings, "access")
        # Our own keys, wherever the metadata says that others find them: no request goes out for a token that came in.
        self._verifier = SignedVerifier(
            str(self.keys.folder / "jwks.json"),
            TOKEN_TYPE,
            issuer=self.issuer,
            audience=self.audience,
            longest_s=LIFETIME_S,
        )

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set of all keys that verify at this moment (RFC 7517 §5)."""
        return self.keys.public_jwks()

    def mint(self, rights: Rights) -> Issued:
        """A token with the claims of RFC 9068 §2.2; not recorded yet."""
        jti, now = new_id(), int(time.time())
        lifetime_s = LIFETIME_S if rights.until is None else max(0, min(LIFETIME_S, rights.until - now))
        claims = {"iss": self.issuer, "aud": self.audience, "jti": str(jti), **rights.claims()}
        text = mint(self.keys, TOKEN_TYPE, claims, lifetime_s=lifetime_s, now=now)
        return Issued(jti, rights, now, now + lifetime_s, text)

    async def record(self, session: AsyncSession, issued: Issued) -> None:
        """Make the token known; before the transaction is committed it must not be given out."""
        rights = issued.rights
        session.add(
            AccessToken(
                jti=issued.jti,
                client_id=rights.client.client_id,
                organization_id=rights.organization,
                person_id=rights.person,
                family_id=rights.family,
                exchanged_from=rights.exchanged_from,
                issued_at=datetime.fromtimestamp(issued.issued_at, UTC),
                expires_at=datetime.fromtimestamp(issued.expires_at, UTC),
            )
        )
        await clear(session, AccessToken.jti, AccessToken.expires_at < datetime.now(UTC) - _KEPT_AFTER_EXPIRY)

    async def claims(self, token: str) -> dict[str, Any]:
        """The claims of a genuine, unexpired token of ours, revoked or not (RFC 9068 §4). Raises: TokenRefusedError."""
        return await self._verifier.claims(token)

    async def live(self, token: str) -> Live:
        """A genuine, unexpired token that is on record, while nobody has ended it: not itself, nor its family, its client,
        its person or their membership, whose role must still be the token's, as its scopes must be the client's. Raises: TokenRefusedError.

        A token without a record is refused: it was never given out by an authorization server that works.
        """
        claims = await self.claims(token)
        live_person = and_(
            Person.disabled_at.is_(None),
            Membership.person_id.is_not(None),
            Membership.ended_at.is_(None),
        )
        # Index: the primary keys.
        query = (
            select(OAuthClient, AccessToken.person_id, AccessToken.family_id, Membership.role)
            .join(AccessToken, AccessToken.client_id == OAuthClient.client_id)
            .outerjoin(TokenFamily, TokenFamily.id == AccessToken.family_id)
            .outerjoin(Person, Person.id == AccessToken.person_id)
            .outerjoin(
                Membership,
                and_(
                    Membership.person_id == AccessToken.person_id,
                    Membership.organization_id == AccessToken.organization_id,
                ),
            )
            .where(
                AccessToken.jti == token_id(claims),
                AccessToken.revoked_at.is_(None),
                OAuthClient.disabled_at.is_(None),
                TokenFamily.revoked_at.is_(None),
                or_(AccessToken.person_id.is_(None), live_person),
            )
        )
        async with self._database.transaction(SERVER) as session:
            found = (await session.execute(query)).one_or_none()
        if found is None:
            raise TokenRefusedError("revoked")
        client, person, family, role = found
        if person is not None and claims.get("roles") != [role.value]:
            raise TokenRefusedError("role")
        if not frozenset(str(claims.get("scope")).split()) <= frozenset(client.scopes):
            raise TokenRefusedError("scope")
        return Live(claims, Client.of(client), family)

    async def revoke(self, jti: UUID) -> None:
        """The token, and all that it was exchanged for, are refused from now on; elsewhere as soon as caches of half a
        minute have passed. Indexes: the primary key, ix_access_tokens_exchanged_from."""
        first = select(AccessToken.jti).where(AccessToken.jti == jti).cte("ended", recursive=True)
        ended = first.union(select(AccessToken.jti).where(AccessToken.exchanged_from == first.c.jti))
        async with self._database.transaction(SERVER) as session:
            await session.execute(
                update(AccessToken)
                .where(AccessToken.jti.in_(select(ended.c.jti)), AccessToken.revoked_at.is_(None))
                .values(revoked_at=datetime.now(UTC))
            )


def token_id(claims: Mapping[str, Any]) -> UUID:
    """The `jti` among `claims`. Raises: TokenRefusedError when there is none of ours."""
    try:
        return UUID(claims["jti"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise TokenRefusedError("jti") from None
