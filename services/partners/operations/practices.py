"""Who may give legal help at organisations, as far as the directory holds it: a fixed number of statements."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.capacity import Room, derived, open_places, week_of
from services.partners.domain.practice import (
    PRODUCTIVE_SHARE,
    Credential,
    Practice,
    Recognised,
    Staff,
    hours_per_case,
    level_needed,
    matters,
    strictest,
)
from services.partners.domain.taxonomy import BY_CODE
from services.partners.domain.terms import ServiceStatus, WorkshopStatus
from services.partners.models import Accreditation, Practitioner, Recognition, Service, Workshop
from services.partners.operations.search import among

_IMMIGRATION = tuple(code for code in BY_CODE if level_needed(code) is not None)


def matters_of(service: Service) -> tuple[str, ...]:
    """The immigration matters of a service."""
    own = any(code in BY_CODE for code in service.term_codes)
    return matters(tuple(service.term_codes), service.sensitivity, own=own)


async def practices(
    session: AsyncSession, organizations: Collection[UUID], only: Collection[UUID] | None = None
) -> dict[UUID, Practice]:
    """Recognitions and staff of each, or those of its staff that `only` names; served by the indexes on
    `organization_id`."""
    if not organizations:
        return {}
    recognitions = await recognitions_of(session, organizations)
    staff: dict[UUID, list[Staff]] = defaultdict(list)
    for row, person in await people_of(session, organizations, only):
        staff[row.organization_id].append(person)
    return {
        one: Practice(tuple(recognitions.get(one, ())), tuple(staff.get(one, ()))) for one in organizations
    }


async def recognitions_of(
    session: AsyncSession, organizations: Collection[UUID]
) -> dict[UUID, list[Recognised]]:
    recognitions: dict[UUID, list[Recognised]] = defaultdict(list)
    for r in await session.scalars(
        select(Recognition).where(among(Recognition.organization_id, organizations))
    ):
        held = Recognised(r.status, r.granted_on, r.expires_on, r.pending_renewal, ended_on=r.ended_on)
        recognitions[r.organization_id].append(held)
    return recognitions


async def staff_of(session: AsyncSession, organizations: Collection[UUID]) -> dict[UUID, Staff]:
    """The practitioners of each, by their ids."""
    return {row.id: person for row, person in await people_of(session, organizations)}


async def people_of(
    session: AsyncSession, organizations: Collection[UUID], only: Collection[UUID] | None = None
) -> list[tuple[Practitioner, Staff]]:
    """The practitioners of each, and what they are authorised to do."""
    credentials: dict[UUID, list[Credential]] = defaultdict(list)
    for a in await session.scalars(
        select(Accreditation).where(among(Accreditation.organization_id, organizations))
    ):
        one = Credential(
            a.status, a.granted_on, a.expires_on, a.pending_renewal, a.level, ended_on=a.ended_on
        )
        credentials[a.practitioner_id].append(one)
    people = select(Practitioner).where(among(Practitioner.organization_id, organizations))
    if only is not None:
        people = people.where(among(Practitioner.id, only))
    rows = await session.scalars(people.order_by(Practitioner.id))
    return [
        (
            row,
            Staff(row.role, tuple(credentials[row.id]), row.weekly_hours, row.started_on, row.ended_on),
        )
        for row in rows
    ]


async def rooms_by_hours(
    session: AsyncSession, services: Collection[Service], known: dict[UUID, Practice], now: datetime
) -> dict[UUID, Room]:
    """Room of the services of immigration law whose organisations say how many hours their people have (DOMAIN 4.6).

    An organisation's hours are shared evenly among its services that need them, and each is counted with its most
    laborious matter: what is promised can be kept. Hours of workshops in the same week are taken.
    """
    legal = {service.id: (service, asked) for service in services if (asked := matters_of(service))}
    organizations = {
        service.organization_id for service, _ in legal.values() if known[service.organization_id].staff
    }
    if not organizations:
        return {}
    sharing, reserved = (
        await _sharing(session, organizations),
        await reserved_hours(session, organizations, now),
    )
    found = {}
    for service, asked in legal.values():
        if service.organization_id not in organizations:
            continue
        level = strictest(asked)
        assert level is not None
        able = known[service.organization_id].authorised(now.date(), level)
        parts = max(1, sharing.get(service.organization_id, 1))
        each = max(hours_per_case(term) for term in asked)
        taken_hours = reserved.get(service.organization_id, 0.0) * PRODUCTIVE_SHARE / parts
        places = open_places(
            sum(person.weekly_hours for person in able) / parts, each, reserved=math.ceil(taken_hours / each)
        )
        found[service.id] = derived(places, now)
    return found


async def _sharing(session: AsyncSession, organizations: Collection[UUID]) -> dict[UUID, int]:
    """How many active services of immigration law each has."""
    counted = (
        select(Service.organization_id, func.count().label("services"))
        .where(
            among(Service.organization_id, organizations),
            Service.status == ServiceStatus.ACTIVE,
            Service.term_codes.overlap(list(_IMMIGRATION)),
        )
        .group_by(Service.organization_id)
    )
    return {row.organization_id: row.services for row in await session.execute(counted)}


async def reserved_hours(
    session: AsyncSession, organizations: Collection[UUID], now: datetime
) -> dict[UUID, float]:
    """Hours of practitioners at workshops of this week."""
    begin, end = week_of(now)
    rows = await session.scalars(
        select(Workshop).where(
            among(Workshop.organization_id, organizations),
            Workshop.status == WorkshopStatus.PUBLISHED,
            Workshop.starts_at >= begin,
            Workshop.starts_at < end,
        )
    )
    hours: dict[UUID, float] = defaultdict(float)
    for row in rows:
        length = (row.ends_at - row.starts_at).total_seconds() / 3600
        hours[row.organization_id] += length * len(row.practitioner_ids)
    return hours
