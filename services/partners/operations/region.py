"""This service's part of the regional dashboard: how the directory stands, the calendar of workshops, and unmet need.

What every member reads in the directory is counted exactly: there is nothing to hide in the sum of what is not hidden. How
it stood at the end of a month is kept in a snapshot, since the directory itself remembers only how it is. Unmet needs are
published once with it, small counts hidden (R31); longer periods are sums of months, where no month hides it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.applications import RaStage
from services.partners.domain.geography import COUNTIES
from services.partners.domain.populations import REGION as WHOLE
from services.partners.domain.populations import STATED
from services.partners.domain.terms import (
    AccreditationLevel,
    OrganizationStatus,
    ServiceStatus,
    WorkshopStatus,
)
from services.partners.domain.unmet import KINDS
from services.partners.models import (
    CapacityReport,
    Organization,
    PopulationFigure,
    Practitioner,
    RaApplication,
    RegionSnapshot,
    Service,
    UnmetNeed,
    Workshop,
)
from services.partners.operations import measures
from services.partners.operations.practices import practices
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.figures import Figure, Mark, Measure, said, share, total
from vereda.idempotency import mark_recorded
from vereda.periods import BUSINESS_TIME, Period, PeriodKind, settled
from vereda.suppression import Hidden, NotShowableError, published

#: A record that nobody looked over for longer is stale (DOMAIN section 1 row 1).
FRESH_FOR: Final = timedelta(days=180)
#: How long after a month's end the directory still is as it was then, or nearly.
_KEPT_WITHIN: Final = timedelta(days=2)
_FULL_TIME_HOURS: Final = 40
_REGION: Final = ""

Stock = dict[str, dict[str, float]]
#: From a moment to before another, in a county or, where None, the region.
Span = tuple[datetime, datetime, str | None]


@dataclass(frozen=True, slots=True)
class Workshops:
    """Workshops of a span. `counted`: all but those called off, `rural` of them; `unclosed`: over, and nobody said how."""

    counted: int
    rural: int
    held: int
    unclosed: int


@dataclass(frozen=True, slots=True)
class Load:
    """What a request reads once, however many figures it is for."""

    snapshot: Callable[[str], Awaitable[RegionSnapshot | None]]
    workshops: Callable[[Span], Awaitable[Workshops | None]]
    stock: Callable[[date], Awaitable[Stock | None]]


async def workshops_of(session: AsyncSession, spans: Sequence[Span], now: datetime) -> dict[Span, Workshops]:
    """The workshops of each span, by one statement for all; served by ix_workshops_starts_at_id."""
    rows = (
        await session.execute(
            select(
                Workshop.starts_at, Workshop.ends_at, Workshop.county_fips, Workshop.status, Workshop.rural
            ).where(
                Workshop.starts_at >= min(begin for begin, _, _ in spans),
                Workshop.starts_at < max(end for _, end, _ in spans),
                Workshop.status != WorkshopStatus.CANCELLED,
            )
        )
    ).all()
    found = {}
    for begin, end, county in spans:
        within = [row for row in rows if begin <= row[0] < end and county in (None, row[2])]
        held = sum(row[3] is WorkshopStatus.HELD for row in within)
        unclosed = sum(row[3] is not WorkshopStatus.HELD and row[1] < now for row in within)
        found[begin, end, county] = Workshops(len(within), sum(row[4] for row in within), held, unclosed)
    return found


async def stock(session: AsyncSession, now: datetime, day: date) -> Stock:
    """How the directory stands: {measure: {county or "": number}}; credentials as they hold on `day`.

    Six statements, whatever the size of the directory; all of it is what every member reads.
    """
    rows = (
        await session.execute(
            select(Organization.id, Organization.counties, Organization.verified_at).where(
                Organization.status == OrganizationStatus.ACTIVE
            )
        )
    ).all()
    found: Stock = {
        one.id: dict.fromkeys((_REGION, *(county.fips for county in COUNTIES)), 0.0)
        for one in (measures.PARTNERS, measures.VERIFIED, measures.REPRESENTATIVES, measures.FTE)
    }

    def count(measure: Measure, counties: list[str], number: float = 1.0) -> None:
        areas = found[measure.id]
        for area in (_REGION, *counties):
            if area in areas:
                areas[area] += number

    served = {id_: counties for id_, counties, _ in rows}
    for _, counties, verified_at in rows:
        count(measures.PARTNERS, counties)
        if verified_at is not None and verified_at >= now - FRESH_FOR:
            count(measures.VERIFIED, counties)
    employers = await session.scalars(select(Practitioner.organization_id).distinct())
    for id_, practice in (await practices(session, [one for one in employers if one in served])).items():
        able = practice.authorised(day, AccreditationLevel.PARTIAL)
        if able:
            count(measures.REPRESENTATIVES, served[id_], len(able))
            count(measures.FTE, served[id_], sum(one.weekly_hours for one in able) / _FULL_TIME_HOURS)
    representatives = found[measures.REPRESENTATIVES.id]
    found[measures.PER_100K.id] = {
        area: 100_000 * representatives[area] / immigrants
        for area, immigrants in (await _immigrants(session)).items()
        if area in representatives
    }
    active = Service.status == ServiceStatus.ACTIVE
    in_force = select(CapacityReport.id).where(
        CapacityReport.service_id == Service.id, CapacityReport.expires_at > now
    )
    services = select(
        func.count().filter(func.coalesce(Service.verified_at < now - FRESH_FOR, True)),
        func.count().filter(~in_force.exists()),
    ).where(active)
    stale, unknown = (await session.execute(services)).one()
    found[measures.SERVICES_STALE.id] = {_REGION: stale}
    found[measures.CAPACITY_UNKNOWN.id] = {_REGION: unknown}
    return found


async def _immigrants(session: AsyncSession) -> dict[str, int]:
    """How many live in each county, and in the region, as far as somebody has stated it."""
    rows = await session.scalars(select(PopulationFigure))
    stated = {area: one.immigrants for area, one in STATED.items()} | {
        row.area: row.immigrants for row in rows
    }
    return {_REGION if area == WHOLE else area: number for area, number in stated.items()}


async def take_snapshot(session: AsyncSession, month: Period, now: datetime, day: date) -> None:
    """Keep how the directory stands on `day`, and publish the unmet needs of the month, which is over."""
    rows = (await session.scalars(select(UnmetNeed).where(UnmetNeed.month == month.name))).all()
    people = [({"county": row.county_fips, "kind": row.kind}, row.count) for row in rows]
    dimensions = {"county": [str(county.fips) for county in COUNTIES], "kind": KINDS}
    try:
        table = published(dimensions, people)
    except NotShowableError:
        table = {}
    unmet = [
        [[list(pair) for pair in cell], one.value if isinstance(one, Hidden) else one]
        for cell, one in table.items()
        if one != 0 or len(cell) < 2  # of pairs most are 0: what is not there is one
    ]
    kept = {"month": month.name, "stock": await stock(session, now, day), "unmet": unmet, "taken_at": now}
    # The round and the demo network may take the same month's at one time: the first one stays.
    await session.execute(insert(RegionSnapshot).values(kept).on_conflict_do_nothing())


async def snapshot(context: RequestContext[Any]) -> int:
    """A round: soon after a month is over, keep how it ended, once. What was missed is not made up, nor is how a directory
    stood in which there is nobody yet.
    """
    month = next(settled(context.now, PeriodKind.MONTH, timedelta(0)))
    if context.now - month.end > _KEPT_WITHIN:
        return 0
    async with context.write() as session:
        mark_recorded(session)
        known = await session.get(RegionSnapshot, month.name) is not None
        if known or await session.scalar(select(Organization.id).limit(1)) is None:
            return 0
        await take_snapshot(session, month, context.now, month.last)
        return 1


@dataclass(frozen=True, slots=True)
class Part:
    """One period and area of the directory's figures. `county` is None for the region."""

    context: RequestContext[Any]
    load: Load
    of: Period
    county: str | None = None

    async def standing(self, measure: Measure) -> Figure:
        """How something stands: now, in a period that goes on; at its end, where a snapshot was taken then."""
        blank = self._blank(measure)
        if self._goes_on:
            return self._at(
                blank, await self.load.stock(self.context.now.astimezone(BUSINESS_TIME).date()) or {}
            )
        if self.of.end > self.context.now:
            return blank.hidden(Mark.NOT_YET)
        kept = await self.load.snapshot(self.of.parts(PeriodKind.MONTH)[-1].name)
        if kept is None:
            return blank.hidden(Mark.NOT_KEPT)
        return self._at(Figure(measure, self.of, kept.taken_at, of=blank.of, final=True), kept.stock)

    async def per_100k(self) -> Figure:
        found = await self.standing(measures.PER_100K)
        unknown = found.mark in (Mark.NOT_PUBLISHED, Mark.NOT_BY_COUNTY)
        return found.hidden(Mark.NO_DENOMINATOR) if unknown else found

    async def pipeline(self) -> list[Figure]:
        """Applications by stage: exact, for who reads each of them, and for nobody else."""
        blank = self._blank(measures.PIPELINE)
        if Scope.ADMIN_NETWORK not in self.context.caller.scopes:
            return [blank.hidden(Mark.RESTRICTED)]
        if self.county is not None:
            return [blank.hidden(Mark.NOT_BY_COUNTY)]
        if not self._goes_on:
            return [blank.hidden(Mark.NOT_YET if self.of.end > self.context.now else Mark.NOT_KEPT)]
        async with self.context.read() as session:
            rows = await session.execute(
                select(RaApplication.stage, func.count()).group_by(RaApplication.stage)
            )
            counted = {row[0]: row[1] for row in rows}
        return [
            said(self._blank(measures.PIPELINE, ("stage", one.value)), counted.get(one, 0)) for one in RaStage
        ]

    async def workshops(self, measure: Measure) -> Figure:
        """Of the period's calendar: events, not people, and so exact."""
        found = await self.load.workshops((self.of.begin, self.of.end, self.county))
        assert found is not None  # every span that is asked for is counted
        blank = self._blank(measure)
        if measure is measures.RURAL_SHARE:
            return share(blank, said(blank, found.rural), said(blank, found.counted))
        return said(
            blank, {measures.HELD: found.held, measures.WORKSHOPS: found.counted}.get(measure, found.unclosed)
        )

    async def unmet(self) -> Figure:
        return await self._unmet(self._blank(measures.UNMET))

    async def unmet_by_kind(self) -> list[Figure]:
        """Of the kinds that are not 0 in every month, the same order always."""
        kinds = {
            pair[1]
            for month in self.of.parts(PeriodKind.MONTH)
            if (kept := await self.load.snapshot(month.name)) is not None
            for cell, number in kept.unmet
            if number != 0
            for pair in cell
            if pair[0] == "kind"
        }
        return [
            await self._unmet(self._blank(measures.UNMET, ("kind", kind)), ("kind", kind))
            for kind in KINDS
            if kind in kinds
        ]

    async def _unmet(self, blank: Figure, *cell: tuple[str, str]) -> Figure:
        wanted = cell if self.county is None else (("county", self.county), *cell)
        parts = []
        for month in self.of.parts(PeriodKind.MONTH):
            kept = await self.load.snapshot(month.name)
            if kept is None:
                parts.append(
                    blank.hidden(Mark.NOT_YET if month.end > self.context.now else Mark.NOT_PUBLISHED)
                )
                continue
            known = {tuple(map(tuple, at)): number for at, number in kept.unmet}
            number = known.get(wanted, 0 if known else None)
            parts.append(said(Figure(blank.measure, self.of, kept.taken_at, of=blank.of, final=True), number))
        return parts[0] if len(parts) == 1 else total(blank, parts)

    @property
    def _goes_on(self) -> bool:
        return self.of.begin <= self.context.now < self.of.end

    def _at(self, blank: Figure, stood: Stock) -> Figure:
        areas = stood.get(blank.measure.id, {})
        if self.county is not None and set(areas) == {_REGION}:
            return blank.hidden(Mark.NOT_BY_COUNTY)
        number = areas.get(self.county or _REGION)
        return said(blank, None if number is None else round(number, 2))

    def _blank(self, measure: Measure, *of: tuple[str, str]) -> Figure:
        place = (("county", self.county),) if self.county else ()
        return Figure(measure, self.of, self.context.now, of=(*place, *of))
