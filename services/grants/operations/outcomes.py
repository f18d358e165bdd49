"""Publishing, once for each year, what came of its awards for the people: licences and businesses (DOMAIN 4.9, R31)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import ApplicationState
from services.grants.domain.follow_ups import FollowUpOutcome
from services.grants.domain.outcomes import LicenceWhen, Survival, licence_when, survival
from services.grants.domain.progress import LICENCES, MilestoneStage
from services.grants.models import (
    Award,
    Disbursement,
    FollowUp,
    GrantApplication,
    Milestone,
    Participant,
    PublishedGrants,
    PublishedOutcomes,
)
from vereda.context import RequestContext
from vereda.database import among
from vereda.idempotency import mark_recorded
from vereda.suppression import THRESHOLD, Hidden, NotShowableError, published

#: After a year's end: by then who completed a course in it was asked a year later.
SETTLED_AFTER: Final = timedelta(days=455)
_A_YEAR_LATER: Final = 12
_DIMENSIONS: Final = {
    "licence": [one.value for one in LicenceWhen],
    "survival": [one.value for one in Survival],
}
_DAY_S: Final = 86_400.0


async def publish_outcomes(context: RequestContext[Any]) -> int:
    """A round: publish what came of the awards of the newest settled year, if it is not there yet and the year's grants are."""
    year = (context.now - SETTLED_AFTER).year - 1
    async with context.write() as session:
        mark_recorded(session)
        there = select(PublishedOutcomes.id).where(PublishedOutcomes.year == year)
        grants = await session.scalar(select(PublishedGrants).where(PublishedGrants.year == year))
        if grants is None or await session.scalar(there) is not None:
            return 0
        awards = await _awards(session, year)
        session.add(
            PublishedOutcomes(
                year=year,
                published_at=context.now,
                figures=shown(await _counted(session, awards)) if _tells_how_many(grants) else [],
                median_days_to_money=await _median_days_to_money(session, awards),
            )
        )
        await session.flush()
        return 1


async def _awards(session: AsyncSession, year: int) -> Sequence[Any]:
    """The awards on applications submitted in a year: those that `PublishedGrants` counts as approved."""
    found = await session.execute(
        select(
            Award.id,
            Award.awarded_at,
            GrantApplication.decided_at,
            GrantApplication.applicant_handle,
            GrantApplication.funder_handle,
        )
        .join(GrantApplication, GrantApplication.id == Award.application_id)
        .where(
            GrantApplication.submitted_at >= datetime(year, 1, 1, tzinfo=UTC),
            GrantApplication.submitted_at < datetime(year + 1, 1, 1, tzinfo=UTC),
            GrantApplication.state != ApplicationState.RESCINDED,
        )
    )
    return found.all()


def _tells_how_many(grants: PublishedGrants) -> bool:
    """Whether the network was told how many awards there were: a table of them tells that, whatever it hides."""
    return any(cell == [["outcome", "APPROVED"]] and isinstance(count, int) for cell, count in grants.figures)


async def _counted(session: AsyncSession, awards: Sequence[Any]) -> Counter[tuple[LicenceWhen, Survival]]:
    """How many awards there are of each kind."""
    handles = {handle for row in awards for handle in (row.applicant_handle, row.funder_handle)}
    people = await session.scalars(
        select(Participant).where(
            or_(among(Participant.sponsor_handle, handles), among(Participant.host_handle, handles))
        )
    )
    seats: dict[UUID, set[UUID]] = defaultdict(set)
    for one in people:
        for handle in (one.sponsor_handle, one.host_handle):
            seats[handle].add(one.id)
    ids = {id_ for of_handle in seats.values() for id_ in of_handle}
    obtained: dict[UUID, list[date]] = defaultdict(list)
    milestones = select(Milestone.participant_id, Milestone.occurred_on).where(
        among(Milestone.participant_id, ids),
        Milestone.kind.in_(LICENCES),
        Milestone.stage == MilestoneStage.OBTAINED,
    )
    for id_, on in await session.execute(milestones):
        obtained[id_].append(on)
    answers: dict[UUID, list[FollowUpOutcome | None]] = defaultdict(list)
    asked = select(FollowUp.participant_id, FollowUp.outcome).where(
        among(FollowUp.participant_id, ids), FollowUp.months == _A_YEAR_LATER
    )
    for id_, outcome in await session.execute(asked):
        answers[id_].append(outcome)
    counted: Counter[tuple[LicenceWhen, Survival]] = Counter()
    for row in awards:
        mine = seats.get(row.applicant_handle, set()) | seats.get(row.funder_handle, set())
        days = [on for id_ in mine for on in obtained[id_]]
        when = licence_when(row.awarded_at.date(), days, trained=bool(mine))
        counted[when, survival(said for id_ in mine for said in answers[id_])] += 1
    return counted


def shown(counted: Mapping[tuple[LicenceWhen, Survival], int]) -> list[Any]:
    """The figures as they may be shown; none where too little was counted."""
    people = [
        ({"licence": licence.value, "survival": lives.value}, number)
        for (licence, lives), number in counted.items()
    ]
    try:
        figures = published(_DIMENSIONS, people)
    except NotShowableError:
        return []
    return [
        [[list(pair) for pair in cell], one.value if isinstance(one, Hidden) else one]
        for cell, one in figures.items()
    ]


async def _median_days_to_money(session: AsyncSession, awards: Sequence[Any]) -> int | None:
    """From the decision to the first tranche; None of few."""
    first = (
        select(Disbursement.award_id, func.min(Disbursement.paid_at))
        .where(among(Disbursement.award_id, [row.id for row in awards]))
        .group_by(Disbursement.award_id)
    )
    paid = {row[0]: row[1] for row in await session.execute(first)}
    days = [
        (paid[row.id] - row.decided_at).total_seconds() / _DAY_S
        for row in awards
        if row.id in paid and row.decided_at is not None
    ]
    return round(median(days)) if len(days) >= THRESHOLD else None
