"""The numbers of grants: exact for who funds or helps to apply, and the network's, published once for each year (R31)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import ApplicationState
from services.grants.models import (
    Award,
    Disbursement,
    FundingProgram,
    FundingTier,
    GrantApplication,
    PublishedGrants,
)
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.scalars import Amount
from vereda.suppression import THRESHOLD, Hidden, NotShowableError, published

#: After a year's end: decisions that come later are in no published figure.
SETTLED_AFTER: Final = timedelta(days=90)
#: What came of an application, as the network is told.
OUTCOMES: Final = ("APPROVED", "NOT_APPROVED", "OPEN")
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
    """A round: publish the network's figures of the newest settled year, if it has none yet."""
    year = (context.now - SETTLED_AFTER).year - 1
    async with context.write() as session:
        mark_recorded(session)
        there = select(PublishedGrants.id).where(PublishedGrants.year == year)
        if await session.scalar(there) is not None:
            return 0
        session.add(PublishedGrants(year=year, published_at=context.now, **await _figures(session, year)))
        await session.flush()
        return 1


async def _figures(session: AsyncSession, year: int) -> dict[str, Any]:
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    of_year = (GrantApplication.submitted_at >= begin, GrantApplication.submitted_at < end)
    outcome = case(
        (GrantApplication.awarded_cents.is_not(None) & GrantApplication.state.not_in(_REFUSED), "APPROVED"),
        (GrantApplication.state.in_(_REFUSED), "NOT_APPROVED"),
        else_="OPEN",
    )
    rows: Sequence[Any] = (
        await session.execute(
            select(FundingTier.amount_cents, FundingProgram.currency, outcome, func.count())
            .select_from(GrantApplication)
            .join(FundingTier, FundingTier.id == GrantApplication.tier_id)
            .join(FundingProgram, FundingProgram.id == FundingTier.program_id)
            .where(*of_year)
            .group_by(FundingTier.amount_cents, FundingProgram.currency, outcome)
        )
    ).all()
    people = [
        ({"tier": str(Amount(cents, currency)), "outcome": came}, int(number))
        for cents, currency, came, number in rows
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
    return {
        "figures": figures,
        "median_days_to_decision": round(days / _DAY_S) if many and days is not None else None,
    }


def shown(people: Iterable[tuple[Mapping[str, str], int]]) -> list[Any]:
    """The figures of a table of tiers and outcomes as they may be shown; none where too little was counted."""
    counted = list(people)
    tiers = sorted({values["tier"] for values, _ in counted})
    try:
        figures = published({"tier": tiers, "outcome": OUTCOMES}, counted)
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
