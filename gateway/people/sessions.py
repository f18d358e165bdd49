"""Browser sessions: opened at the end of a sign-in, checked with each request, ended by limits or by their person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from gateway.people.cookies import SESSION, digest, new_value, value_of
from gateway.people.events import SERVER, Event, record
from gateway.store import (
    AccessToken,
    AuthorizationCode,
    ClientGrant,
    Membership,
    Person,
    Role,
    Session,
    TokenFamily,
)
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

#: How often it is written down that a session is in use; idle limits are this inexact.
_NOTED_EVERY: Final = timedelta(seconds=30)
#: What is sensitive asks for a sign-in that is no older (OWASP ASVS 5 §7.5.1).
RECENTLY: Final = timedelta(minutes=5)
_KEPT_AFTER_EXPIRY: Final = timedelta(days=30)
_CLEARED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person in a browser, for one organisation. `factors` are RFC 8176 `amr` values."""

    session_id: UUID
    person_id: UUID
    organization: UUID
    role: Role
    display_name: str
    locale: str
    factors: frozenset[str]
    authenticated_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its person sees it in their list."""

    id: UUID
    browser: str
    organization: UUID | None
    authenticated_at: datetime
    last_seen_at: datetime


class Sessions:
    """The sessions in the gateway's database. Limits: `VEREDA_SESSION_IDLE_S`, `VEREDA_SESSION_ABSOLUTE_S`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._idle = timedelta(seconds=settings.session_idle_s)
        self._absolute = timedelta(seconds=settings.session_absolute_s)
        self._now = now

    async def of(self, request: Request) -> SignedIn | None:
        """Who is signed in where `request` comes from; None without a live session."""
        value = value_of(request, SESSION)
        return None if value is None else await self.of_cookie(value)

    async def of_cookie(self, value: str) -> SignedIn | None:
        """Index: uq_sessions_digest, then primary keys."""
        now = self._now()
        async with self._database.transaction(SERVER) as session:
            found = (
                await session.execute(
                    select(
                        Session,
                        Person.display_name,
                        Person.locale,
                        Membership.role,
                        Membership.organization_id,
                    )
                    .join(Person, Person.id == Session.person_id)
                    .join(
                        Membership,
                        and_(
                            Membership.person_id == Session.person_id,
                            Membership.organization_id == Session.organization_id,
                        ),
                    )
                    .where(
                        Session.digest == digest(value),
                        *self._live(now),
                        Person.disabled_at.is_(None),
                        Membership.ended_at.is_(None),
                    )
                )
            ).one_or_none()
            if found is None:
                return None
            row, display_name, locale, role, organization = found
            if row.last_seen_at <= now - _NOTED_EVERY:
                await session.execute(update(Session).where(Session.id == row.id).values(last_seen_at=now))
            return SignedIn(
                session_id=row.id,
                person_id=row.person_id,
                organization=organization,
                role=role,
                display_name=display_name,
                locale=locale,
                factors=frozenset(row.factors),
                authenticated_at=row.authenticated_at,
            )

    def is_recent(self, signed_in: SignedIn) -> bool:
        """Whether the person proved who they are within the last five minutes."""
        return self._now() - signed_in.authenticated_at <= RECENTLY

    async def open(
        self,
        session: AsyncSession,
        person: UUID,
        organization: UUID,
        *,
        factors: Sequence[str],
        browser: str,
        replacing: str | None,
        authenticated_at: datetime | None = None,
    ) -> str:
        """Open a session in the caller's transaction; its cookie's value, which nobody can read again.

        The session of the cookie `replacing` ends: an identifier from before never carries what is granted now.
        """
        now = self._now()
        value = new_value()
        if replacing is not None:
            await self._end(session, Session.digest == digest(replacing), Session.person_id == person)
        session.add(
            Session(
                id=new_id(),
                digest=digest(value),
                person_id=person,
                organization_id=organization,
                factors=sorted(factors),
                browser=browser,
                authenticated_at=authenticated_at or now,
                last_seen_at=now,
                expires_at=(authenticated_at or now) + self._absolute,
            )
        )
        await self._clear(session, now)
        return value

    async def list_of(self, person: UUID) -> list[OpenSession]:
        """The person's live sessions, the newest first. Index: ix_sessions_person_id."""
        async with self._database.transaction(SERVER, read_only=True) as session:
            rows = await session.scalars(
                select(Session)
                .where(Session.person_id == person, *self._live(self._now()))
                .order_by(Session.authenticated_at.desc())
            )
            return [
                OpenSession(row.id, row.browser, row.organization_id, row.authenticated_at, row.last_seen_at)
                for row in rows
            ]

    async def end(self, person: UUID, session_id: UUID, event: Event = Event.SIGNED_OUT) -> None:
        """End one session of the person's own; nothing happens when it is not theirs."""
        async with self._database.transaction(SERVER) as session:
            if await self._end(session, Session.id == session_id, Session.person_id == person):
                await record(session, event, person, by=str(person))

    async def end_everywhere(self, person: UUID) -> None:
        """End all the person's sessions, and all that applications hold in their name: each asks again."""
        async with self._database.transaction(SERVER) as session:
            await end_all(session, person, reason="signed_out")
            await session.execute(delete(ClientGrant).where(ClientGrant.person_id == person))
            await record(session, Event.SIGNED_OUT_EVERYWHERE, person, by=str(person))

    def _live(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        return (
            Session.ended_at.is_(None),
            Session.expires_at > now,
            Session.last_seen_at > now - self._idle,
        )

    async def _end(self, session: AsyncSession, *which: ColumnElement[bool]) -> bool:
        ended: Any = await session.execute(
            update(Session).where(*which, Session.ended_at.is_(None)).values(ended_at=self._now())
        )
        return bool(ended.rowcount)

    async def _clear(self, session: AsyncSession, now: datetime) -> None:
        """A session outlives its end for whoever looks into what happened; then it goes, a few at a time. Index:
        ix_sessions_expires_at."""
        long_over = (
            select(Session.id)
            .where(
                Session.expires_at < now - _KEPT_AFTER_EXPIRY,
                ~exists().where(AuthorizationCode.session_id == Session.id),
            )
            .limit(_CLEARED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        await session.execute(delete(Session).where(Session.id.in_(long_over)))


async def end_all(
    session: AsyncSession,
    person: UUID,
    *,
    reason: str,
    organization: UUID | None = None,
    keeping: UUID | None = None,
) -> None:
    """End a person's sessions (but `keeping`) and revoke what applications hold in their name, in all organisations or
    one. `reason` is written to the token families. Indexes: ix_sessions_person_id, ix_token_families_person_id,
    ix_access_tokens_person_id."""
    now = datetime.now(UTC)

    def theirs(table: type[Session] | type[TokenFamily] | type[AccessToken]) -> list[ColumnElement[bool]]:
        only = [table.organization_id == organization] if organization is not None else []
        return [table.person_id == person, *only]

    kept = [Session.id != keeping] if keeping is not None else []
    await session.execute(
        update(Session).where(*theirs(Session), *kept, Session.ended_at.is_(None)).values(ended_at=now)
    )
    await session.execute(
        update(TokenFamily)
        .where(*theirs(TokenFamily), TokenFamily.revoked_at.is_(None))
        .values(revoked_at=now, reason=reason)
    )
    await session.execute(
        update(AccessToken)
        .where(*theirs(AccessToken), AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
