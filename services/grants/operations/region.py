"""This service's part of the regional dashboard: cohorts, and what was published of their people and of grants (R31).

Cohorts and their seats are read by every member, and counted exactly. No figure of people is counted here: licences are sums of
the funnels that were published once for each cohort, and grants those of the year's table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.cohorts import CohortStatus
from services.grants.domain.progress import FunnelStage
from services.grants.domain.scheduling import SessionStatus
from services.grants.models import Cohort, PublishedFunnel, PublishedGrants, TrainingSession
from services.grants.operations import measures
from services.grants.operations.funnels import SETTLED_AFTER as FUNNEL_SETTLED_AFTER
from services.grants.operations.numbers import money_of, settled_year
from vereda.context import RequestContext
from vereda.figures import Figure, Mark, Measure, said, share, total
from vereda.periods import Period, PeriodKind
from vereda.scalars import Amount, parse_money

_GRADUATED: Final = (FunnelStage.COMPLETED, FunnelStage.PLAN, FunnelStage.APPLIED, FunnelStage.LICENSED)
_Cell = tuple[tuple[str, str], ...]
#: From a day to a day, both included.
Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Course:
    """A cohort that was under way, and what was published of it; `figures` is None where nothing was."""

    ends_on: date
    capacity: int
    admitted: int
    figures: Mapping[str, int | str] | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Load:
    """What a request reads once, however many figures it is for."""

    grants: Callable[[int], Awaitable[PublishedGrants | None]]
    courses: Callable[[Days], Awaitable[Sequence[Course] | None]]


async def courses_of(session: AsyncSession, spans: Sequence[Days]) -> dict[Days, Sequence[Course]]:
    """The cohorts under way in each span, by one statement for all."""
    rows = (
        await session.execute(
            select(Cohort, PublishedFunnel.figures, PublishedFunnel.published_at)
            .outerjoin(PublishedFunnel, PublishedFunnel.cohort_id == Cohort.id)
            .where(
                Cohort.starts_on <= max(last for _, last in spans),
                Cohort.ends_on >= min(first for first, _ in spans),
                Cohort.status != CohortStatus.CANCELLED,
            )
            .order_by(Cohort.starts_on, Cohort.id)
        )
    ).all()
    return {
        (first, last): [
            Course(
                one.ends_on,
                one.capacity,
                one.admitted,
                figures,
                published_at,
            )
            for one, figures, published_at in rows
            if one.starts_on <= last and one.ends_on >= first
        ]
        for first, last in spans
    }


@dataclass(frozen=True, slots=True)
class Part:
    """One period and area of this service's figures. `county` is None for the region."""

    context: RequestContext[Any]
    load: Load
    of: Period
    county: str | None = None

    async def cohorts(self, measure: Measure) -> Figure:
        """Cohorts under way, or their seats."""
        blank = self._blank(measure)
        if self.county is not None:
            return blank.hidden(Mark.NOT_BY_COUNTY)
        courses = await self._courses()
        taken = sum(one.admitted for one in courses)
        if measure is measures.SEATS_PER_COHORT:
            if not courses:
                return blank.hidden(Mark.NOTHING_TO_SHARE)
            return said(blank, round(taken / len(courses), 1))
        seats = sum(one.capacity for one in courses)
        return said(blank, {measures.COHORTS: len(courses), measures.SEATS: seats}.get(measure, taken))

    async def came_to(self, measure: Measure, stages: Sequence[FunnelStage]) -> Figure:
        """How many of the cohorts that ended came to one of the stages and no further: the sum of what was published of each."""
        blank = self._blank(measure)
        if self.county is not None:
            return blank.hidden(Mark.NOT_BY_COUNTY)
        parts = [self._stage(blank, one, stage) for one in await self._ended() for stage in stages]
        if parts:
            return total(blank, parts)
        return said(blank, 0) if self.of.end <= self.context.now else blank.hidden(Mark.NOT_YET)

    async def graduated(self) -> Figure:
        return await self.came_to(measures.GRADUATED, _GRADUATED)

    async def licensed(self) -> Figure:
        return await self.came_to(measures.LICENSED, (FunnelStage.LICENSED,))

    async def licensed_share(self) -> Figure:
        kept = said(self._blank(measures.SEATS_TAKEN), sum(one.admitted for one in await self._ended()))
        return share(self._blank(measures.LICENSED_SHARE), await self.licensed(), kept)

    async def grants(self, measure: Measure, *cell: tuple[str, str]) -> Figure:
        """A count of the year's table of applications."""
        blank, row = await self._year(self._blank(measure))
        return blank if row is None else said(blank, _numbers(row.figures).get(cell))

    async def promised_by_tier(self) -> list[Figure]:
        blank, row = await self._year(self._blank(measures.PROMISED_TIER))
        if row is None:
            return [blank]
        found, counts = [], _numbers(row.figures)
        for tier, cents in money_of(row.figures).items():
            one = replace(blank, of=(*blank.of, ("tier", tier)))
            counted = said(one, counts.get((("tier", tier), ("outcome", "APPROVED"))))
            found.append(counted if cents is None else _money(one, cents, parse_money(tier).currency))
        return found

    async def promised(self) -> Figure:
        """The sum of the tiers, where each is shown and all are of one currency."""
        blank, row = await self._year(self._blank(measures.PROMISED))
        if row is None:
            return blank
        tiers = money_of(row.figures)
        currencies = {parse_money(tier).currency for tier in tiers}
        if not tiers:
            return blank.hidden(Mark.NOT_PUBLISHED)
        if None in tiers.values() or len(currencies) != 1:
            return blank.hidden(Mark.PART_HIDDEN)
        return _money(blank, sum(cents or 0 for cents in tiers.values()), currencies.pop())

    async def money(self, measure: Measure, name: str) -> Figure:
        """What was paid or receipted of a year's awards."""
        blank, row = await self._year(self._blank(measure))
        if row is None:
            return blank
        if row.money is None or row.currency is None:
            return blank.hidden(Mark.NOT_PUBLISHED)
        if name not in row.money:
            return blank.hidden(Mark.PART_HIDDEN)
        return _money(blank, row.money[name], row.currency)

    async def days_to_decision(self) -> Figure:
        blank, row = await self._year(self._blank(measures.DAYS_TO_DECISION))
        if row is None:
            return blank
        days = row.median_days_to_decision
        return blank.hidden(Mark.TOO_FEW) if days is None else said(blank, days)

    async def ventures(self) -> Figure:
        """Of the region, or the county."""
        blank, row = await self._year(self._blank(measures.VENTURES), by_county=True)
        if row is None:
            return blank
        return said(
            blank, _numbers(row.ventures or []).get((("county", self.county),) if self.county else ())
        )

    async def sessions_unclosed(self) -> Figure:
        blank = self._blank(measures.SESSIONS_UNCLOSED)
        if self.county is not None:
            return blank.hidden(Mark.NOT_BY_COUNTY)
        over = select(func.count()).where(
            TrainingSession.starts_at >= self.of.begin,
            TrainingSession.starts_at < min(self.of.end, self.context.now - timedelta(days=1)),
            TrainingSession.status != SessionStatus.CANCELLED,
            TrainingSession.attendance_at.is_(None),
        )
        async with self.context.read() as session:
            return said(blank, await session.scalar(over) or 0)

    async def _courses(self) -> Sequence[Course]:
        return await self.load.courses((self.of.first, self.of.last)) or ()

    async def _ended(self) -> list[Course]:
        return [one for one in await self._courses() if self.of.first <= one.ends_on <= self.of.last]

    def _stage(self, blank: Figure, course: Course, stage: FunnelStage) -> Figure:
        if course.figures is None or course.published_at is None:
            settled = course.ends_on < (self.context.now - FUNNEL_SETTLED_AFTER).date()
            return blank.hidden(Mark.NOT_PUBLISHED if settled else Mark.NOT_YET)
        told = replace(blank, as_of=course.published_at, final=True)
        return said(told, course.figures.get(stage.value))

    async def _year(self, blank: Figure, *, by_county: bool = False) -> tuple[Figure, PublishedGrants | None]:
        """The figure, marked where there is none, and what was published of its year."""
        if self.county is not None and not by_county:
            return blank.hidden(Mark.NOT_BY_COUNTY), None
        if self.of.kind is not PeriodKind.YEAR:
            return blank.hidden(Mark.OTHER_PERIODS), None
        row = await self.load.grants(self.of.year)
        if row is None:
            late = self.of.year <= settled_year(self.context.now)
            return blank.hidden(Mark.NOT_PUBLISHED if late else Mark.NOT_YET), None
        return replace(blank, as_of=row.published_at, final=True), row

    def _blank(self, measure: Measure) -> Figure:
        place = (("county", self.county),) if self.county else ()
        return Figure(measure, self.of, self.context.now, of=place)


def _money(blank: Figure, cents: int, currency: str) -> Figure:
    return replace(blank, amount=Amount(cents, currency))


def _numbers(figures: Sequence[Any]) -> Mapping[_Cell, int | str]:
    return {tuple((name, value) for name, value in cell): number for cell, number in figures}
