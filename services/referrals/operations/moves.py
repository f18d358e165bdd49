"""Working a referral: every move goes through the one table, under a lock on the referral."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.capacity import may_accept, places
from services.referrals.domain.clients import ContactResult, ContactSystem, KeyGroup
from services.referrals.domain.clocks import add_business_days
from services.referrals.domain.consent import Purpose
from services.referrals.domain.lifecycle import (
    TERMINAL,
    Guard,
    Loop,
    Move,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    allowed,
    shown_state,
)
from services.referrals.domain.screening import screen
from services.referrals.models import (
    Client,
    Consent,
    ContactAttempt,
    DataKey,
    IdempotencyRecord,
    OutboxEvent,
    Referral,
)
from services.referrals.operations.consents import as_rule
from services.referrals.operations.history import append
from services.referrals.operations.sending import NEEDED, ReferralFields, create, may_go, read_offer
from services.referrals.operations.vault import vault
from services.referrals.refusals import (
    ConsentMissing,
    MoveNotAllowed,
    OfferRefused,
    SensitiveText,
    ServiceFull,
    consent_missing,
    move_not_allowed,
    sensitive_text,
    service_full,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.outbox import emit
from vereda.refusals import InvalidInput, NotFound, VersionConflict, invalid, not_found, version_conflict
from vereda.statements import ServiceOffer, claimed_content

_LONGEST_ID: Final = 120
_PLACE_FREE_AGAIN: Final = (
    State.DECLINED,
    State.CANCELLED,
    State.REVOKED,
    State.UNREACHABLE,
    State.IN_REVIEW,
)
_ATTEMPTS, _CHANNELS, _OVER = 3, 2, timedelta(days=7)
_REOPENED_WITHIN: Final = timedelta(days=30)

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
        about = claimed_content(given.offer).get("service") if given.offer else None
        request = {**asdict(given), "offer": about}
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
        refusal = await _refusal(session, context, row, party, given, offer)
        if refusal is not None:
            return refusal
        if given.filler_id is not None and party is Party.RECIPIENT:
            row.filler_id = given.filler_id
        await append(session, context, row, given.move, party, given.reason, given.outcome)
        claim.record({"id": str(row.id)})
        return row


async def _refusal(
    session: AsyncSession,
    context: RequestContext[Any],
    row: Referral,
    party: Party,
    given: MoveFields,
    offer: ServiceOffer | None,
) -> MoveRefused | None:
    """Why the move cannot be made now, or None."""
    open_moves = {move.name: move for move in allowed(row.state, party, legal=row.legal)}
    move = open_moves.get(given.move)
    if move is None:
        return await _not_allowed(session, context, row, party, f"{given.move} cannot be done now.")
    if move.needs_reason != (given.reason is not None):
        return invalid(reason=f"is {'needed' if move.needs_reason else 'not taken'} with {move.name}")
    if given.reason is Reason.UNAVAILABLE:
        return invalid(reason="UNAVAILABLE is what others are shown: name the true reason")
    if move.needs_outcome != (given.outcome is not None):
        return invalid(outcome=f"is {'needed' if move.needs_outcome else 'not taken'} with {move.name}")
    if (
        party is Party.RECIPIENT
        and move.to not in TERMINAL
        and not await _still_consented(session, context, row)
    ):
        return consent_missing(list(NEEDED))
    if move.name is MoveName.AGREE_REDIRECT:
        return await _redirect(session, context, row, given, offer)
    return await _guarded(session, context, row, party, move, offer)


async def _still_consented(session: AsyncSession, context: RequestContext[Any], row: Referral) -> bool:
    """Whether the client's consent still holds: without it a recipient can bring a referral to its end, and no further."""
    return as_rule(await session.get_one(Consent, row.consent_id)).active(context.now)


async def _guarded(
    session: AsyncSession,
    context: RequestContext[Any],
    row: Referral,
    party: Party,
    move: Move,
    offer: ServiceOffer | None,
) -> MoveRefused | None:
    if Guard.SERVICE_HAS_ROOM in move.guards and not await _takes_place(session, row, offer):
        return service_full()
    if Guard.PROOF_OF_ATTEMPTS in move.guards and not await _tried_enough(session, row):
        message = "Giving up needs at least 3 contact attempts on 2 channels over 7 days."
        return await _not_allowed(session, context, row, party, message)
    if Guard.WITHIN_ONE_BUSINESS_DAY in move.guards and _later(context.now, row.accepted_at):
        message = "An acceptance can be taken back within one business day: decline with a reason instead."
        return await _not_allowed(session, context, row, party, message)
    too_late = row.ended_at is not None and context.now - row.ended_at > _REOPENED_WITHIN
    if Guard.WITHIN_THIRTY_DAYS in move.guards and too_late:
        return await _not_allowed(session, context, row, party, "It ended more than 30 days ago.")
    return None


def _later(now: datetime, accepted_at: datetime | None) -> bool:
    return accepted_at is None or now > add_business_days(accepted_at, 1)


async def _takes_place(session: AsyncSession, row: Referral, offer: ServiceOffer | None) -> bool:
    """Whether a place is left, looked at and taken by one acceptance at a time for each service.

    The newest report that any referral to the service carries is the one that counts, or a fresh offer's, if that is
    newer still. A place whose referral came to nothing is free again.
    """
    lock = int.from_bytes(row.service_id.bytes[8:], "big", signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(lock)))
    newest = await session.execute(
        select(Referral.offer_available, Referral.offer_reported_at)
        .where(Referral.service_id == row.service_id, Referral.offer_reported_at.is_not(None))
        .order_by(Referral.offer_reported_at.desc())
        .limit(1)
    )
    available, reported_at = newest.one_or_none() or (row.offer_available, row.offer_reported_at)
    if offer is not None and offer.service == row.service_id and _newer(offer.reported_at, reported_at):
        available, reported_at = places(offer.capacity, offer.available), offer.reported_at
        row.offer_available, row.offer_reported_at = available, reported_at
    if available is None or reported_at is None:
        return True
    taken = await session.scalar(
        select(func.count())
        .select_from(Referral)
        .where(
            Referral.service_id == row.service_id,
            Referral.accepted_at >= reported_at,
            Referral.state.not_in(_PLACE_FREE_AGAIN),
        )
    )
    return may_accept(available, taken or 0)


def _newer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


async def _tried_enough(session: AsyncSession, row: Referral) -> bool:
    tried = list(await session.scalars(select(ContactAttempt).where(ContactAttempt.referral_id == row.id)))
    unreached = [one for one in tried if one.result is not ContactResult.REACHED]
    if len(unreached) < _ATTEMPTS or len({one.channel for one in unreached}) < _CHANNELS:
        return False
    times = [one.attempted_at for one in unreached]
    return max(times) - min(times) >= _OVER


async def _redirect(
    session: AsyncSession,
    context: RequestContext[Any],
    row: Referral,
    given: MoveFields,
    offer: ServiceOffer | None,
) -> MoveRefused | None:
    """Continue as a child with another partner, if the consent covers that one (R10)."""
    if offer is None:
        return invalid(offer="of the service to go on with is needed")
    if offer.service == row.service_id:
        return invalid(offer="is of the same service: a redirect leads to another")
    consent = await session.get(Consent, given.consent or row.consent_id, with_for_update={"read": True})
    if consent is None or consent.client_id != row.client_id:
        return not_found("consent of this client")
    if refusal := may_go(context, consent, offer):
        return refusal
    key = await session.scalar(
        select(DataKey).where(DataKey.referral_id == row.id, DataKey.key_group == KeyGroup.NARRATIVE)
    )
    client = await session.get_one(Client, row.client_id)
    content = ReferralFields(
        client=row.client_id,
        consent=consent.id,
        offer="",
        needs=tuple(row.needs),
        narrative=vault(context.settings).open(key, row.narrative_sealed),
        urgency=row.urgency,
        placer_id=row.placer_id,
    )
    await create(session, context, client, consent, offer, content, parent=row.id)
    return None


async def settle_loop(
    context: RequestContext[Any], id_: UUID, version: int, *, confirmed: bool, key: str
) -> Referral | MoveNotAllowed | NotFound | VersionConflict:
    """The sender's word, for the client, on what the recipient reported: confirmed, or disputed."""
    context.caller.require(Scope.REFERRAL_SEND)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "settleLoop", key, [id_, version, confirmed]
        )
        row = await session.get(Referral, id_, with_for_update=True)
        if row is None or row.sender_id != context.caller.organization:
            return not_found("referral that you sent")
        if claim.earlier is not None:
            return row
        if row.version != version:
            return version_conflict(row.version)
        if row.loop is not Loop.REPORTED:
            return await _not_allowed(
                session, context, row, Party.SENDER, "Nothing was reported that awaits your word."
            )
        row.loop = Loop.CONFIRMED if confirmed else Loop.DISPUTED
        await session.flush()
        type_ = f"org.vereda.referral.{row.loop.value.lower()}"
        emit(
            session, OutboxEvent, context.caller, type_, row.id, [row.recipient_id], {"referral": str(row.id)}
        )
        claim.record({"id": str(row.id)})
        return row


async def record_attempt(
    context: RequestContext[Any], id_: UUID, channel: ContactSystem, result: ContactResult, key: str
) -> Referral | NotFound:
    """Note that the recipient tried to reach the client."""
    context.caller.require(Scope.REFERRAL_RECEIVE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordContactAttempt", key, [id_, channel, result]
        )
        row = await session.get(Referral, id_)
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
            claim.record({"id": str(row.id)})
        return row


async def _not_allowed(
    session: AsyncSession, context: RequestContext[Any], row: Referral, party: Party, message: str
) -> MoveNotAllowed:
    consent = await session.get_one(Consent, row.consent_id)
    if party is Party.SENDER and not status_returns(consent, context.now):
        return move_not_allowed(message, None, [])
    names = [move.name for move in allowed(row.state, party, legal=row.legal)]
    return move_not_allowed(message, shown_state(row.state, party), names)


def status_returns(consent: Consent, now: datetime) -> bool:
    """Whether the sender may learn how a referral goes: a purpose of its own (R7)."""
    held = as_rule(consent)
    return Purpose.STATUS_BACK in held.purposes and held.active(now)
