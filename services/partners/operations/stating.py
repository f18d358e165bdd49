"""What the directory states of workshops: to a client who books a seat, and to referrals, which asks what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.partners.domain.terms import WorkshopStatus
from services.partners.models import Workshop
from services.partners.operations.search import among
from vereda.asking import Answered
from vereda.context import RequestContext
from vereda.statements import WorkshopsAsked, WorkshopSlot

#: Workshops of one question; the rest is asked next.
_MOST: Final = 100


def slot_of(row: Workshop, now: datetime) -> WorkshopSlot:
    """When a workshop is, how many seats it has, and how it stands."""
    return WorkshopSlot(
        workshop=row.id,
        organization=row.organization_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        seats=row.capacity,
        announced=row.status is WorkshopStatus.PUBLISHED,
        status=row.status.value,
        county=row.county_fips,
        stated_at=now,
    )


async def workshops_asked(context: RequestContext[Any], question: WorkshopsAsked) -> Sequence[WorkshopSlot]:
    """How the workshops stand; of one that there is not, nothing."""
    ids = [UUID(one) for one in question.workshops[:_MOST]]
    async with context.read() as session:
        rows = await session.scalars(select(Workshop).where(among(Workshop.id, ids)).order_by(Workshop.id))
        return [slot_of(row, context.now) for row in rows]


ANSWERS: Final = (Answered("/statements/workshops", WorkshopsAsked, workshops_asked),)
