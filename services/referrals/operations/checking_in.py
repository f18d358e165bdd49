"""At the door of a workshop: a code that the client was handed takes up their seat, and tells nothing else (DOMAIN 4.7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.appointments import (
    CODE_LENGTH,
    MOST_WRONG,
    AppointmentStatus,
    counting_since,
    may_check_in,
    read_code,
    waits_until,
)
from services.referrals.domain.lifecycle import Party
from services.referrals.models import Appointment, CheckInTries, IdempotencyRecord, Referral
from services.referrals.operations.appointments import Change, move_of, settled
from services.referrals.operations.guards import Situation
from services.referrals.operations.moves import MoveRefused
from services.referrals.refusals import CodeRefused, WorkshopFull, code_refused
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import claim_key
from vereda.refusals import NotAllowed, not_allowed


async def check_in(
    context: RequestContext[Any], workshop: UUID, said: str, key: str
) -> Appointment | CodeRefused | MoveRefused | WorkshopFull | NotAllowed:
    """Take up the seat whose code was said, as the workshop's host: the client came.

    A code that is wrong, was used, or is of another workshop is answered alike. After ten of them within ten minutes none is
    looked at until those are over: nobody comes in by guessing.
    """
    context.caller.require(Scope.BOOKING_WRITE)
    own, code = context.caller.organization, read_code(said)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "checkIn", key, [str(workshop), code]
        )
        if claim.earlier is not None:
            seat = claim.earlier.get("id")
            return await session.get_one(Appointment, UUID(seat)) if seat else code_refused(None)
        await take_turns(session, own, workshop, "checkIn")
        tries = await session.get(CheckInTries, (own, workshop))
        since = counting_since(tries.since if tries else None, context.now)
        wrong = tries.wrong if tries is not None and tries.since == since else 0
        if wrong >= MOST_WRONG:
            return code_refused(waits_until(since))
        row = await _seat(session, own, workshop, code)
        if row is None:
            await _count(session, own, workshop, wrong + 1, since)
            claim.record({"wrong": wrong + 1})
            return code_refused(None)
        # The referral's row first, as whoever moves a referral does: its appointments wait behind it.
        referral = await session.get(Referral, row.referral_id, with_for_update=True)
        await session.refresh(row, with_for_update=True)
        if referral is None or row.status is not AppointmentStatus.BOOKED:
            return code_refused(None)
        if not may_check_in(row.starts_at, row.ends_at, context.now):
            return not_allowed("It is not the time of this workshop.")
        row.status = AppointmentStatus.CHECKED_IN
        situation = Situation(session, context, referral, Party.RECIPIENT)
        move = await move_of(situation, row, Change.CHECK_IN, was_booked=True)
        if refusal := await settled(situation, row, move, "appointment.check_in"):
            return refusal
        claim.record({"id": str(row.id)})
        return row


async def _seat(session: AsyncSession, host: UUID, workshop: UUID, code: str) -> Appointment | None:
    """Served by uq_appointments_check_in_code."""
    if len(code) != CODE_LENGTH:
        return None
    return await session.scalar(
        select(Appointment).where(
            Appointment.workshop_id == workshop,
            Appointment.check_in_code == code,
            Appointment.organization_id == host,
            Appointment.status == AppointmentStatus.BOOKED,
        )
    )


async def _count(session: AsyncSession, host: UUID, workshop: UUID, wrong: int, since: datetime) -> None:
    values = {"wrong": wrong, "since": since}
    await session.execute(
        insert(CheckInTries)
        .values(organization_id=host, workshop_id=workshop, **values)
        .on_conflict_do_update(
            index_elements=[CheckInTries.organization_id, CheckInTries.workshop_id], set_=values
        )
    )
