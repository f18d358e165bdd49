"""Sending a referral: consent, offer and room are checked, then client, narrative and history go in together.

A referral is born as a draft and is sent in a second step, at once or later (`operations/drafts.py`); what is sent to several
organisations, of which one may claim it, has no recipient before that (`operations/offers.py`).
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.referrals.domain.capacity import may_send, places
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.conflicts import ConflictSet
from services.referrals.domain.conflicts import problems as problems_of_set
from services.referrals.domain.consent import DataClass, Purpose
from services.referrals.domain.lifecycle import MoveName, Party, State
from services.referrals.models import Client, Consent, IdempotencyRecord, Referral
from services.referrals.operations.accounting import disclose
from services.referrals.operations.clients import by_handle
from services.referrals.operations.conflicts import keep_conflict_set, ready_conflict_set
from services.referrals.operations.consents import as_rule, name_for
from services.referrals.operations.history import append, begin
from services.referrals.operations.identifiers import keep_placer_id
from services.referrals.operations.offers import offer_openly
from services.referrals.operations.vault import vault
from services.referrals.refusals import (
    ConsentMissing,
    OfferRefused,
    SensitiveText,
    ServiceFull,
    consent_missing,
    offer_refused,
    sensitive_text,
    service_full,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.refusals import InvalidInput, NotFound, invalid, not_found
from vereda.screening import screen
from vereda.signed import TokenRefusedError
from vereda.statements import ServiceOffer, claimed_content, verifier

#: Without these a recipient cannot begin.
NEEDED: Final = (DataClass.IDENTITY, DataClass.NEED)
_LONGEST_NARRATIVE: Final = 4000
_MOST_NEEDS: Final = 10
#: How many organisations an open offer may go to.
MOST_CANDIDATES: Final = 10
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}")

SendingRefused = ConsentMissing | ServiceFull | OfferRefused | SensitiveText | InvalidInput | NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFields:
    client: UUID
    consent: UUID
    #: Signed offers of the services to send to: one, or several for an open offer.
    offers: tuple[str, ...]
    needs: tuple[str, ...]
    narrative: str | None = None
    urgency: Urgency = Urgency.ROUTINE
    placer_id: str | None = None
    #: For a legal service's conflict check (R14).
    conflict_set: ConflictSet | None = None
    despite_no_capacity: bool = False


async def read_offer(context: RequestContext[Any], token: str) -> ServiceOffer | OfferRefused:
    """The directory's signed word on a service."""
    try:
        return await verifier(ServiceOffer, context.settings).read(token)
    except TokenRefusedError:
        return offer_refused()


async def read_offers(
    context: RequestContext[Any], tokens: tuple[str, ...]
) -> tuple[ServiceOffer, ...] | OfferRefused | InvalidInput:
    """The directory's signed words on the services to send to: one, or of several organisations for an open offer."""
    offers: list[ServiceOffer] = []
    for token in tokens:
        offer = await read_offer(context, token)
        if isinstance(offer, OfferRefused):
            return offer
        offers.append(offer)
    if len({offer.organization for offer in offers}) != len(offers):
        return invalid(open_to="must be offers of different organisations, one of each")
    if len({offer.domain for offer in offers}) != 1:
        return invalid(open_to="must be offers of one kind of help")
    return tuple(offers)


def services_of(tokens: tuple[str, ...]) -> list[str]:
    """What offers say they are about: an offer's token is new each time that it is read, and may be over when a request
    is sent again; this makes the request the same."""
    return [str(claimed_content(token).get("service")) for token in tokens]


async def send_referral(
    context: RequestContext[Any], given: ReferralFields, key: str
) -> Referral | SendingRefused:
    """Send a client's referral to the service of the offer, under a consent that names its organisation (R6)."""
    context.caller.require(Scope.REFERRAL_SEND)
    wrong = problems_of_content(given.needs, given.narrative, given.placer_id, given.conflict_set)
    if wrong := wrong or _problems(given):
        return wrong
    async with context.write() as session:
        request = {**asdict(given), "offers": services_of(given.offers)}
        claim = await claim_key(session, IdempotencyRecord, context.caller, "sendReferral", key, request)
        if claim.earlier is not None:
            return await session.get_one(Referral, UUID(claim.earlier["id"]))
        offers = await read_offers(context, given.offers)
        if not isinstance(offers, tuple):
            return offers
        client = await by_handle(session, context, given.client)
        if client is None or client.home_organization_id != context.caller.organization:
            return not_found("client")
        consent = await consent_to_send(session, given.consent, client.id)
        if consent is None:
            return not_found("consent of this client")
        refusal = may_all_go(context, consent, offers, despite_no_capacity=given.despite_no_capacity)
        if refusal is not None:
            return refusal
        if given.conflict_set is not None and not any(offer.legal for offer in offers):
            return invalid(conflict_set="is taken for legal services alone: no other needs it")
        if consent.one_referral and await serves_another(session, consent):
            return consent_missing(list(NEEDED))
        row = await create(session, context, client, consent, offers, given)
        claim.record({"id": str(row.id)})
        return row


async def consent_to_send(session: AsyncSession, id_: UUID, client: UUID) -> Consent | None:
    """The client's consent of this id, locked against revocation: either the revocation sees this referral, or this sees
    the revocation (R9)."""
    consent = await session.get(Consent, id_, with_for_update={"read": True})
    return consent if consent is not None and consent.client_id == client else None


def may_all_go(
    context: RequestContext[Any],
    consent: Consent,
    offers: tuple[ServiceOffer, ...],
    *,
    despite_no_capacity: bool = False,
) -> ConsentMissing | ServiceFull | InvalidInput | None:
    """None where a referral may be sent to the services of all these offers under the consent."""
    for offer in offers:
        refusal = may_go(context, consent, offer, despite_no_capacity=despite_no_capacity)
        if refusal is not None:
            return refusal
    return None


def may_go(
    context: RequestContext[Any], consent: Consent, offer: ServiceOffer, *, despite_no_capacity: bool = False
) -> ConsentMissing | ServiceFull | InvalidInput | None:
    """None where a referral may be sent to the service of the offer under the consent."""
    if offer.organization == context.caller.organization:
        return invalid(offer="is of your own organisation: no referral is needed")
    if not offer.active:
        return invalid(offer="is of a service that is not active")
    held = as_rule(consent)
    needed = (*NEEDED, DataClass.SURVIVOR) if offer.survivor else NEEDED
    missing = [c for c in needed if not held.covers(offer.organization, c, Purpose.REFERRAL_DELIVERY)]
    if missing or not held.active(context.now) or not held.serves(offer.domain):
        return consent_missing(missing or list(needed))
    if not may_send(offer.capacity, offer.available) and not despite_no_capacity:
        return service_full()
    return None


async def serves_another(session: AsyncSession, consent: Consent) -> bool:
    """Whether a consent that is for one referral has its one already (R6). What a redirect continues is the same one.

    Asked by one sender at a time, so that of two who ask at once one is told; `one_referral_each` in policies/referrals.sql
    holds it whatever is asked here. Served by ix_referrals_client_id.
    """
    await take_turns(session, "referral under", consent.id)
    parent = aliased(Referral)
    statement = (
        select(Referral.id)
        .outerjoin(parent, parent.id == Referral.parent_id)
        .where(
            Referral.client_id == consent.client_id,
            Referral.consent_id == consent.id,
            Referral.state != State.VOID,
        )
        .where(parent.consent_id.is_distinct_from(consent.id))
        .limit(1)
    )
    return await session.scalar(statement) is not None


async def create(
    session: AsyncSession,
    context: RequestContext[Any],
    client: Client,
    consent: Consent,
    offers: tuple[ServiceOffer, ...],
    given: ReferralFields,
    parent: UUID | None = None,
) -> Referral:
    """Write a referral and send it."""
    row = await draft(session, context, client, given.needs, given.urgency, parent)
    keep_content(context, session, row, given.narrative, given.placer_id)
    await session.flush()
    await keep_conflict_set(context, session, row, given.conflict_set)
    await deliver(session, context, row, client, consent, offers)
    return row


async def draft(
    session: AsyncSession,
    context: RequestContext[Any],
    client: Client,
    needs: tuple[str, ...],
    urgency: Urgency,
    parent: UUID | None = None,
) -> Referral:
    """Write a new draft, and the first event of its history."""
    row = Referral(
        id=new_id(),
        client_id=client.id,
        sender_id=context.caller.organization,
        author=context.caller.subject,
        parent_id=parent,
        needs=list(needs),
        urgency=urgency,
    )
    session.add(row)
    await session.flush()
    begin(session, context, row)
    await session.flush()
    return row


def keep_content(
    context: RequestContext[Any],
    session: AsyncSession,
    row: Referral,
    narrative: str | None,
    placer_id: str | None,
) -> None:
    """Seal what the sender wrote into a new draft."""
    keys = vault(context.settings)
    if narrative:
        key_row, key = keys.make(row.client_id, KeyGroup.NARRATIVE, row.id)
        row.narrative_sealed = keys.seal(key, narrative, row.client_id, KeyGroup.NARRATIVE, row.id)
        session.add(key_row)
    if placer_id is not None:
        keep_placer_id(context, session, row, placer_id)


async def deliver(
    session: AsyncSession,
    context: RequestContext[Any],
    row: Referral,
    client: Client,
    consent: Consent,
    offers: tuple[ServiceOffer, ...],
) -> None:
    """Send a draft under a consent that was found to cover it: to one service, or openly to several organisations."""
    row.consent_id = consent.id
    row.suggested_organization_id = row.suggested_service_id = None
    if len(offers) > 1:
        await offer_openly(session, context, row, client, consent, offers)
        await ready_conflict_set(context, session, row, client)
        await append(session, context, row, MoveName.SEND, Party.SENDER)
        return
    (offer,) = offers
    row.recipient_id, row.service_id = offer.organization, offer.service
    row.domain, row.category = offer.domain, offer.category
    row.legal, row.survivor = offer.legal, offer.survivor
    row.offer_available = places(offer.capacity, offer.available)
    row.offer_reported_at = offer.reported_at
    await ready_conflict_set(context, session, row, client)
    await append(session, context, row, MoveName.SEND, Party.SENDER)
    await name_for(session, context, client.id, offer.organization)
    purpose, classes = Purpose.REFERRAL_DELIVERY, consent.data_classes
    disclose(session, context, consent, offer.organization, purpose, classes, "sendReferral", row.id)
    await session.flush()


def problems_of_content(
    needs: tuple[str, ...],
    narrative: str | None,
    placer_id: str | None,
    conflict_set: ConflictSet | None = None,
) -> SensitiveText | InvalidInput | None:
    """What is wrong with what the sender wrote: its length and shape, or that it tells what is not recorded (R2)."""
    wrong = {}
    if not 1 <= len(needs) <= _MOST_NEEDS or not all(_CODE.fullmatch(code) for code in needs):
        wrong["needs"] = "must be 1 to 10 codes that `taxonomyTerms` lists"
    if narrative is not None and len(narrative) > _LONGEST_NARRATIVE:
        wrong["narrative"] = "must have at most 4000 characters: what the provider needs to begin, no more"
    if placer_id is not None and len(placer_id) > 120:
        wrong["placer_id"] = "must have at most 120 characters"
    wrong |= problems_of_set(conflict_set or ConflictSet())
    if wrong:
        return invalid(**wrong)
    texts = [("narrative", narrative), ("placerId", placer_id), ("needs", " ".join(needs))]
    for field, text in (*texts, *(("conflictSet", name) for name in (conflict_set or ConflictSet()).names)):
        if finding := screen(text):
            return sensitive_text(field, finding)
    return None


def _problems(given: ReferralFields) -> InvalidInput | None:
    if not 1 <= len(given.offers) <= MOST_CANDIDATES:
        return invalid(
            offer=f"or `openTo` is needed: one offer, or 2 to {MOST_CANDIDATES} of different organisations"
        )
    return None
