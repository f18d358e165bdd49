"""A workshop at its end: who did not come is said, who came without a booking is counted, and the forms have their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.appointments import AppointmentStatus
from services.referrals.domain.lifecycle import Party
from services.referrals.domain.reports import COUNTIES, ELSEWHERE
from services.referrals.domain.turnout import Turnout, closing_problems, together
from services.referrals.events import tell
from services.referrals.models import (
    Appointment,
    IdempotencyRecord,
    Referral,
    WorkshopClosing,
    WorkshopTally,
)
from services.referrals.operations.appointments import BookingRefused, Change, move_of, settled
from services.referrals.operations.guards import Situation
from services.referrals.refusals import OfferRefused, offer_refused
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.errors import ClientError, ErrorCode
from vereda.idempotency import claim_key
from vereda.periods import period
from vereda.refusals import InvalidInput, NotAllowed, VersionConflict, invalid, not_allowed, version_conflict
from vereda.signed import TokenRefusedError
from vereda.statements import WorkshopSlot, claimed_content, verifier

#: Codes of the directory's WorkshopStatus at which a workshop can be closed.
_TOOK_PLACE = ("PUBLISHED", "HELD")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingFields:
    """`slot`: the directory's signed word on the workshop. Lines: (form, line, count). `expected_version`: of the closing that
    is corrected; None for a first one."""

    slot: str
    walk_ins: int
    taken_on: int
    lines: tuple[tuple[str, str, int], ...]
    expected_version: int | None


async def close_workshop(
    context: RequestContext[Any], given: ClosingFields, key: str
) -> WorkshopClosing | OfferRefused | InvalidInput | NotAllowed | VersionConflict | BookingRefused:
    """Close a workshop of one's own once it is over. Whose seat was not taken up did not come: each referral says so.

    Closed again with `expected_version`, its counts are corrected; who did not come stays so.
    """
    context.caller.require(Scope.BOOKING_WRITE)
    request = {**asdict(given), "slot": claimed_content(given.slot).get("workshop")}
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "closeWorkshop", key, request)
        own = context.caller.organization
        if claim.earlier is not None:
            return await session.get_one(WorkshopClosing, (own, UUID(claim.earlier["id"])))
        slot = await _slot(context, given.slot)
        if not isinstance(slot, WorkshopSlot):
            return slot
        await take_turns(session, own, slot.workshop, "closeWorkshop")
        row = await session.get(WorkshopClosing, (own, slot.workshop))
        if (row.version if row else None) != given.expected_version:
            return version_conflict(row.version if row else 0)
        if refusal := await _nobody_else_comes(session, context, slot.workshop):
            return refusal
        attended, no_shows = await _counted(session, own, slot.workshop)
        if row is not None:  # appointments are not kept for ever; what was counted of them is
            attended, no_shows = max(attended, row.attended), max(no_shows, row.no_shows)
        turnout = Turnout(attended, no_shows, given.walk_ins, given.taken_on)
        if wrong := closing_problems(turnout, given.lines):
            return invalid(**wrong)
        if row is None:
            row = WorkshopClosing(organization_id=own, workshop_id=slot.workshop, held_at=slot.starts_at)
            session.add(row)
        row.county = slot.county if slot.county in COUNTIES else ELSEWHERE
        for name, value in asdict(turnout).items():
            setattr(row, name, value)
        row.updated_at = context.now
        await session.flush()
        await session.execute(
            delete(WorkshopTally).where(
                WorkshopTally.organization_id == own, WorkshopTally.workshop_id == slot.workshop
            )
        )
        session.add_all(
            WorkshopTally(organization_id=own, workshop_id=slot.workshop, form=form, line=line, count=count)
            for form, line, count in given.lines
        )
        await session.flush()
        tell(session, context.caller, "workshop.closed", slot.workshop, workshop=str(slot.workshop))
        claim.record({"id": str(slot.workshop)})
        return row


async def turnout_of(context: RequestContext[Any], of: str) -> tuple[int, Turnout]:
    """One's own workshops of a quarter or year that were closed: how many, and what came of them together.

    Raises: ClientError BAD_USER_INPUT where there is no such period.
    """
    context.caller.require(Scope.BOOKING_WRITE, Scope.TALLY_SUBMIT)
    found = period(of)
    if found is None:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, "`period` must be a quarter, `2026-Q3`, or a year, `2026`."
        )
    async with context.read() as session:
        rows = await session.scalars(
            select(WorkshopClosing).where(
                WorkshopClosing.organization_id == context.caller.organization,
                WorkshopClosing.held_at >= found.begin,
                WorkshopClosing.held_at < found.end,
            )
        )
        each = [turnout_in(row) for row in rows]
    return len(each), together(each)


async def tallied(context: RequestContext[Any], form: str, of: str) -> list[tuple[str, str, int]]:
    """What one's own workshops of a period add up to on a form: (line, county, count), to be looked over and submitted.

    Raises: ClientError BAD_USER_INPUT where there is no such period.
    """
    context.caller.require(Scope.TALLY_SUBMIT)
    found = period(of)
    if found is None:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, "`period` must be a quarter, `2026-Q3`, or a year, `2026`."
        )
    statement = (
        select(WorkshopTally.line, WorkshopClosing.county, func.sum(WorkshopTally.count))
        .join(
            WorkshopClosing,
            (WorkshopClosing.organization_id == WorkshopTally.organization_id)
            & (WorkshopClosing.workshop_id == WorkshopTally.workshop_id),
        )
        .where(
            WorkshopTally.form == form,
            WorkshopClosing.organization_id == context.caller.organization,
            WorkshopClosing.held_at >= found.begin,
            WorkshopClosing.held_at < found.end,
        )
        .group_by(WorkshopTally.line, WorkshopClosing.county)
        .order_by(WorkshopTally.line, WorkshopClosing.county)
    )
    async with context.read() as session:
        rows: Sequence[Any] = (await session.execute(statement)).all()
    return [(line, county, int(count)) for line, county, count in rows]


def turnout_in(row: WorkshopClosing) -> Turnout:
    return Turnout(row.attended, row.no_shows, row.walk_ins, row.taken_on)


async def _slot(context: RequestContext[Any], token: str) -> WorkshopSlot | OfferRefused | NotAllowed:
    try:
        slot = await verifier(WorkshopSlot, context.settings).read(token)
    except TokenRefusedError:
        return offer_refused()
    if slot.organization != context.caller.organization:
        return not_allowed("Only the organisation that hosts a workshop may close it.")
    if slot.status not in _TOOK_PLACE or slot.ends_at > context.now:
        return not_allowed("This workshop is not over, or it did not take place.")
    return slot


async def _nobody_else_comes(
    session: AsyncSession, context: RequestContext[Any], workshop: UUID
) -> BookingRefused | None:
    """Whoever booked and has not come is not coming: their referrals say so, each by its own move."""
    expected = await session.scalars(
        select(Appointment.id)
        .where(
            Appointment.workshop_id == workshop,
            Appointment.organization_id == context.caller.organization,
            Appointment.status == AppointmentStatus.BOOKED,
            Appointment.ends_at <= context.now,
        )
        .order_by(Appointment.referral_id)
    )
    for id_ in expected.all():
        row = await session.get_one(Appointment, id_)
        # The referral's row first, as whoever moves a referral does: its appointments wait behind it.
        referral = await session.get(Referral, row.referral_id, with_for_update=True)
        await session.refresh(row, with_for_update=True)
        if referral is None or row.status is not AppointmentStatus.BOOKED:
            continue
        row.status = AppointmentStatus.NO_SHOW
        situation = Situation(session, context, referral, Party.RECIPIENT)
        move = await move_of(situation, row, Change.NO_SHOW, was_booked=True)
        if refusal := await settled(situation, row, move, "appointment.no_show"):
            return refusal
    return None


async def _counted(session: AsyncSession, own: UUID, workshop: UUID) -> tuple[int, int]:
    rows = await session.execute(
        select(Appointment.status, func.count())
        .where(Appointment.workshop_id == workshop, Appointment.organization_id == own)
        .group_by(Appointment.status)
    )
    found = {status: int(number) for status, number in rows}
    return found.get(AppointmentStatus.CHECKED_IN, 0), found.get(AppointmentStatus.NO_SHOW, 0)
