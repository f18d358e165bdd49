"""Sending a referral: consent, offer and room are checked, then client, narrative and history go in together."""

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
from services.referrals.domain.consent import DataClass, Purpose
from services.referrals.domain.lifecycle import MoveName, Party, State
from services.referrals.domain.screening import screen
from services.referrals.models import Client, Consent, IdempotencyRecord, Referral
from services.referrals.operations.accounting import disclose
from services.referrals.operations.clients import by_handle
from services.referrals.operations.consents import as_rule, name_for
from services.referrals.operations.history import append, begin
from services.referrals.operations.identifiers import keep_placer_id
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
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.refusals import InvalidInput, NotFound, invalid, not_found
from vereda.signed import TokenRefusedError
from vereda.statements import ServiceOffer, claimed_content, verifier

#: Without these a recipient cannot begin.
NEEDED: Final = (DataClass.IDENTITY, DataClass.NEED)
_LONGEST_NARRATIVE: Final = 4000
_MOST_NEEDS: Final = 10
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}")

SendingRefused = ConsentMissing | ServiceFull | OfferRefused | SensitiveText | InvalidInput | NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFields:
    client: UUID
    consent: UUID
    offer: str
    needs: tuple[str, ...]
    narrative: str | None = None
    urgency: Urgency = Urgency.ROUTINE
    placer_id: str | None = None
    despite_no_capacity: bool = False


async def read_offer(context: RequestContext[Any], token: str) -> ServiceOffer | OfferRefused:
    """The directory's signed word on a service."""
    try:
        return await verifier(ServiceOffer, context.settings).read(token)
    except TokenRefusedError:
        return offer_refused()


async def send_referral(
    context: RequestContext[Any], given: ReferralFields, key: str
) -> Referral | SendingRefused:
    """Send a client's referral to the service of the offer, under a consent that names its organisation (R6)."""
    context.caller.require(Scope.REFERRAL_SEND)
    if wrong := _problems(given):
        return invalid(**wrong)
    for field, text in (
        ("narrative", given.narrative),
        ("placerId", given.placer_id),
        ("needs", " ".join(given.needs)),
    ):
        if finding := screen(text):
            return sensitive_text(field, finding)
    async with context.write() as session:
        # An offer's token is new each time that it is read, and may be over when a request is sent again: what it says
        # it is about makes the request the same.
        about = claimed_content(given.offer).get("service")
        request = {**asdict(given), "offer": about}
        claim = await claim_key(session, IdempotencyRecord, context.caller, "sendReferral", key, request)
        if claim.earlier is not None:
            return await session.get_one(Referral, UUID(claim.earlier["id"]))
        offer = await read_offer(context, given.offer)
        if isinstance(offer, OfferRefused):
            return offer
        client = await by_handle(session, context, given.client)
        # Locked against revocation: either the revocation sees this referral, or this sees the revocation (R9).
        consent = await session.get(Consent, given.consent, with_for_update={"read": True})
        if client is None or client.home_organization_id != context.caller.organization:
            return not_found("client")
        if consent is None or consent.client_id != client.id:
            return not_found("consent of this client")
        if refusal := may_go(context, consent, offer, despite_no_capacity=given.despite_no_capacity):
            return refusal
        if consent.one_referral and await _serves_another(session, consent):
            return consent_missing(list(NEEDED))
        row = await create(session, context, client, consent, offer, given)
        claim.record({"id": str(row.id)})
        return row


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


async def _serves_another(session: AsyncSession, consent: Consent) -> bool:
    """Whether a consent that is for one referral has its one already (R6). What a redirect continues is the same one."""
    parent = aliased(Referral)
    statement = (
        select(Referral.id)
        .outerjoin(parent, parent.id == Referral.parent_id)
        .where(Referral.consent_id == consent.id, Referral.state != State.VOID)
        .where(parent.consent_id.is_distinct_from(consent.id))
        .limit(1)
    )
    return await session.scalar(statement) is not None


async def create(
    session: AsyncSession,
    context: RequestContext[Any],
    client: Client,
    consent: Consent,
    offer: ServiceOffer,
    given: ReferralFields,
    parent: UUID | None = None,
) -> Referral:
    """Write a referral and send it: its row, sealed narrative, events, the recipient's handle, the disclosure."""
    keys, id_ = vault(context.settings), new_id()
    row = Referral(
        id=id_,
        client_id=client.id,
        consent_id=consent.id,
        sender_id=context.caller.organization,
        author=context.caller.subject,
        recipient_id=offer.organization,
        service_id=offer.service,
        parent_id=parent,
        domain=offer.domain,
        category=offer.category,
        legal=offer.legal,
        survivor=offer.survivor,
        needs=list(given.needs),
        urgency=given.urgency,
        offer_available=places(offer.capacity, offer.available),
        offer_reported_at=offer.reported_at,
    )
    if given.narrative:
        key_row, key = keys.make(client.id, KeyGroup.NARRATIVE, id_)
        row.narrative_sealed = keys.seal(key, given.narrative, client.id, KeyGroup.NARRATIVE, id_)
        session.add(key_row)
    if given.placer_id is not None:
        keep_placer_id(context, session, row, given.placer_id)
    session.add(row)
    await session.flush()
    begin(session, context, row)
    await session.flush()
    await append(session, context, row, MoveName.SEND, Party.SENDER)
    await name_for(session, context, client.id, offer.organization)
    purpose, classes = Purpose.REFERRAL_DELIVERY, consent.data_classes
    disclose(session, context, consent, offer.organization, purpose, classes, "sendReferral", row.id)
    await session.flush()
    return row


def _problems(given: ReferralFields) -> dict[str, str]:
    wrong = {}
    if not 1 <= len(given.needs) <= _MOST_NEEDS or not all(_CODE.fullmatch(code) for code in given.needs):
        wrong["needs"] = "must be 1 to 10 codes that `taxonomyTerms` lists"
    if given.narrative is not None and len(given.narrative) > _LONGEST_NARRATIVE:
        wrong["narrative"] = "must have at most 4000 characters: what the provider needs to begin, no more"
    if given.placer_id is not None and len(given.placer_id) > 120:
        wrong["placer_id"] = "must have at most 120 characters"
    return wrong
