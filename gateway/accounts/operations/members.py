"""People of an organisation as its administrators see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.accounts.operations.acting import SERVER, acting_for, administered
from gateway.store import Membership, Passkey, Person, Role
from vereda.context import RequestContext
from vereda.pagination import Order, Page, page_request, paginate

#: Index: ix_memberships_organization_id_person_id.
MEMBER_ORDER: Final = (Order(Membership.person_id),)


class MemberStatus(StrEnum):
    """Whether a member can sign in."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one organisation."""

    person_id: UUID
    organization: UUID
    email: str
    display_name: str
    role: Role
    status: MemberStatus
    has_second_factor: bool
    since: datetime


async def members(
    context: RequestContext[Any], organization: UUID | None, first: int | None, after: str | None
) -> Page[Member]:
    """One page of an organisation's members, in the order of their ids.

    Raises: ClientError FORBIDDEN, PAGE_TOO_LARGE, BAD_CURSOR.
    """
    chosen = administered(context, organization)
    async with context.read_as(acting_for(context, chosen)) as session:
        page = await paginate(
            session,
            select(Membership).where(Membership.organization_id == chosen, Membership.ended_at.is_(None)),
            MEMBER_ORDER,
            page_request(first, after),
        )
    async with context.read_as(SERVER) as session:
        found = await described(session, page.rows)
    return Page(tuple(found), page.cursors, page.has_next, page.has_previous)


async def described(session: AsyncSession, memberships: Sequence[Membership]) -> list[Member]:
    """Who the members are, in the same order. What they prove themselves with is read as yes or no only.

    Indexes: the primary key, ix_passkeys_person_id.
    """
    rows = await session.execute(
        select(
            Person.id,
            Person.email,
            Person.display_name,
            Person.disabled_at,
            (Person.password_hash.is_not(None) | Person.external_subject.is_not(None)),
            (Person.totp_secret.is_not(None) | exists().where(Passkey.person_id == Person.id)),
        ).where(Person.id.in_([membership.person_id for membership in memberships]))
    )
    people = {row[0]: row for row in rows}
    shown = []
    for membership in memberships:
        id_, email, display_name, disabled_at, joined, has_factor = people[membership.person_id]
        status = MemberStatus.ACTIVE if joined else MemberStatus.INVITED
        shown.append(
            Member(
                person_id=id_,
                organization=membership.organization_id,
                email=email,
                display_name=display_name,
                role=membership.role,
                status=MemberStatus.DISABLED if disabled_at is not None else status,
                has_second_factor=has_factor,
                since=membership.created_at,
            )
        )
    return shown


async def is_last_administrator(session: AsyncSession, person: UUID, organization: UUID) -> bool:
    """Whether `person` administers the organisation, and nobody else who can sign in does.

    Index: ix_memberships_organization_id_person_id.
    """
    able = set(
        await session.scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.organization_id == organization,
                Membership.ended_at.is_(None),
                Membership.role == Role.ORGANIZATION_ADMINISTRATOR,
                Person.disabled_at.is_(None),
                Person.password_hash.is_not(None) | Person.external_subject.is_not(None),
            )
        )
    )
    return able == {person}


async def invited(session: AsyncSession, organization: UUID) -> int:
    """How many are members and have set no password yet. Index: ix_memberships_organization_id_person_id."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(Membership)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.organization_id == organization,
                Membership.ended_at.is_(None),
                Person.password_hash.is_(None),
                Person.external_subject.is_(None),
            )
        )
        or 0
    )


async def memberships_of(session: AsyncSession, person: UUID) -> dict[UUID, Role]:
    """What a person is, by organisation. Index: the primary key."""
    rows = await session.execute(
        select(Membership.organization_id, Membership.role).where(
            Membership.person_id == person, Membership.ended_at.is_(None)
        )
    )
    return {row.organization_id: row.role for row in rows}


async def person_with(session: AsyncSession, email: str) -> UUID | None:
    """Whose address this is. Index: uq_people_email."""
    return await session.scalar(select(Person.id).where(func.lower(Person.email) == email.lower()))
