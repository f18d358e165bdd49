"""Open offers: made, seen, claimed by exactly one, or passed on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.calendar import FEDERAL
from services.referrals.domain.capacity import places
from services.referrals.domain.clocks import DEFAULTS, due
from services.referrals.domain.consent import DataClass, Purpose
from services.referrals.domain.lifecycle import MoveName, Party, State
from services.referrals.domain.offers import OfferState
from services.referrals.events import tell, tell_only
from services.referrals.models import Client, Consent, IdempotencyRecord, Referral, ReferralOffer
from services.referrals.operations.consents import as_rule, name_for
from services.referrals.operations.history import append
from services.referrals.refusals import OfferTaken, offer_taken
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.ids import new_id
from vereda.pagination import Order
from vereda.refusals import NotFound, not_found
from vereda.statements import ServiceOffer

NEWEST_OFFER_FIRST = (Order(ReferralOffer.id, descending=True),)


def open_offers(context: RequestContext[Any]) -> Select[ReferralOffer]:
    """Offers that the caller's organisation may claim: served by (organization_id, state, id)."""
    return select(ReferralOffer).where(
        ReferralOffer.organization_id == context.caller.organization,
        ReferralOffer.state == OfferState.OFFERED,
    )


async def offer_openly(
    session: AsyncSession,
    context: RequestContext[Any],
    row: Referral,
    client: Client,
    consent: Consent,
    offers: tuple[ServiceOffer, ...],
) -> None:
    """Make an open offer of a draft to several organisations. No person is in it: what a claim needs, and no more."""
    held = as_rule(consent)
    # Until it is claimed it is kept as the most careful of the services would have it (R14, R16).
    row.domain, row.category = offers[0].domain, None
    row.legal, row.survivor = any(o.legal for o in offers), any(o.survivor for o in offers)
    span = due(State.SENT, row.urgency, DEFAULTS)
    assert span is not None
    made = {offer.organization: new_id() for offer in offers}
    for offer in offers:
        told = held.covers(offer.organization, DataClass.LANGUAGE, Purpose.REFERRAL_DELIVERY)
        session.add(
            ReferralOffer(
                id=made[offer.organization],
                organization_id=offer.organization,
                referral_id=row.id,
                asked_by=context.caller.organization,
                service_id=offer.service,
                domain=offer.domain,
                category=offer.category,
                legal=offer.legal,
                survivor=offer.survivor,
                urgency=row.urgency,
                language=client.language if told else None,
                available=places(offer.capacity, offer.available),
                reported_at=offer.reported_at,
                offered_at=context.now,
                answer_by=FEDERAL.after(context.now, span),
            )
        )
    await session.flush()
    for organization, id_ in made.items():  # a candidate knows its offer, and not the referral
        tell_only(session, context.caller, "referral.offered", id_, [organization], offer=str(id_))


async def claim_referral(
    context: RequestContext[Any], offer: UUID, key: str
) -> Referral | OfferTaken | NotFound:
    """Take a referral on that was offered to several. Postgres lets exactly one have it (policies/referrals.sql)."""
    context.caller.require(Scope.REFERRAL_RECEIVE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "claimReferral", key, [str(offer)]
        )
        row = await _own(session, context, offer)
        if row is None:
            return not_found("offer")
        if claim.earlier is None:
            if row.state not in (OfferState.OFFERED, OfferState.PASSED):
                return offer_taken()
            # Not through the object: where another was quicker, there is no row any more that this may change.
            changed = await session.execute(
                update(ReferralOffer)
                .where(ReferralOffer.id == row.id)
                .values(state=OfferState.CLAIMED, answered_at=context.now)
                .returning(ReferralOffer.state)
            )
            if changed.scalar_one_or_none() is not OfferState.CLAIMED:
                tell(session, context.caller, "offer.withdrawn", row.id, offer=str(row.id))
                mark_recorded(session)  # what Postgres found stands, beside the refusal
                return offer_taken()
        referral = await session.get_one(Referral, row.referral_id, with_for_update=True)
        if claim.earlier is None:
            await name_for(session, context, referral.client_id, context.caller.organization)
            await append(session, context, referral, MoveName.CLAIM, Party.CANDIDATE)
            claim.record({"id": str(referral.id)})
        return referral


async def pass_offer(
    context: RequestContext[Any], offer: UUID, key: str
) -> ReferralOffer | OfferTaken | NotFound:
    """Leave a referral that was offered to several to the others."""
    context.caller.require(Scope.REFERRAL_RECEIVE)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "passOffer", key, [str(offer)])
        row = await _own(session, context, offer)
        if row is None:
            return not_found("offer")
        if claim.earlier is not None:
            return row
        if row.state is not OfferState.OFFERED:
            return offer_taken()
        row.state, row.answered_at = OfferState.PASSED, context.now
        await session.flush()
        tell(session, context.caller, "offer.passed", row.id, offer=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def _own(session: AsyncSession, context: RequestContext[Any], id_: UUID) -> ReferralOffer | None:
    row = await session.get(ReferralOffer, id_)
    return row if row is not None and row.organization_id == context.caller.organization else None
