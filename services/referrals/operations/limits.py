"""How quickly partners answer: what they set themselves, and the calendars in which their clocks run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain import clocks
from services.referrals.domain.calendar import FEDERAL, Calendar
from services.referrals.domain.clocks import DEFAULTS, Limits
from services.referrals.events import tell
from services.referrals.models import EVERY_SERVICE, Holiday, IdempotencyRecord, ResponseLimits
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, invalid

_NAMES: Final = tuple(field.name for field in fields(Limits))
_MOST_HOLIDAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly one partner answers, and when it works."""

    limits: Limits = DEFAULTS
    calendar: Calendar = FEDERAL


async def pace_of(session: AsyncSession, organization: UUID | None, service: UUID | None = None) -> Pace:
    """The pace of an organisation with one of its services; the network's defaults where it set nothing."""
    if organization is None:
        return Pace()
    rows = await session.scalars(
        select(ResponseLimits).where(
            ResponseLimits.organization_id == organization,
            ResponseLimits.service_id.in_((EVERY_SERVICE, service or EVERY_SERVICE)),
        )
    )
    own = await session.scalars(select(Holiday.day).where(Holiday.organization_id == organization))
    return pace_from(rows.all(), own.all())


def pace_from(rows: Iterable[ResponseLimits], holidays: Iterable[date]) -> Pace:
    """The pace that an organisation's rows say: what a service has of its own goes before what holds for all."""
    limits, hours = DEFAULTS, {}
    for row in sorted(rows, key=lambda one: one.service_id != EVERY_SERVICE):
        own = {name: getattr(row, name) for name in _NAMES if getattr(row, name) is not None}
        limits = replace(limits, **own)
        if row.service_id == EVERY_SERVICE and row.opens is not None and row.closes is not None:
            hours = {"opens": row.opens, "closes": row.closes}
    return Pace(limits, Calendar(frozenset(holidays), **hours))


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsFields:
    """What a partner sets; None leaves a number to the organisation's own, or to the network's."""

    service: UUID | None = None
    acknowledge_business_days: int | None = None
    respond_business_days: int | None = None
    contact_business_days: int | None = None
    information_business_days: int | None = None
    expire_business_days: int | None = None
    urgent_business_hours: int | None = None
    heartbeat_days: int | None = None
    revalidate_days: int | None = None
    opens: time | None = None
    closes: time | None = None


async def set_limits(context: RequestContext[Any], given: LimitsFields, key: str) -> Pace | InvalidInput:
    """Set how quickly the caller's organisation answers, or one service of it. Clocks that run keep their bells."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if wrong := _problems(given):
        return invalid(**wrong)
    own = context.caller.organization
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "setResponseLimits", key, asdict(given)
        )
        if claim.earlier is None:
            values = asdict(given)
            service = values.pop("service") or EVERY_SERVICE
            statement = insert(ResponseLimits).values(organization_id=own, service_id=service, **values)
            await session.execute(
                statement.on_conflict_do_update(index_elements=["organization_id", "service_id"], set_=values)
            )
            tell(session, context.caller, "limits.set", own)
            claim.record({})
        return await pace_of(session, own, given.service)


async def set_holidays(
    context: RequestContext[Any], year: int, given: tuple[date, ...], key: str
) -> Pace | InvalidInput:
    """Say on which days of a year the caller's organisation does not work, besides the federal holidays."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if any(day.year != year for day in given) or len(set(given)) > _MOST_HOLIDAYS:
        return invalid(days=f"must be at most {_MOST_HOLIDAYS} days of the year {year}")
    own = context.caller.organization
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "setHolidays", key, [year, *map(str, given)]
        )
        if claim.earlier is None:
            first, last = date(year, 1, 1), date(year, 12, 31)
            await session.execute(
                delete(Holiday).where(Holiday.organization_id == own, Holiday.day.between(first, last))
            )
            session.add_all(Holiday(organization_id=own, day=day) for day in sorted(set(given)))
            await session.flush()
            tell(session, context.caller, "holidays.set", own)
            claim.record({})
        return await pace_of(session, own)


def _problems(given: LimitsFields) -> dict[str, str]:
    numbers = {name: getattr(given, name) for name in _NAMES if getattr(given, name) is not None}
    wrong = clocks.problems(replace(DEFAULTS, **numbers))
    wrong = {name: what for name, what in wrong.items() if name in numbers}
    if (given.opens is None) != (given.closes is None) or (
        given.opens is not None
        and given.closes is not None
        and not _open_for_long_enough(given.opens, given.closes)
    ):
        wrong["opens"] = "and `closes` go together, at least 4 hours apart"
    if given.service is not None and given.opens is not None:
        wrong["opens"] = "is of the organisation as a whole, not of one service"
    return wrong


def _open_for_long_enough(opens: time, closes: time) -> bool:
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute >= 240
