"""Links that let a person set a password: their first one, or a new one. Good once, and for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.people.cookies import digest, new_value
from gateway.people.events import SERVER
from gateway.people.origins import page_url
from gateway.store import Invitation, Person
from vereda.database import Database
from vereda.settings import Settings

PATH: Final = "/invitation"


class Purpose(StrEnum):
    JOIN = "join"
    RESET = "reset"


LASTS: Final = {Purpose.JOIN: timedelta(days=7), Purpose.RESET: timedelta(minutes=30)}
_CLEARED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link is for."""

    person_id: UUID
    email: str
    display_name: str
    purpose: Purpose


async def invite(session: AsyncSession, person: UUID, purpose: Purpose) -> str:
    """The token of a new link, which only its reader knows from now on; older links of the person's end."""
    token, now = new_value(), datetime.now(UTC)
    await end_invitations(session, person)
    session.add(
        Invitation(
            digest=digest(token), person_id=person, purpose=purpose.value, expires_at=now + LASTS[purpose]
        )
    )
    long_over = (
        select(Invitation.digest)
        .where(Invitation.expires_at < now - timedelta(days=1))
        .limit(_CLEARED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(Invitation).where(Invitation.digest.in_(long_over)))
    return token


def link_of(settings: Settings, token: str) -> str:
    """The link with this token: one rule, for mails and for what operators are shown."""
    return f"{page_url(settings)}{PATH}?token={token}"


async def end_invitations(session: AsyncSession, person: UUID) -> None:
    """No link that the person was sent is good any more. Index: ix_invitations_person_id."""
    await session.execute(
        update(Invitation)
        .where(Invitation.person_id == person, Invitation.used_at.is_(None))
        .values(used_at=datetime.now(UTC))
    )


async def whom(database: Database, token: str) -> Invited | None:
    """Whom the link is for, while it is good. Index: the primary key."""
    async with database.transaction(SERVER, read_only=True) as session:
        found = (
            await session.execute(
                select(Person, Invitation.purpose)
                .join(Invitation, Invitation.person_id == Person.id)
                .where(Invitation.digest == digest(token), *_good())
            )
        ).one_or_none()
    if found is None:
        return None
    person, purpose = found
    return Invited(person.id, person.email, person.display_name, Purpose(purpose))


async def redeem(session: AsyncSession, token: str) -> UUID | None:
    """Use the link up; its person, or None when it was used before or is over."""
    return await session.scalar(
        update(Invitation)
        .where(Invitation.digest == digest(token), Invitation.person_id == Person.id, *_good())
        .values(used_at=datetime.now(UTC))
        .returning(Invitation.person_id)
    )


def _good() -> tuple[ColumnElement[bool], ...]:
    return (
        Invitation.used_at.is_(None),
        Invitation.expires_at > datetime.now(UTC),
        Person.disabled_at.is_(None),
    )
