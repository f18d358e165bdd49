"""Appointments: proposed, booked, moved, cancelled; who came and who did not. SCHEDULED stays the fold of events: each of
these makes its move in the lifecycle's table."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from iso639 import is_language
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from services.referrals.domain import appointments as rules
from services.referrals.domain.appointments import STANDING, AppointmentMode, AppointmentStatus
from services.referrals.domain.lifecycle import BY_NAME, MoveName, Party, State, allowed
from services.referrals.events import tell
from services.referrals.models import Appointment, IdempotencyRecord, Referral
from services.referrals.operations.guards import Situation
from services.referrals.operations.history import append
from services.referrals.operations.moves import MoveRefused, guarded, not_allowed, party_of
from services.referrals.refusals import (
    OfferRefused,
    WorkshopFull,
    offer_refused,
    workshop_full,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    invalid,
    not_found,
    version_conflict,
)
from vereda.refusals import (
    not_allowed as refused,
)
from vereda.signed import TokenRefusedError
from vereda.statements import WorkshopSlot, claimed_content, verifier

BookingRefused = MoveRefused | WorkshopFull | NotAllowed


class Change(StrEnum):
    """What is done with an appointment that stands."""

    CONFIRM = "CONFIRM"
    MOVE = "MOVE"
    CANCEL = "CANCEL"
    CHECK_IN = "CHECK_IN"
    NO_SHOW = "NO_SHOW"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFields:
    """A time with the recipient, or a seat at one of its workshops: `slot` is its signed statement, and says when."""

    referral: UUID
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    slot: str | None = None
    mode: AppointmentMode = AppointmentMode.IN_PERSON
    interpreter_language: str | None = None
    #: The recipient asks the other side first.
    propose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFields:
    id: UUID
    expected_version: int
    change: Change
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Times:
    starts_at: datetime
    ends_at: datetime
    slot: WorkshopSlot | None = None


async def book_appointment(
    context: RequestContext[Any], given: BookingFields, key: str
) -> Appointment | BookingRefused:
    """Book a time with the recipient (who says so, or is asked), or a seat at a workshop of the recipient's."""
    context.caller.require(Scope.BOOKING_WRITE)
    if given.interpreter_language is not None and not is_language(given.interpreter_language, "pt3"):
        return invalid(interpreter_language="must be an ISO 639-3 code, such as `mxb`")
    async with context.write() as session:
        request = {
            **asdict(given),
            "slot": claimed_content(given.slot).get("workshop") if given.slot else None,
        }
        claim = await claim_key(session, IdempotencyRecord, context.caller, "bookAppointment", key, request)
        if claim.earlier is not None:
            return await session.get_one(Appointment, UUID(claim.earlier["id"]))
        referral = await session.get(Referral, given.referral, with_for_update=True)
        if referral is None or referral.recipient_id is None:
            return not_found("referral")
        party = party_of(referral, context.caller.organization)
        times = await _times(context, given)
        if not isinstance(times, _Times):
            return times
        if times.slot is not None and times.slot.organization != referral.recipient_id:
            return invalid(slot="is of a workshop that somebody else than the recipient gives")
        situation = Situation(session, context, referral, party)
        if MoveName.BOOK not in {move.name for move in allowed(referral.state, party, legal=referral.legal)}:
            return await not_allowed(situation, "Nothing can be booked now.")
        row = Appointment(
            organization_id=referral.recipient_id,
            sender_id=referral.sender_id,
            referral_id=referral.id,
            workshop_id=times.slot.workshop if times.slot else None,
            starts_at=times.starts_at,
            ends_at=times.ends_at,
            mode=given.mode,
            interpreter_language=given.interpreter_language,
            status=AppointmentStatus.PROPOSED if _asks(party, given) else AppointmentStatus.BOOKED,
            proposed_by=party,
            seats_stated=times.slot.seats if times.slot else None,
            stated_at=times.slot.stated_at if times.slot else None,
            check_in_code=new_code() if times.slot else None,
        )
        session.add(row)
        if refusal := await settled(situation, row, MoveName.BOOK, "appointment.proposed"):
            return refusal
        claim.record({"id": str(row.id)})
        return row


def new_code() -> str:
    """What a client is handed: random, of nobody, good for one seat."""
    return "".join(secrets.choice(rules.CODE_LETTERS) for _ in range(rules.CODE_LENGTH))


def _asks(party: Party, given: BookingFields) -> bool:
    """Whether this is a question to the other side: the recipient's own time is not the sender's to give."""
    return given.propose if party is Party.RECIPIENT else given.slot is None


async def _times(
    context: RequestContext[Any], given: BookingFields
) -> _Times | OfferRefused | InvalidInput | NotAllowed:
    """When it is to be: as given, or as the host's signed word on its workshop has it."""
    if given.slot is None:
        if given.starts_at is None or given.ends_at is None:
            return invalid(starts_at="and `endsAt`, or the `slot` of a workshop, are needed")
        wrong = rules.problems(given.starts_at, given.ends_at, context.now)
        return invalid(**wrong) if wrong else _Times(given.starts_at, given.ends_at)
    if given.starts_at is not None or given.ends_at is not None or given.propose:
        return invalid(slot="says when it is, and is booked at once")
    try:
        slot = await verifier(WorkshopSlot, context.settings).read(given.slot)
    except TokenRefusedError:
        return offer_refused()
    if not slot.announced or slot.ends_at <= context.now:
        return refused("This workshop cannot be booked: it is not announced, or over.")
    return _Times(slot.starts_at, slot.ends_at, slot)


async def change_appointment(
    context: RequestContext[Any], given: ChangeFields, key: str
) -> Appointment | BookingRefused:
    """Confirm a proposal, move or cancel an appointment, or say who came: the last two are the recipient's to say."""
    context.caller.require(Scope.BOOKING_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "changeAppointment", key, asdict(given)
        )
        row = await session.get(Appointment, given.id)
        if row is None:
            return not_found("appointment")
        if claim.earlier is not None:
            return row
        # The referral's row first, as whoever moves a referral does: its appointments wait behind it.
        referral = await session.get(Referral, row.referral_id, with_for_update=True)
        if referral is None:
            return not_found("appointment")
        await session.refresh(row, with_for_update=True)
        if row.version != given.expected_version:
            return version_conflict(row.version)
        party = party_of(referral, context.caller.organization)
        if why := _why_not(row, party, given, context.now):
            return why
        situation = Situation(session, context, referral, party)
        was_booked = row.status is AppointmentStatus.BOOKED
        _apply(row, given)
        move = await move_of(situation, row, given.change, was_booked=was_booked)
        if refusal := await settled(situation, row, move, f"appointment.{given.change.value.lower()}"):
            return refusal
        claim.record({"id": str(row.id)})
        return row


def _why_not(
    row: Appointment, party: Party, given: ChangeFields, now: datetime
) -> InvalidInput | NotAllowed | None:
    """Why an appointment cannot be changed so, by this side, now."""
    moves = given.change is Change.MOVE
    if moves != (given.starts_at is not None and given.ends_at is not None):
        return invalid(starts_at="and `endsAt` are taken with MOVE alone, and needed there")
    if row.status not in STANDING:
        return refused("This appointment does not stand any more.")
    proposed = row.status is AppointmentStatus.PROPOSED
    if given.change is Change.CONFIRM and (not proposed or party is row.proposed_by):
        return refused("What was proposed, the other side confirms.")
    if given.change in (Change.CHECK_IN, Change.NO_SHOW) and (party is not Party.RECIPIENT or proposed):
        return refused("Who came to what was booked is for the recipient to say.")
    if given.change is Change.CHECK_IN and not rules.may_check_in(row.starts_at, row.ends_at, now):
        return refused("It is not the time of this appointment.")
    if given.change is Change.NO_SHOW and not rules.may_be_missed(row.starts_at, now):
        return refused("Nobody has missed it yet.")
    if moves:
        if party is not Party.RECIPIENT or row.workshop_id is not None:
            return refused(
                "The recipient alone moves its appointments, and a workshop is not moved: cancel, and book."
            )
        assert given.starts_at is not None
        assert given.ends_at is not None
        wrong = rules.problems(given.starts_at, given.ends_at, now)
        return invalid(**wrong) if wrong else None
    return None


_BECOMES = {
    Change.CONFIRM: AppointmentStatus.BOOKED,
    Change.CANCEL: AppointmentStatus.CANCELLED,
    Change.CHECK_IN: AppointmentStatus.CHECKED_IN,
    Change.NO_SHOW: AppointmentStatus.NO_SHOW,
}


def _apply(row: Appointment, given: ChangeFields) -> None:
    row.status = _BECOMES.get(given.change, row.status)
    if given.starts_at is not None and given.ends_at is not None:
        row.starts_at, row.ends_at = given.starts_at, given.ends_at


async def move_of(
    situation: Situation, row: Appointment, change: Change, *, was_booked: bool
) -> MoveName | None:
    """Which move of the table an act on an appointment makes; None where the referral stays as it is."""
    if change is Change.CONFIRM or (change is Change.MOVE and was_booked):
        return MoveName.BOOK
    scheduled = situation.referral.state is State.SCHEDULED
    if change is Change.CHECK_IN:
        return MoveName.START if scheduled else None
    if change is Change.NO_SHOW:
        return MoveName.NO_SHOW if scheduled else None
    if change is Change.CANCEL and was_booked and scheduled:
        others = select(func.count()).where(
            Appointment.referral_id == row.referral_id,
            Appointment.status == AppointmentStatus.BOOKED,
            Appointment.id != row.id,
        )
        return None if await situation.session.scalar(others) else MoveName.UNBOOK
    return None


async def settled(
    situation: Situation, row: Appointment, move: MoveName | None, told_as: str
) -> WorkshopFull | MoveRefused | None:
    """Store the appointment, make the move that follows from it, and tell both sides."""
    session, context, referral = situation.session, situation.context, situation.referral
    try:
        await session.flush()
    except IntegrityError:  # the table's own check: there is no seat left
        return workshop_full()
    if move is MoveName.BOOK and row.status is not AppointmentStatus.BOOKED:
        move = None
    if move is not None:
        open_moves = {one.name for one in allowed(referral.state, situation.party, legal=referral.legal)}
        if move not in open_moves:
            return await not_allowed(situation, f"{move} cannot be done now.")
        if refusal := await guarded(situation, BY_NAME[move]):
            return refusal
        await append(session, context, referral, move, situation.party)
    about = {"referral": str(referral.id), "appointment": str(row.id)}
    tell(session, context.caller, told_as, row.id, [row.organization_id, row.sender_id], **about)
    await session.flush()
    return None
