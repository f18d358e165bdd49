"""Token families: all that grew from one authorization code, revoked together (RFC 9700 §4.14.2).

Codes and refresh tokens are opaque: 256 random bits behind a prefix by which secret scanners know them. Only their
digests are stored. Each is used once; whoever uses one again ends its family.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.client import SERVER, Client
from gateway.oauth.events import Event, record
from gateway.store import (
    AccessToken,
    AuthorizationCode,
    Membership,
    Person,
    RefreshToken,
    Role,
    Session,
    TokenFamily,
)
from gateway.store.clearing import clear
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

CODE_LASTS: Final = timedelta(seconds=60)
_CODE_PREFIX: Final = "vc_"
_REFRESH_PREFIX: Final = "vr_"
_LONGEST: Final = 128
#: Access tokens of a family outlive its last refresh token by less.
_FAMILY_KEPT: Final = timedelta(days=2)


def digest_of(text: str) -> bytes:
    """What is kept of a code or refresh token: whoever reads the database can use neither."""
    return sha256(text.encode(errors="surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Standing:
    """A person in an organisation, as they stand at this moment."""

    person: UUID
    organization: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Spendable:
    """A code or refresh token that a client presented, as it was issued.

    `standing` is None when the person may do nothing any more, or their session or family has ended.
    """

    what: ClassVar[str]
    table: ClassVar[Any]

    digest: bytes
    client_id: str
    organization: UUID
    family: UUID
    family_began: datetime
    scopes: frozenset[str]
    dpop_jkt: str | None
    expires_at: datetime
    used_at: datetime | None
    authenticated_at: datetime | None
    standing: Standing | None

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return " ".join(sorted(self.scopes))

    @property
    def is_good(self) -> bool:
        return self.used_at is None and self.expires_at > datetime.now(UTC) and self.standing is not None


@dataclass(frozen=True, slots=True)
class Code(Spendable):
    """A presented authorization code, as authlib asks for it."""

    what: ClassVar[str] = "code"
    table: ClassVar[Any] = AuthorizationCode
    redirect_uri: str
    code_challenge: str
    code_challenge_method: ClassVar[str] = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri


@dataclass(frozen=True, slots=True)
class Refresh(Spendable):
    """A presented refresh token."""

    what: ClassVar[str] = "refresh token"
    table: ClassVar[Any] = RefreshToken


@dataclass(frozen=True, slots=True)
class NewRefresh:
    """A refresh token to give out with the next answer; `text` stays out of every log."""

    family: UUID
    organization: UUID
    scopes: frozenset[str]
    dpop_jkt: str | None
    expires_at: datetime
    text: str = field(repr=False)


class AlreadyUsedError(Exception):
    """Somebody else used it first, or its family has ended meanwhile."""


class Families:
    """The families in the gateway's database. Limits: `VEREDA_REFRESH_IDLE_S`, `VEREDA_REFRESH_ABSOLUTE_S`."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._idle = timedelta(seconds=settings.refresh_idle_s)
        self._absolute = timedelta(seconds=settings.refresh_absolute_s)

    async def code(self, text: str) -> Code | None:
        """What is known of this code. Index: the primary key."""
        found = await self._find(text, _CODE_PREFIX, AuthorizationCode)
        if found is None:
            return None
        row, values = found
        return Code(**values, redirect_uri=row.redirect_uri, code_challenge=row.code_challenge)

    async def refresh(self, text: str) -> Refresh | None:
        """What is known of this refresh token. Index: the primary key."""
        found = await self._find(text, _REFRESH_PREFIX, RefreshToken)
        if found is None:
            return None
        return Refresh(**found[1])

    async def _find(self, text: str, prefix: str, table: Any) -> tuple[Any, dict[str, Any]] | None:
        if not text.startswith(prefix) or len(text) > _LONGEST:
            return None
        query = (
            select(table, TokenFamily, Membership.role)
            .join(TokenFamily, TokenFamily.id == table.family_id)
            .outerjoin(Person, and_(Person.id == TokenFamily.person_id, Person.disabled_at.is_(None)))
            .outerjoin(
                Membership,
                and_(
                    Membership.person_id == Person.id,
                    Membership.organization_id == TokenFamily.organization_id,
                    Membership.ended_at.is_(None),
                ),
            )
            .where(table.digest == digest_of(text))
        )
        if table is AuthorizationCode:
            query = query.join(Session, Session.id == AuthorizationCode.session_id).add_columns(
                Session.ended_at.is_(None)
            )
        async with self._database.transaction(SERVER, read_only=True) as session:
            found = (await session.execute(query)).one_or_none()
        if found is None:
            return None
        row, family, role, *in_session = found
        return row, _values(row, family, role if all(in_session) else None)

    def new_refresh(self, before: Spendable, jkt: str | None) -> NewRefresh:
        """The next refresh token of a family, with the scopes of what was `before` (RFC 6749 §6)."""
        return NewRefresh(
            family=before.family,
            organization=before.organization,
            scopes=before.scopes,
            dpop_jkt=jkt,
            expires_at=min(datetime.now(UTC) + self._idle, before.family_began + self._absolute),
            text=_REFRESH_PREFIX + secrets.token_urlsafe(32),
        )

    async def spend(self, session: AsyncSession, used: Spendable) -> None:
        """Use it up, once and for all: of several that come at once, one succeeds. Raises: AlreadyUsedError."""
        family = await session.scalar(
            select(TokenFamily.id)
            .where(TokenFamily.id == used.family, TokenFamily.revoked_at.is_(None))
            .with_for_update()
        )
        spent = await session.scalar(
            update(used.table)
            .where(used.table.digest == used.digest, used.table.used_at.is_(None))
            .values(used_at=datetime.now(UTC))
            .returning(used.table.digest)
        )
        if family is None or spent is None:
            raise AlreadyUsedError

    async def record(self, session: AsyncSession, fresh: NewRefresh) -> None:
        """Make a new refresh token known. What was used is kept for as long as its family may live, so that a second use
        is seen; then it goes, a few at a time. Index: ix_refresh_tokens_expires_at."""
        session.add(
            RefreshToken(
                digest=digest_of(fresh.text),
                family_id=fresh.family,
                organization_id=fresh.organization,
                scopes=sorted(fresh.scopes),
                dpop_jkt=fresh.dpop_jkt,
                expires_at=fresh.expires_at,
            )
        )
        await clear(
            session, RefreshToken.digest, RefreshToken.expires_at < datetime.now(UTC) - self._absolute
        )

    async def open(
        self, session: AsyncSession, client: Client, standing: Standing, authenticated_at: datetime
    ) -> UUID:
        """A new family of the client's, in the person's name. Index: ix_token_families_created_at."""
        family = TokenFamily(
            id=new_id(),
            client_id=client.client_id,
            organization_id=standing.organization,
            person_id=standing.person,
            authenticated_at=authenticated_at,
        )
        session.add(family)
        await session.flush()
        await clear(
            session,
            TokenFamily.id,
            TokenFamily.created_at < datetime.now(UTC) - self._absolute - _FAMILY_KEPT,
            *(
                ~exists().where(table.family_id == TokenFamily.id)
                for table in (AuthorizationCode, RefreshToken, AccessToken)
            ),
        )
        return family.id

    async def new_code(self, session: AsyncSession, **columns: Any) -> str:
        """Store an authorization code (columns of `AuthorizationCode`); its text, which lasts a minute. Old ones go as
        refresh tokens do. Index: ix_authorization_codes_expires_at."""
        text, now = _CODE_PREFIX + secrets.token_urlsafe(32), datetime.now(UTC)
        session.add(AuthorizationCode(digest=digest_of(text), expires_at=now + CODE_LASTS, **columns))
        await clear(session, AuthorizationCode.digest, AuthorizationCode.expires_at < now - self._absolute)
        return text

    async def revoke(self, family: UUID, *, reason: str, by: str) -> None:
        """End the family: its refresh tokens, its access tokens and what these were exchanged for."""
        async with self._database.transaction(SERVER) as session:
            await revoke_family(session, family, reason=reason, by=by)


async def revoke_family(session: AsyncSession, family: UUID, *, reason: str, by: str) -> None:
    """Indexes: the primary key, ix_access_tokens_family_id."""
    now = datetime.now(UTC)
    ended = (
        await session.execute(
            update(TokenFamily)
            .where(TokenFamily.id == family, TokenFamily.revoked_at.is_(None))
            .values(revoked_at=now, reason=reason)
            .returning(TokenFamily.client_id, TokenFamily.organization_id)
        )
    ).one_or_none()
    await session.execute(
        update(AccessToken)
        .where(AccessToken.family_id == family, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    if ended is not None:
        record(session, Event.FAMILY_REVOKED, ended.client_id, by=by, organization=ended.organization_id)


def _values(row: Any, family: TokenFamily, role: Role | None) -> dict[str, Any]:
    standing = None
    if role is not None and family.person_id is not None and family.revoked_at is None:
        standing = Standing(family.person_id, family.organization_id, role)
    return {
        "digest": row.digest,
        "client_id": family.client_id,
        "organization": family.organization_id,
        "family": family.id,
        "family_began": family.created_at,
        "scopes": frozenset(row.scopes),
        "dpop_jkt": row.dpop_jkt,
        "expires_at": row.expires_at,
        "used_at": row.used_at,
        "authenticated_at": family.authenticated_at,
        "standing": standing,
    }
