"""The lifecycle's guards, looked up in the data: one function for each, in one table.

A check answers None where the move may be made, a refusal, or a sentence that says why it cannot be made now.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain import guards as rules
from services.referrals.domain.appointments import AppointmentStatus
from services.referrals.domain.capacity import may_accept, places
from services.referrals.domain.guards import Attempt
from services.referrals.domain.lifecycle import Guard, Party, State
from services.referrals.models import Appointment, Consent, ContactAttempt, Referral, ReferralEvent
from services.referrals.operations.consents import as_rule
from services.referrals.operations.limits import pace_of
from services.referrals.operations.sending import NEEDED, may_go
from services.referrals.refusals import ConsentMissing, ServiceFull, consent_missing, service_full
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.refusals import InvalidInput, NotFound, invalid, not_found
from vereda.statements import ServiceOffer

#: An acceptance that came to this takes no place any more.
PLACE_FREE_AGAIN: Final = (
    State.DECLINED,
    State.CANCELLED,
    State.REVOKED,
    State.UNREACHABLE,
    State.IN_REVIEW,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """A referral, locked, that `party` wants to move; `offer` and `consent` as the request names them."""

    session: AsyncSession
    context: RequestContext[Any]
    referral: Referral
    party: Party
    offer: ServiceOffer | None = None
    consent: UUID | None = None

    async def consent_for_redirect(self) -> Consent | None:
        """The consent under which the client goes elsewhere, locked against its revocation."""
        wanted = self.consent or self.referral.consent_id
        if wanted is None:
            return None
        consent = await self.session.get(Consent, wanted, with_for_update={"read": True})
        return consent if consent is not None and consent.client_id == self.referral.client_id else None


Verdict = ConsentMissing | ServiceFull | InvalidInput | NotFound | str | None


async def _consent_holds(situation: Situation) -> Verdict:
    referral = situation.referral
    consent = await situation.session.get(Consent, referral.consent_id) if referral.consent_id else None
    if consent is None:
        return consent_missing(list(NEEDED))
    return None if as_rule(consent).active(situation.context.now) else consent_missing(list(NEEDED))


async def _consent_covers(situation: Situation) -> Verdict:
    """Whether the client may be sent on to the service of the offer."""
    offer = situation.offer
    if offer is None:
        return invalid(offer="of the service to go on with is needed")
    if offer.service == situation.referral.service_id:
        return invalid(offer="is of the same service: a redirect leads to another")
    consent = await situation.consent_for_redirect()
    return (
        not_found("consent of this client") if consent is None else may_go(situation.context, consent, offer)
    )


async def _has_room(situation: Situation) -> Verdict:
    """Whether a place is left, looked at and taken by one acceptance at a time for each service.

    The newest report that any referral to the service carries is the one that counts, or a fresh offer's, if that is
    newer still. A place whose referral came to nothing is free again.
    """
    session, row, offer = situation.session, situation.referral, situation.offer
    assert row.service_id is not None
    await take_turns(session, "places of", row.service_id)
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
        return None
    taken = await session.scalar(
        select(func.count())
        .select_from(Referral)
        .where(
            Referral.service_id == row.service_id,
            Referral.accepted_at >= reported_at,
            Referral.state.not_in(PLACE_FREE_AGAIN),
        )
    )
    return None if may_accept(available, taken or 0) else service_full()


def _newer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


async def _tried_enough(situation: Situation) -> Verdict:
    attempts = select(ContactAttempt).where(ContactAttempt.referral_id == situation.referral.id)
    tried = await situation.session.scalars(attempts)
    return rules.tried_enough([Attempt(one.channel, one.result, one.attempted_at) for one in tried])


async def _accepted_lately(situation: Situation) -> Verdict:
    referral = situation.referral
    pace = await pace_of(situation.session, referral.recipient_id)
    return rules.accepted_lately(referral.accepted_at, situation.context.now, pace.calendar)


async def _ended_lately(situation: Situation) -> Verdict:
    return rules.ended_lately(situation.referral.ended_at, situation.context.now)


async def _nobody_acted(situation: Situation) -> Verdict:
    events = select(ReferralEvent.party).where(ReferralEvent.referral_id == situation.referral.id)
    return rules.nobody_acted(set(await situation.session.scalars(events)))


async def _sender_agrees(situation: Situation) -> Verdict:
    return rules.sender_agrees(situation.referral.reopening_agreed_at)


async def _appointment_stands(situation: Situation) -> Verdict:
    booked = exists().where(
        Appointment.referral_id == situation.referral.id, Appointment.status == AppointmentStatus.BOOKED
    )
    return rules.appointment_stands(bool(await situation.session.scalar(select(booked))))


#: Not here: the two that name the kind of service, which `lifecycle.allowed` has looked at, and OFFER_STANDS, which
#: Postgres decides among all who claim at once (`claim_offer` in policies/referrals.sql).
CHECKS: Final[dict[Guard, Callable[[Situation], Awaitable[Verdict]]]] = {
    Guard.CONSENT_HOLDS: _consent_holds,
    Guard.CONSENT_COVERS_RECIPIENT: _consent_covers,
    Guard.SERVICE_HAS_ROOM: _has_room,
    Guard.PROOF_OF_ATTEMPTS: _tried_enough,
    Guard.WITHIN_ONE_BUSINESS_DAY: _accepted_lately,
    Guard.WITHIN_THIRTY_DAYS: _ended_lately,
    Guard.NOBODY_ACTED: _nobody_acted,
    Guard.SENDER_AGREES: _sender_agrees,
    Guard.APPOINTMENT_STANDS: _appointment_stands,
}
