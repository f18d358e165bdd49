"""The shared calendar: what a planned workshop would be in the way of, where else it could be, and the season's count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.geography import BY_FIPS, Point
from services.partners.domain.terms import LocationType, Visibility, WorkshopStatus
from services.partners.domain.workshops import (
    DAYS_APART,
    DAYS_SEARCHED,
    YEARLY_COUNTY_TARGET,
    YEARLY_TARGET,
    ClashKind,
    Gathering,
    Site,
    clash,
    free_days,
    free_places,
    target,
)
from services.partners.models import Location, Workshop
from services.partners.operations.search import among, miles_from
from vereda.context import RequestContext
from vereda.errors import ClientError, ErrorCode

#: Days are those of the region: a workshop of the evening is not on the next day because it is so in UTC.
REGION_TIME: Final = ZoneInfo("America/Los_Angeles")
#: Those that are still to be; one that was held or called off is in nobody's way.
AHEAD: Final = (WorkshopStatus.PLANNED, WorkshopStatus.PUBLISHED)
_LONGEST_SEASON_DAYS: Final = 3 * 366


@dataclass(frozen=True, slots=True)
class Clashing:
    """What is in the way, and what could be instead: days at the same place, and places on the same days."""

    found: tuple[tuple[UUID, frozenset[ClashKind]], ...]
    days: tuple[date, ...]
    places: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SeasonCount:
    """Workshops of a county, or of the region: events, not people, and so exact."""

    county: str | None
    planned: int
    published: int
    held: int
    cancelled: int
    rural: int
    target: int

    @property
    def counted(self) -> int:
        """All but those that were called off."""
        return self.planned + self.published + self.held


@dataclass(frozen=True, slots=True)
class Season:
    first: date
    last: date
    region: SeasonCount
    counties: tuple[SeasonCount, ...]


def day_of(moment: datetime) -> date:
    return moment.astimezone(REGION_TIME).date()


async def clashes(session: AsyncSession, wish: Workshop, now: datetime) -> Clashing | None:
    """What `wish`, which need not be on the calendar yet, clashes with; None where it is in nobody's way.

    Served by ix_workshops_starts_at_id.
    """
    around = timedelta(days=DAYS_SEARCHED + DAYS_APART + 1)
    rows = await session.scalars(
        select(Workshop)
        .where(
            Workshop.starts_at < wish.ends_at + around,
            Workshop.ends_at > wish.starts_at - around,
            Workshop.status.in_(AHEAD),
            Workshop.id != wish.id,
        )
        .order_by(Workshop.starts_at, Workshop.id)
    )
    others = list(rows)
    points = await _points(session, [wish, *others])
    wished, gatherings = _gathering(wish, points), [_gathering(one, points) for one in others]
    pairs = [(row.id, clash(wished, one)) for row, one in zip(others, gatherings, strict=True)]
    found = tuple((id_, kinds) for id_, kinds in pairs if kinds)
    if not found:
        return None
    places = await _places(session, points.get(wish.location_id))
    return Clashing(
        found,
        free_days(wished, gatherings, day_of(now)),
        free_places(wished, gatherings, places),
    )


async def season(context: RequestContext[Any], first: date, last: date, county: str | None) -> Season:
    """How many workshops there are from `first` to `last`, both included, against the targets of these days.

    Raises: ClientError BAD_USER_INPUT where the days are none or too many, or there is no such county.
    """
    if not 0 <= (last - first).days < _LONGEST_SEASON_DAYS:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, "`to` must be on or after `from`, and within three years of it."
        )
    if county is not None and county not in BY_FIPS:
        raise ClientError(ErrorCode.BAD_USER_INPUT, "`county` must be a FIPS code that `counties` lists.")
    wanted = [county] if county else list(BY_FIPS)
    async with context.read() as session:
        rows = await session.execute(
            select(Workshop.county_fips, Workshop.status, Workshop.rural).where(
                Workshop.starts_at >= datetime.combine(first, time(), REGION_TIME),
                Workshop.starts_at < datetime.combine(last + timedelta(days=1), time(), REGION_TIME),
                Workshop.county_fips.in_(wanted),
            )
        )
        found = Counter((fips, status, rural) for fips, status, rural in rows)
    yearly = YEARLY_COUNTY_TARGET if county else YEARLY_TARGET
    return Season(
        first,
        last,
        _count(found, county, wanted, target(yearly, first, last)),
        tuple(_count(found, one, [one], target(YEARLY_COUNTY_TARGET, first, last)) for one in wanted),
    )


def _count(
    found: Counter[tuple[str, WorkshopStatus, bool]], county: str | None, of: Collection[str], aim: int
) -> SeasonCount:
    by_status: Counter[WorkshopStatus] = Counter()
    rural = 0
    for (fips, status, is_rural), number in found.items():
        if fips in of:
            by_status[status] += number
            rural += number if is_rural and status is not WorkshopStatus.CANCELLED else 0
    return SeasonCount(
        county,
        by_status[WorkshopStatus.PLANNED],
        by_status[WorkshopStatus.PUBLISHED],
        by_status[WorkshopStatus.HELD],
        by_status[WorkshopStatus.CANCELLED],
        rural,
        aim,
    )


def _gathering(row: Workshop, points: dict[UUID | None, Point]) -> Gathering:
    return Gathering(
        day_of(row.starts_at),
        day_of(row.ends_at),
        Site(row.county_fips, points.get(row.location_id)),
        frozenset(row.term_codes),
        frozenset(row.languages),
    )


async def _points(session: AsyncSession, workshops: Collection[Workshop]) -> dict[UUID | None, Point]:
    """Where the workshops' locations are; a confidential one is at the centre of its ZIP code (R17)."""
    ids = {one.location_id for one in workshops if one.location_id is not None}
    rows = await session.execute(
        select(Location.id, Location.latitude, Location.longitude).where(among(Location.id, ids))
    )
    return {
        id_: Point(latitude, longitude)
        for id_, latitude, longitude in rows
        if latitude is not None and longitude is not None
    }


async def _places(session: AsyncSession, point: Point | None) -> list[tuple[UUID, Site]]:
    """A place of each ZIP code of the region that partners may know of, the nearest to `point` first."""
    if point is None:
        return []
    one_of_each = (
        select(Location.id, Location.county_fips, Location.latitude, Location.longitude)
        .where(
            Location.location_type == LocationType.PHYSICAL,
            Location.visibility.in_((Visibility.PUBLIC, Visibility.PARTNERS)),
            Location.county_fips.in_(BY_FIPS),
            Location.latitude.is_not(None),
            Location.longitude.is_not(None),
        )
        .add_columns(miles_from(point).label("miles"))
        .ext(distinct_on(Location.postal_code))
        .order_by(Location.postal_code, Location.id)
        .subquery()
    )
    rows = await session.execute(select(one_of_each).order_by(one_of_each.c.miles, one_of_each.c.id))
    return [
        (row.id, Site(row.county_fips, Point(row.latitude, row.longitude))) for row in rows if row.county_fips
    ]
