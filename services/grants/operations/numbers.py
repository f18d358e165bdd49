"""The numbers of grants: exact for who funds or helps to apply, and the network's, published once for each year (R31)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import ApplicationState
from services.grants.domain.cohorts import ParticipantStatus
from services.grants.domain.counties import ELSEWHERE, REGION
from services.grants.domain.progress import VentureStage
from services.grants.models import (
    Award,
    Cohort,
    Disbursement,
    FundingProgram,
    FundingTier,
    GrantApplication,
    Participant,
    PublishedGrants,
    Venture,
)
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.scalars import Amount
from vereda.suppression import THRESHOLD, Hidden, NotShowableError, published

#: After a year's end: decisions that come later are in no published figure.
SETTLED_AFTER: Final = timedelta(days=90)
#: What came of an application, as the network is told.
OUTCOMES: Final = ("APPROVED", "NOT_APPROVED", "OPEN")
#: How much of an award's money was paid, and of that receipted or given back.
HOW_FAR: Final = ("NO_AWARD", "NOTHING", "PART", "ALL")
_DAY_S: Final = 86_400.0
_REFUSED: Final = (ApplicationState.DENIED, ApplicationState.WITHDRAWN, ApplicationState.RESCINDED)


@dataclass(frozen=True, slots=True)
class TierNumbers:
    tier: UUID
    approved: int
    awarded_cents: int


@dataclass(frozen=True, slots=True)
class RoundNumbers:
    """Counts of submitted applications; medians in days, None where nothing was decided or paid yet."""

    applications: int
    approved: int
    awarded_cents: int
    disbursed_cents: int
    receipted_cents: int
    returned_cents: int
    median_days_to_decision: float | None
    median_days_to_money: float | None
    tiers: tuple[TierNumbers, ...]


async def numbers_of_round(session: AsyncSession, round_id: UUID) -> RoundNumbers:
    """The numbers of what the session's caller may see of a round: all of it, or the applications that they helped with."""
    submitted = (GrantApplication.round_id == round_id, GrantApplication.submitted_at.is_not(None))
    paid = (
        select(Award.application_id, func.min(Disbursement.paid_at).label("at"))
        .join(Disbursement, Disbursement.award_id == Award.id)
        .where(Award.round_id == round_id)
        .group_by(Award.application_id)
        .subquery()
    )
    (applications, to_decision, to_money) = (
        await session.execute(
            select(
                func.count(),
                _median(GrantApplication.decided_at - GrantApplication.submitted_at),
                _median(paid.c.at - GrantApplication.decided_at),
            )
            .select_from(GrantApplication)
            .outerjoin(paid, paid.c.application_id == GrantApplication.id)
            .where(*submitted)
        )
    ).one()
    awards: Sequence[Any] = (
        await session.execute(
            select(
                GrantApplication.tier_id,
                func.count(),
                func.sum(Award.amount_cents - Award.released_cents - Award.returned_cents),
                func.sum(Award.disbursed_cents),
                func.sum(Award.receipted_cents),
                func.sum(Award.returned_cents),
            )
            .join(GrantApplication, GrantApplication.id == Award.application_id)
            .where(Award.round_id == round_id, GrantApplication.state != ApplicationState.RESCINDED)
            .group_by(GrantApplication.tier_id)
        )
    ).all()
    approved, awarded, disbursed, receipted, returned = (
        sum(int(row[column]) for row in awards) for column in range(1, 6)
    )
    return RoundNumbers(
        applications=applications,
        approved=approved,
        awarded_cents=awarded,
        disbursed_cents=disbursed,
        receipted_cents=receipted,
        returned_cents=returned,
        median_days_to_decision=_days(to_decision),
        median_days_to_money=_days(to_money),
        tiers=tuple(TierNumbers(tier, int(count), int(cents)) for tier, count, cents, *_ in awards),
    )


async def publish(context: RequestContext[Any]) -> int:
    """A round: publish the network's figures of the newest settled year, if it has none yet, and has begun at all."""
    async with context.write() as session:
        mark_recorded(session)
        if await session.scalar(select(FundingProgram.id).limit(1)) is None:
            return 0
        return int(await publish_year(session, settled_year(context.now), context.now))


def settled_year(now: datetime) -> int:
    """The newest year whose figures are settled."""
    return (now - SETTLED_AFTER).year - 1


async def publish_year(session: AsyncSession, year: int, now: datetime) -> bool:
    """Publish the network's figures of a settled year, unless they are there already."""
    there = select(PublishedGrants.id).where(PublishedGrants.year == year)
    if await session.scalar(there) is not None:
        return False
    session.add(
        PublishedGrants(
            year=year,
            published_at=now,
            ventures=await _ventures(session, year),
            **await _figures(session, year),
        )
    )
    await session.flush()
    return True


async def _figures(session: AsyncSession, year: int) -> dict[str, Any]:
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    of_year = (GrantApplication.submitted_at >= begin, GrantApplication.submitted_at < end)
    outcome = case(
        (GrantApplication.awarded_cents.is_not(None) & GrantApplication.state.not_in(_REFUSED), "APPROVED"),
        (GrantApplication.state.in_(_REFUSED), "NOT_APPROVED"),
        else_="OPEN",
    )
    promised = Award.amount_cents - Award.released_cents
    paid = _far(outcome, Award.disbursed_cents, promised)
    receipted = _far(outcome, Award.receipted_cents + Award.returned_cents, Award.disbursed_cents)
    rows: Sequence[Any] = (
        await session.execute(
            select(
                FundingTier.amount_cents,
                FundingProgram.currency,
                outcome,
                paid,
                receipted,
                func.count(),
                func.coalesce(func.sum(Award.disbursed_cents), 0),
                func.coalesce(func.sum(Award.receipted_cents), 0),
            )
            .select_from(GrantApplication)
            .join(FundingTier, FundingTier.id == GrantApplication.tier_id)
            .join(FundingProgram, FundingProgram.id == FundingTier.program_id)
            .outerjoin(Award, Award.application_id == GrantApplication.id)
            .where(*of_year)
            .group_by(FundingTier.amount_cents, FundingProgram.currency, outcome, paid, receipted)
        )
    ).all()
    people = [
        (
            {
                "tier": str(Amount(row[0], row[1])),
                "outcome": row[2],
                "paid": row[3],
                "receipted": row[4],
            },
            int(row[5]),
        )
        for row in rows
    ]
    days = await session.scalar(
        select(_median(GrantApplication.decided_at - GrantApplication.submitted_at)).where(*of_year)
    )
    decided = await session.scalar(
        select(func.count())
        .select_from(GrantApplication)
        .where(*of_year, GrantApplication.decided_at.is_not(None))
    )
    figures = shown(people)
    many = (decided or 0) >= THRESHOLD and bool(figures)
    approved = [row for row in rows if row[2] == "APPROVED"]
    currencies = {row[1] for row in rows}
    sums = {"paid": sum(int(row[6]) for row in approved), "receipted": sum(int(row[7]) for row in approved)}
    return {
        "figures": figures,
        "money": safe_money(figures, people, sums) if len(currencies) == 1 else {},
        "currency": currencies.pop() if len(currencies) == 1 else None,
        "median_days_to_decision": round(days / _DAY_S) if many and days is not None else None,
    }


def _far(outcome: Any, done: Any, of: Any) -> Any:
    """How far the money of an approved application is."""
    return case(
        (outcome != "APPROVED", "NO_AWARD"),
        (func.coalesce(done, 0) == 0, "NOTHING"),
        (done >= of, "ALL"),
        else_="PART",
    )


async def _ventures(session: AsyncSession, year: int) -> list[Any]:
    """What those build who completed a course that ended in the year, by county: each of them in one year alone."""
    rows: Sequence[Any] = (
        await session.execute(
            select(Venture.county_fips, Venture.stage, func.count())
            .join(Participant, Participant.id == Venture.participant_id)
            .join(Cohort, Cohort.id == Participant.cohort_id)
            .where(
                Cohort.ends_on >= date(year, 1, 1),
                Cohort.ends_on <= date(year, 12, 31),
                Participant.status == ParticipantStatus.COMPLETED,
            )
            .group_by(Venture.county_fips, Venture.stage)
        )
    ).all()
    counties = [*REGION, ELSEWHERE]
    return _table(
        {"county": counties, "stage": [one.value for one in VentureStage]},
        [
            ({"county": fips if fips in REGION else ELSEWHERE, "stage": stage.value}, int(number))
            for fips, stage, number in rows
        ],
    )


def shown(people: Iterable[tuple[Mapping[str, str], int]]) -> list[Any]:
    """The figures of a table of tiers, outcomes and how far the money is, as they may be shown; none where too little was
    counted. Who has no award in the table has none of its money.
    """
    counted = [({"paid": "NO_AWARD", "receipted": "NO_AWARD"} | dict(one), number) for one, number in people]
    tiers = sorted({values["tier"] for values, _ in counted})
    return _table({"tier": tiers, "outcome": OUTCOMES, "paid": HOW_FAR, "receipted": HOW_FAR}, counted)


def safe_money(
    figures: Sequence[Any], people: Iterable[tuple[Mapping[str, str], int]], sums: Mapping[str, int]
) -> dict[str, int]:
    """Of the sums of money those that no small count could be worked out from.

    Amounts are whole tiers and tranches, and so tell how many there are: what was promised less what was paid is what some
    are still owed, and with the number of those who were paid a part it can be solved for how many of them each tier has. A
    sum is shown only where of each tier those who were paid nothing, a part, or all are none, or not few, and the counts of
    approved applications are shown.
    """
    counted = list(people)
    approved = [count for cell, count in figures if {axis for axis, _ in cell} <= {"tier", "outcome"}]
    if not approved or any(isinstance(count, str) for count in approved):
        return {}
    found = {}
    for name, cents in sums.items():
        cells: Counter[tuple[str, str]] = Counter()
        for values, number in counted:
            if values["outcome"] == "APPROVED":
                cells[values["tier"], values[name]] += number
        if all(number == 0 or number >= THRESHOLD for number in cells.values()):
            found[name] = cents
    return found


def _table(
    dimensions: Mapping[str, Sequence[str]], people: Iterable[tuple[Mapping[str, str], int]]
) -> list[Any]:
    try:
        figures = published(dimensions, people)
    except NotShowableError:
        return []
    return [
        [[list(pair) for pair in cell], one.value if isinstance(one, Hidden) else one]
        for cell, one in figures.items()
    ]


def money_of(figures: Sequence[Any]) -> dict[str, int | None]:
    """Cents awarded by tier, from the figures: money follows its count, and is hidden with it."""
    found: dict[str, int | None] = {}
    for cell, count in figures:
        values = dict(map(tuple, cell))
        if values.get("outcome") == "APPROVED" and "tier" in values:
            whole, _, currency = values["tier"].partition(" ")
            cents = int(whole.replace(".", ""))
            found[f"{values['tier']}"] = count * cents if isinstance(count, int) and currency else None
    return found


def _median(interval: Any) -> Any:
    seconds = func.extract("epoch", interval)
    return func.percentile_cont(0.5).within_group(seconds)


def _days(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds) / _DAY_S, 1)
