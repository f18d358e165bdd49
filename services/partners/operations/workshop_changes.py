"""What becomes of a workshop after it was planned: it is moved, called off, or held."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.partners.domain.geography import BY_FIPS
from services.partners.domain.terms import WorkshopStatus
from services.partners.domain.workshops import LONGEST, WorkshopChange
from services.partners.events import tell
from services.partners.models import IdempotencyRecord, Location, Workshop
from services.partners.operations.calendar import Clashing, clashes
from services.partners.operations.volunteering import move_shifts
from services.partners.operations.workshops import NOBODY_AUTHORISED, changeable, lawful
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict, invalid, not_allowed

#: Announced workshops that are looked at again, the next first: more than a season has.
_MOST_AHEAD: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTime:
    """When and where a workshop is to be instead."""

    starts_at: datetime
    ends_at: datetime
    county: str
    location_id: UUID | None
    override_reason: str | None


async def move_workshop(
    context: RequestContext[Any], id_: UUID, version: int, given: NewTime, key: str
) -> Workshop | Clashing | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """Put a workshop on another day, or at another place, with the same check for clashes as when it was planned.

    An announced one for which nobody is authorised on its new day is only planned again, with a task that says so.
    """
    context.caller.require(Scope.WORKSHOP_PLAN)
    problems = _problems(given)
    if problems:
        return invalid(**problems)
    async with context.write() as session:
        request = [str(id_), version, asdict(given)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "moveWorkshop", key, request)
        row = await changeable(session, context.caller, claim, id_, version, WorkshopChange.MOVE)
        if not isinstance(row, Workshop) or claim.earlier is not None:
            return row
        if given.location_id is not None and await session.get(Location, given.location_id) is None:
            return invalid(location="is not a location that you may know of")
        await take_turns(session, "the calendar of workshops")
        by = given.starts_at - row.starts_at
        row.starts_at, row.ends_at = given.starts_at, given.ends_at
        row.county_fips, row.location_id = given.county, given.location_id
        clashing = await clashes(session, row, context.now)
        if clashing is not None and given.override_reason is None:
            return clashing
        row.override_reason = given.override_reason if clashing else None
        fell_back = row.status is WorkshopStatus.PUBLISHED and not await lawful(session, row)
        if fell_back:
            row.status, row.task = WorkshopStatus.PLANNED, NOBODY_AUTHORISED
        await session.flush()
        await move_shifts(session, context, row, by)
        tell(session, context.caller, "workshop.moved", row.id, workshop=str(row.id))
        if fell_back:
            tell(session, context.caller, "workshop.withdrawn", row.id, workshop=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def cancel_workshop(
    context: RequestContext[Any], id_: UUID, version: int, reason: str, key: str
) -> Workshop | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """Call a workshop off, for a reason that partners read: no seat of it can be booked from then on."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    if not reason.strip():
        return invalid(reason="must say why")
    async with context.write() as session:
        request = [str(id_), version, reason]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "cancelWorkshop", key, request)
        row = await changeable(session, context.caller, claim, id_, version, WorkshopChange.CANCEL)
        if not isinstance(row, Workshop) or claim.earlier is not None:
            return row
        row.status, row.cancel_reason, row.task = WorkshopStatus.CANCELLED, reason, None
        await session.flush()
        tell(session, context.caller, "workshop.cancelled", row.id, workshop=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def hold_workshop(
    context: RequestContext[Any], id_: UUID, version: int, key: str
) -> Workshop | NotFound | NotAllowed | VersionConflict:
    """Say that an announced workshop was held; not before it has begun."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "holdWorkshop", key, [str(id_), version]
        )
        row = await changeable(session, context.caller, claim, id_, version, WorkshopChange.HOLD)
        if not isinstance(row, Workshop) or claim.earlier is not None:
            return row
        if row.starts_at > context.now:
            return not_allowed("A workshop that has not begun was not held yet.")
        row.status = WorkshopStatus.HELD
        await session.flush()
        tell(session, context.caller, "workshop.held", row.id, workshop=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def recheck(context: RequestContext[Any]) -> int:
    """A round: an announced workshop for which nobody is authorised any more, because a credential was ended or a renewal
    denied, is only planned again, with a task that says so. Returns how many."""
    async with context.write() as session:
        rows = await session.scalars(
            select(Workshop)  # served by ix_workshops_starts_at_id
            .where(Workshop.status == WorkshopStatus.PUBLISHED, Workshop.starts_at > context.now)
            .order_by(Workshop.starts_at, Workshop.id)
            .limit(_MOST_AHEAD)
            .with_for_update(skip_locked=True)
        )
        unlawful = [row for row in rows.all() if not await lawful(session, row)]
        for row in unlawful:
            row.status, row.task = WorkshopStatus.PLANNED, NOBODY_AUTHORISED
            await session.flush()
            told = [row.organization_id]
            tell(session, context.caller, "workshop.withdrawn", row.id, told, workshop=str(row.id))
        mark_recorded(session)
        return len(unlawful)


def _problems(given: NewTime) -> dict[str, str]:
    problems = {}
    if given.county not in BY_FIPS:
        problems["county"] = "must be a FIPS code that `counties` lists"
    if not timedelta() < given.ends_at - given.starts_at <= LONGEST:
        problems["ends_at"] = "must be after `startsAt`, by at most 7 days"
    if given.override_reason is not None and not given.override_reason.strip():
        problems["override_reason"] = "must say why, or be left out"
    return problems
