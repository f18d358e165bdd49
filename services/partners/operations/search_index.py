"""What the index of services cannot be told by the database itself: when a service is open, and which words there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, insert
from sqlalchemy.dialects.postgresql.ranges import MultiRange, Range
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.openings import TIME_ZONE, Hours, openings
from services.partners.domain.spelling import remainders
from services.partners.domain.visibility import OPEN_TO_MEMBERS
from services.partners.models import (
    Location,
    Organization,
    Schedule,
    SearchWord,
    Service,
    ServiceAtLocation,
    ServiceDocument,
)
from services.partners.operations.understanding import vocabulary
from vereda.context import RequestContext
from vereda.database import among
from vereda.idempotency import mark_recorded

#: Hours are known for so many days ahead; renewed when fewer than the second number are left.
_DAYS: Final = 35
_LEFT: Final = 22
_BATCH: Final = 200


async def refresh_search(context: RequestContext[Any]) -> int:
    """A round: the hours and words of services that changed since, and hours that are running out. One batch."""
    async with context.write() as session:
        rows = (await session.execute(_due(context.now))).all()
        if not rows:
            return 0
        await _hours(session, [row.service_id for row in rows], context.now)
        await _words(session, [row.service_id for row in rows if row.due])
        mark_recorded(session)
        return len(rows)


def _due(now: datetime) -> Select[UUID, bool]:
    """Served by the index on what is due, and the one on `openings_until`."""
    document = ServiceDocument
    return (
        select(document.service_id, document.due)
        .where(or_(document.due, document.openings_until < now + timedelta(days=_LEFT)))
        .order_by(document.service_id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )


async def _hours(session: AsyncSession, services: Sequence[UUID], now: datetime) -> None:
    known = await _schedules(session, services)
    first = now.astimezone(TIME_ZONE).date()
    until = datetime.combine(first + timedelta(days=_DAYS), time(), TIME_ZONE).astimezone(UTC)
    done = {"openings_until": until, "due": False}
    await session.execute(
        update(ServiceDocument)
        .where(among(ServiceDocument.service_id, services))
        .values(openings=cast(None, TSTZMULTIRANGE), **done)
    )
    for service, schedules in known.items():
        spans = openings(schedules, first - timedelta(days=1), _DAYS + 1)
        ranges = MultiRange(Range(begin, end) for begin, end in spans)
        await session.execute(
            update(ServiceDocument)
            .where(ServiceDocument.service_id == service)
            .values(openings=cast(ranges, TSTZMULTIRANGE))
        )


async def _schedules(session: AsyncSession, services: Sequence[UUID]) -> dict[UUID, list[Hours]]:
    """A service's own hours; where it has none, those of its places. Those of a place that is kept back tell of it (R17)."""
    place = ServiceAtLocation
    own: Any = select(Schedule, Schedule.service_id.label("of")).where(among(Schedule.service_id, services))
    there: Any = (
        select(Schedule, place.service_id.label("of"))
        .join(place, place.location_id == Schedule.location_id)
        .join(Location, Location.id == place.location_id)
        .where(
            among(place.service_id, services),
            Schedule.service_id.is_(None),
            Location.visibility.in_(OPEN_TO_MEMBERS),
        )
    )
    found: dict[UUID, list[Hours]] = defaultdict(list)
    for statement in (own, there):
        placed: dict[UUID, list[Hours]] = defaultdict(list)
        for row, service in await session.execute(statement.order_by(Schedule.id)):
            placed[service].append(_hours_of(row))
        found.update({service: hours for service, hours in placed.items() if service not in found})
    return found


def _hours_of(row: Schedule) -> Hours:
    return Hours(
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        freq=row.freq,
        interval=row.interval,
        byday=row.byday,
        bymonthday=row.bymonthday,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


async def _words(session: AsyncSession, services: Sequence[UUID]) -> None:
    texts = (
        select(
            func.concat_ws(
                " ",
                Service.name,
                Service.name_es,
                Service.alternate_name,
                Service.description,
                Service.description_es,
                Organization.name,
                Organization.alternate_name,
            )
        )
        .join(Organization, Organization.id == Service.organization_id)
        .where(among(Service.id, services))
    )
    uses = Counter(word for text in await session.scalars(texts) for word in vocabulary(text))
    await add_words(session, uses)


async def add_words(session: AsyncSession, uses: Counter[str] | Iterable[str]) -> None:
    """Take these words into the vocabulary, in one order for all, so that two who do so do not wait for each other."""
    counted = sorted(Counter(uses).items())
    if not counted:
        return
    rows = [{"word": word, "uses": n, "remainders": sorted(remainders(word))} for word, n in counted]
    adding = insert(SearchWord)
    await session.execute(
        adding.on_conflict_do_update(
            index_elements=[SearchWord.word], set_={"uses": SearchWord.uses + adding.excluded.uses}
        ),
        rows,
    )
