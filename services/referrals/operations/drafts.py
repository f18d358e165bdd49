"""Drafts: kept, edited, left to wait for the client's word, and sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.conflicts import ConflictSet
from services.referrals.domain.lifecycle import UNSENT, Party, allowed, shown_state
from services.referrals.events import tell
from services.referrals.models import Client, IdempotencyRecord, Referral
from services.referrals.operations.clients import by_handle
from services.referrals.operations.conflicts import keep_conflict_set
from services.referrals.operations.history import sender_may_know
from services.referrals.operations.identifiers import placer_index
from services.referrals.operations.sending import (
    MOST_CANDIDATES,
    NEEDED,
    consent_to_send,
    deliver,
    draft,
    may_all_go,
    problems_of_content,
    read_offer,
    read_offers,
    serves_another,
    services_of,
)
from services.referrals.operations.shared_keys import shared_key
from services.referrals.operations.vault import vault
from services.referrals.refusals import (
    ConsentMissing,
    MoveNotAllowed,
    OfferRefused,
    SensitiveText,
    ServiceFull,
    consent_missing,
    move_not_allowed,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, NotFound, VersionConflict, invalid, not_found, version_conflict
from vereda.statements import ServiceOffer

SavingRefused = SensitiveText | InvalidInput | NotFound | VersionConflict | OfferRefused | MoveNotAllowed
DraftRefused = SavingRefused | ConsentMissing | ServiceFull


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFields:
    """A draft as it is to be. `id` and `expected_version`: of the one that is edited; None makes a new one."""

    id: UUID | None = None
    expected_version: int | None = None
    client: UUID
    needs: tuple[str, ...]
    narrative: str | None = None
    urgency: Urgency = Urgency.ROUTINE
    placer_id: str | None = None
    #: For a legal service's conflict check; another service never gets it (R14).
    conflict_set: ConflictSet | None = None
    #: The signed offer of the service that it is meant for; sending takes a fresh one.
    offer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftToSend:
    id: UUID
    expected_version: int
    consent: UUID
    offers: tuple[str, ...]
    despite_no_capacity: bool = False


async def save_draft(context: RequestContext[Any], given: DraftFields, key: str) -> Referral | SavingRefused:
    """Keep a draft, or put what is given in the place of all that one said. Nobody else sees it."""
    context.caller.require(Scope.REFERRAL_SEND)
    wrong = problems_of_content(given.needs, given.narrative, given.placer_id, given.conflict_set)
    if wrong is not None:
        return wrong
    async with context.write() as session:
        request = {**asdict(given), "offer": services_of((given.offer,)) if given.offer else None}
        claim = await claim_key(session, IdempotencyRecord, context.caller, "saveDraft", key, request)
        if claim.earlier is not None:
            return await session.get_one(Referral, UUID(claim.earlier["id"]))
        offer = await read_offer(context, given.offer) if given.offer else None
        if isinstance(offer, OfferRefused):
            return offer
        client = await by_handle(session, context, given.client)
        if client is None or client.home_organization_id != context.caller.organization:
            return not_found("client")
        row = await _draft_to_edit(session, context, client, given)
        if not isinstance(row, Referral):
            return row
        await _fill(session, context, row, given, offer)
        tell(session, context.caller, "referral.draft_saved", row.id, referral=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def _draft_to_edit(
    session: AsyncSession, context: RequestContext[Any], client: Client, given: DraftFields
) -> Referral | SavingRefused:
    if given.id is None:
        return await draft(session, context, client, given.needs, given.urgency)
    row = await locked_draft(session, context, given.id, given.expected_version)
    if isinstance(row, Referral) and row.client_id != client.id:
        return invalid(client="is not the one whom this draft is about")
    return row


async def locked_draft(
    session: AsyncSession, context: RequestContext[Any], id_: UUID, version: int | None
) -> Referral | NotFound | VersionConflict | MoveNotAllowed:
    """A draft of the caller's, locked."""
    row = await session.get(Referral, id_, with_for_update=True)
    if row is None or row.sender_id != context.caller.organization:
        return not_found("draft")
    if row.version != version:
        return version_conflict(row.version)
    if row.state not in UNSENT:
        open_moves = [move.name for move in allowed(row.state, Party.SENDER, legal=row.legal)]
        knows = await sender_may_know(session, context, row)
        shown = shown_state(row.state, Party.SENDER) if knows else None
        return move_not_allowed("It was sent: what it says is said.", shown, open_moves if knows else [])
    return row


async def _fill(
    session: AsyncSession,
    context: RequestContext[Any],
    row: Referral,
    given: DraftFields,
    offer: ServiceOffer | None,
) -> None:
    """Put what is given into the draft, sealed where it has to be."""
    keys = vault(context.settings)
    row.needs, row.urgency = list(given.needs), given.urgency
    row.narrative_sealed = row.placer_id_sealed = row.placer_id_index = None
    if given.narrative:
        key = await shared_key(context, session, row, KeyGroup.NARRATIVE)
        row.narrative_sealed = keys.seal_under(key, given.narrative)
    if given.placer_id:
        key = await shared_key(context, session, row, KeyGroup.REFERENCE)
        row.placer_id_sealed = keys.seal_under(key, given.placer_id)
        row.placer_id_index = placer_index(keys, row.sender_id, given.placer_id)
    row.suggested_organization_id = offer.organization if offer else None
    row.suggested_service_id = offer.service if offer else None
    await session.flush()
    await keep_conflict_set(context, session, row, given.conflict_set)


async def send_draft(context: RequestContext[Any], given: DraftToSend, key: str) -> Referral | DraftRefused:
    """Send a draft, under the consent that the client gave meanwhile: checked as `send_referral` checks."""
    context.caller.require(Scope.REFERRAL_SEND)
    if not 1 <= len(given.offers) <= MOST_CANDIDATES:
        return invalid(
            offer=f"or `openTo` is needed: one offer, or 2 to {MOST_CANDIDATES} of different organisations"
        )
    async with context.write() as session:
        request = {**asdict(given), "offers": services_of(given.offers)}
        claim = await claim_key(session, IdempotencyRecord, context.caller, "sendDraft", key, request)
        if claim.earlier is not None:
            return await session.get_one(Referral, UUID(claim.earlier["id"]))
        row = await locked_draft(session, context, given.id, given.expected_version)
        if not isinstance(row, Referral):
            return row
        offers = await read_offers(context, given.offers)
        if not isinstance(offers, tuple):
            return offers
        consent = await consent_to_send(session, given.consent, row.client_id)
        if consent is None:
            return not_found("consent of this client")
        refusal = may_all_go(context, consent, offers, despite_no_capacity=given.despite_no_capacity)
        if refusal is not None:
            return refusal
        if consent.one_referral and await serves_another(session, consent):
            return consent_missing(list(NEEDED))
        client = await session.get_one(Client, row.client_id)
        await deliver(session, context, row, client, consent, offers)
        claim.record({"id": str(row.id)})
        return row
