"""Whose a seat or an application was is kept no longer than needed (R23): vereda/retention.py says for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.models import (
    Award,
    Cohort,
    CohortApplication,
    FundingRound,
    GrantApplication,
    Milestone,
    Participant,
)
from vereda.context import RequestContext
from vereda.database import among
from vereda.idempotency import mark_recorded
from vereda.ids import new_id
from vereda.retention import GRANTS

_BATCH: Final = 200
_OfCohort = TypeVar("_OfCohort", Participant, CohortApplication)


async def unlink(context: RequestContext[Any]) -> int:
    """Give a batch of seats and applications of programmes that are over handles that lead to nobody.

    This service knows people by handles alone; what is left counts, and can be joined to no client, nor to another seat of
    the same one.
    """
    over = GRANTS.over(context.settings)
    async with context.write() as session:
        rows: list[Participant | CohortApplication | GrantApplication] = [
            *await _of_cohorts(session, context, over, Participant),
            *await _of_cohorts(session, context, over, CohortApplication),
            *await _applications(session, context, over),
        ]
        for row in rows:
            row.consent_id, row.unlinked_at = new_id(), context.now
            if isinstance(row, Participant | CohortApplication):
                row.host_handle, row.sponsor_handle = new_id(), new_id()
            else:
                row.applicant_handle, row.funder_handle = new_id(), new_id()
                row.training_waived_by = None
        applications = [row for row in rows if isinstance(row, GrantApplication)]
        for application in applications:
            of_it = update(Award).where(Award.application_id == application.id)
            await session.execute(of_it.values(participant_handle=application.funder_handle))
        seats = [row.id for row in rows if isinstance(row, Participant)]
        # A number in somebody's records leads to them as a handle does.
        await session.execute(
            update(Milestone).where(among(Milestone.participant_id, seats)).values(evidence=None)
        )
        mark_recorded(session)
        return len(rows)


async def _of_cohorts(
    session: AsyncSession, context: RequestContext[Any], over: timedelta, kind: type[_OfCohort]
) -> list[_OfCohort]:
    found = await session.scalars(  # served by the index of each on what is to be unlinked
        select(kind)
        .join(Cohort, Cohort.id == kind.cohort_id)
        .where(kind.unlinked_at.is_(None), Cohort.ends_on < (context.now - over).date())
        .limit(_BATCH)
        .with_for_update(skip_locked=True, of=kind)
    )
    return list(found)


async def _applications(
    session: AsyncSession, context: RequestContext[Any], over: timedelta
) -> list[GrantApplication]:
    found = await session.scalars(  # served by ix_grant_applications_to_unlink
        select(GrantApplication)
        .join(FundingRound, FundingRound.id == GrantApplication.round_id)
        .where(GrantApplication.unlinked_at.is_(None), FundingRound.closes_at < context.now - over)
        .limit(_BATCH)
        .with_for_update(skip_locked=True, of=GrantApplication)
    )
    return list(found)
