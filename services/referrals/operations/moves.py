"""Working a referral: every move goes through the one table, under a lock on the referral."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from iso639 import is_language
from sqlalchemy import func, select

from services.referrals.domain.clients import ContactResult, ContactSystem
from services.referrals.domain.lifecycle import (
    UNSENT,
    Move,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    Through,
    allowed,
    shown_state,
)
from services.referrals.events import tell
from services.referrals.models import ContactAttempt, IdempotencyRecord, Referral
from services.referrals.operations.children import continue_with
from services.referrals.operations.guards import CHECKS, Situation
from services.referrals.operations.history import append, sender_may_know
from services.referrals.operations.identifiers import keep_filler_id
from services.referrals.operations.sending import read_offer, services_of
from services.referrals.refusals import (
    ConsentMissing,
    MoveNotAllowed,
    OfferRefused,
    SensitiveText,
    ServiceFull,
    move_not_allowed,
    sensitive_text,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import (
    InvalidInput,
    NotFound,
    VersionConflict,
    invalid,
    not_found,
    version_conflict,
)
from vereda.screening import screen

_LONGEST_ID: Final = 120
#: How far ahead a pause may end, and a consent be asked for.
_LONGEST_PAUSE: Final = timedelta(days=180)

MoveRefused = (
    MoveNotAllowed
    | ServiceFull
    | ConsentMissing
    | OfferRefused
    | SensitiveText
    | InvalidInput
    | NotFound
    | VersionConflict
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFields:
    referral: UUID
    expected_version: int
    move: MoveName
    reason: Reason | None = None
    outcome: Outcome | None = None
    filler_id: str | None = None
    offer: str | None = None
    consent: UUID | None = None
    resume_on: date | None = None
    reading_at: datetime | None = None
    interpreter_language: str | None = None


def party_of(referral: Referral, organization: UUID) -> Party:
    """In what part an organisation sees a referral that row-level security let it see."""
    return Party.SENDER if referral.sender_id == organization else Party.RECIPIENT


async def move_referral(context: RequestContext[Any], given: MoveFields, key: str) -> Referral | MoveRefused:
    """Make one move of the table, in the caller's part."""
    if given.filler_id is not None and len(given.filler_id) > _LONGEST_ID:
        return invalid(filler_id=f"must have at most {_LONGEST_ID} characters")
    if finding := screen(given.filler_id):
        return sensitive_text("fillerId", finding)
    async with context.write() as session:
        request = {**asdict(given), "offer": services_of((given.offer,)) if given.offer else None}
        claim = await claim_key(session, IdempotencyRecord, context.caller, "moveReferral", key, request)
        row = await session.get(Referral, given.referral, with_for_update=True)
        if row is None:
            return not_found("referral")
        party = party_of(row, context.caller.organization)
        context.caller.require(Scope.REFERRAL_SEND if party is Party.SENDER else Scope.REFERRAL_RECEIVE)
        if claim.earlier is not None:
            return row
        if row.version != given.expected_version:
            return version_conflict(row.version)
        offer = await read_offer(context, given.offer) if given.offer else None
        if isinstance(offer, OfferRefused):
            return offer
        situation = Situation(session, context, row, party, offer, given.consent)
        refusal = await _refusal(situation, given) or await _prepare(situation, given)
        if refusal is not None:
            return refusal
        if given.filler_id is not None and party is Party.RECIPIENT:
            await keep_filler_id(context, session, row, given.filler_id)
        await append(session, context, row, given.move, party, given.reason, given.outcome)
        claim.record({"id": str(row.id)})
        return row


async def _refusal(situation: Situation, given: MoveFields) -> MoveRefused | None:
    """Why the move cannot be made now, or None."""
    row, party = situation.referral, situation.party
    open_moves = {move.name: move for move in allowed(row.state, party, legal=row.legal)}
    move = open_moves.get(given.move)
    if move is None:
        return await not_allowed(situation, f"{given.move} cannot be done now.")
    if move.through is not Through.MOVE_REFERRAL:
        return await not_allowed(situation, f"{given.move} is made by `{move.through}`.")
    return _wrong(situation, move, given) or await guarded(situation, move)


def _wrong(situation: Situation, move: Move, given: MoveFields) -> InvalidInput | None:
    """What a move is given and does not take, or takes and was not given."""
    if move.needs_reason != (given.reason is not None):
        return invalid(reason=f"is {'needed' if move.needs_reason else 'not taken'} with {move.name}")
    if given.reason is not None and move.only_for and given.reason not in move.only_for:
        return invalid(reason=f"must be {' or '.join(sorted(move.only_for))} with {move.name}")
    if given.reason is Reason.UNAVAILABLE:
        return invalid(reason="UNAVAILABLE is what others are shown: name the true reason")
    if move.needs_outcome != (given.outcome is not None):
        return invalid(outcome=f"is {'needed' if move.needs_outcome else 'not taken'} with {move.name}")
    if given.resume_on is not None and (
        move.name is not MoveName.HOLD or not _soon(situation.context.now, given.resume_on)
    ):
        return invalid(resume_on="is taken with HOLD, and must be within the next 180 days")
    if (given.reading_at, given.interpreter_language) == (None, None):
        return None
    if move.name is not MoveName.REQUEST_CONSENT:
        return invalid(reading_at="and `interpreterLanguage` are taken with REQUEST_CONSENT alone")
    if given.reading_at is not None and not _soon(situation.context.now, given.reading_at.date()):
        return invalid(reading_at="must be within the next 180 days")
    if given.interpreter_language is not None and not is_language(given.interpreter_language, "pt3"):
        return invalid(interpreter_language="must be an ISO 639-3 code, such as `mxb`")
    return None


def _soon(now: datetime, day: date) -> bool:
    return now.date() - timedelta(days=1) <= day <= (now + _LONGEST_PAUSE).date()


async def guarded(situation: Situation, move: Move) -> MoveRefused | None:
    """What a guard of the move has against it, or None."""
    for guard in sorted(move.guards & CHECKS.keys()):
        if refusal := await CHECKS[guard](situation):
            return await not_allowed(situation, refusal) if isinstance(refusal, str) else refusal
    return None


async def _prepare(situation: Situation, given: MoveFields) -> MoveRefused | None:
    """What some moves do besides the event."""
    session, context, row = situation.session, situation.context, situation.referral
    if given.move is MoveName.REQUEST_CONSENT:
        row.consent_reading_at, row.interpreter_language = given.reading_at, given.interpreter_language
    if given.move is MoveName.HOLD:
        row.resume_on = given.resume_on
    if given.move is MoveName.OFFER_REDIRECT:
        offer = situation.offer
        row.suggested_organization_id = offer.organization if offer else None
        row.suggested_service_id = offer.service if offer else None
    if given.move is MoveName.WAITLIST:
        waiting = select(func.count()).where(
            Referral.service_id == row.service_id, Referral.state == State.WAITLISTED
        )
        row.waiting_place = 1 + (await session.scalar(waiting) or 0)
    if given.move is MoveName.AGREE_REDIRECT:
        assert situation.offer is not None  # its guard refuses the move without one
        child = await continue_with(
            session, context, row, (situation.offer,), given.consent, tuple(row.needs)
        )
        return None if isinstance(child, Referral) else child
    return None


async def record_attempt(
    context: RequestContext[Any], id_: UUID, channel: ContactSystem, result: ContactResult, key: str
) -> Referral | NotFound:
    """Note that the recipient tried to reach the client."""
    context.caller.require(Scope.REFERRAL_RECEIVE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordContactAttempt", key, [id_, channel, result]
        )
        row = await session.get(Referral, id_, with_for_update=True)
        if row is None or row.recipient_id != context.caller.organization:
            return not_found("referral that you received")
        if claim.earlier is None:
            session.add(
                ContactAttempt(
                    organization_id=context.caller.organization,
                    referral_id=row.id,
                    channel=channel,
                    result=result,
                    attempted_at=context.now,
                )
            )
            if result is ContactResult.REACHED:
                _reached(context, row)
            await session.flush()
            tell(session, context.caller, "referral.contact_attempted", row.id, referral=str(row.id))
            claim.record({"id": str(row.id)})
        return row


def _reached(context: RequestContext[Any], row: Referral) -> None:
    """The client was reached: what was due in time after an acceptance is done."""
    if row.first_contact_at is None:
        row.first_contact_at = context.now
    if row.state is State.ACCEPTED:
        row.due_at = row.bell_at = None


async def sender_knows(situation: Situation) -> bool:
    """Whether the sender may learn where its referral stands: always before it is sent, then by consent (R7)."""
    row = situation.referral
    return row.state in UNSENT or await sender_may_know(situation.session, situation.context, row)


async def not_allowed(situation: Situation, message: str) -> MoveNotAllowed:
    row, party = situation.referral, situation.party
    if party is Party.SENDER and not await sender_knows(situation):
        return move_not_allowed(message, None, [])
    names = [move.name for move in allowed(row.state, party, legal=row.legal)]
    return move_not_allowed(message, shown_state(row.state, party), names)
