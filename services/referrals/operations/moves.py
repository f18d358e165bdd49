"""Working a referral: every move goes through the one table, under a lock on the referral."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.referrals.domain.clients import ContactResult, ContactSystem, KeyGroup
from services.referrals.domain.lifecycle import (
    Loop,
    MoveName,
    Outcome,
    Party,
    Reason,
    allowed,
    shown_state,
)
from services.referrals.domain.screening import screen
from services.referrals.events import tell
from services.referrals.models import (
    Client,
    Consent,
    ContactAttempt,
    DataKey,
    IdempotencyRecord,
    Referral,
)
from services.referrals.operations.consents import status_returns
from services.referrals.operations.guards import CHECKS, Situation
from services.referrals.operations.history import append
from services.referrals.operations.identifiers import keep_filler_id, placer_id_of
from services.referrals.operations.sending import ReferralFields, create, read_offer
from services.referrals.operations.vault import vault
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
from vereda.statements import ServiceOffer, claimed_content

_LONGEST_ID: Final = 120

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
        situation = Situation(session, context, row, party, offer, given.consent)
        refusal = await _refusal(situation, given)
        if refusal is not None:
            return refusal
        if given.move is MoveName.AGREE_REDIRECT and offer is not None:
            await _continue_elsewhere(situation, offer)
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
        return await _not_allowed(situation, f"{given.move} cannot be done now.")
    if move.needs_reason != (given.reason is not None):
        return invalid(reason=f"is {'needed' if move.needs_reason else 'not taken'} with {move.name}")
    if given.reason is Reason.UNAVAILABLE:
        return invalid(reason="UNAVAILABLE is what others are shown: name the true reason")
    if move.needs_outcome != (given.outcome is not None):
        return invalid(outcome=f"is {'needed' if move.needs_outcome else 'not taken'} with {move.name}")
    for guard in sorted(move.guards & CHECKS.keys()):
        if refusal := await CHECKS[guard](situation):
            return await _not_allowed(situation, refusal) if isinstance(refusal, str) else refusal
    return None


async def _continue_elsewhere(situation: Situation, offer: ServiceOffer) -> None:
    """Continue a referral as its child with another partner, which the consent was found to cover (R10)."""
    session, context, row = situation.session, situation.context, situation.referral
    consent = await situation.consent_for_redirect()
    assert consent is not None
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
        placer_id=await placer_id_of(context, session, row),
    )
    await create(session, context, client, consent, offer, content, parent=row.id)


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
            situation = Situation(session, context, row, Party.SENDER)
            return await _not_allowed(situation, "Nothing was reported that awaits your word.")
        row.loop = Loop.CONFIRMED if confirmed else Loop.DISPUTED
        await session.flush()
        about = {"referral": str(row.id)}
        tell(
            session, context.caller, f"referral.{row.loop.value.lower()}", row.id, [row.recipient_id], **about
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


async def _not_allowed(situation: Situation, message: str) -> MoveNotAllowed:
    row, party = situation.referral, situation.party
    consent = await situation.session.get_one(Consent, row.consent_id)
    if party is Party.SENDER and not status_returns(consent, situation.context.now):
        return move_not_allowed(message, None, [])
    names = [move.name for move in allowed(row.state, party, legal=row.legal)]
    return move_not_allowed(message, shown_state(row.state, party), names)
