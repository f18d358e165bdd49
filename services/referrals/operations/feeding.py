"""What the feed says to whom: asked anew at each reading, in the reader's name (R7, R9, R16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import Uuid, and_, any_, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.events import EVENTS
from services.referrals.models import Consent, FeedEntry, FeedHead, OutboxEvent, Referral, ReferralOffer
from services.referrals.operations.consents import status_returning
from vereda.context import RequestContext
from vereda.database import among
from vereda.feed.catalogue import PREFIX, EventType, Shown
from vereda.feed.reading import Feed, Told
from vereda.models import OutboxColumns
from vereda.rounds import NOBODY

Event: TypeAlias = OutboxColumns


async def tells(
    context: RequestContext[Any], session: AsyncSession, events: Sequence[Event]
) -> dict[UUID, Told]:
    """Of those of `events` that the caller's organisation may know of now: what they say."""
    own = context.caller.organization
    known = [(one, kind) for one in events if (kind := EVENTS.get(one.type.removeprefix(PREFIX)))]
    asked = [one for one, kind in known if not _at_once(one, kind, own)]
    sides = await _sides(context, session, _named(asked, "referral"))
    offers = await _offers(session, {*_named(asked, "offer"), *(UUID(one.subject) for one in asked)})
    return {
        one.id: Told(one.type, one.subject, one.data)
        for one, kind in known
        if _at_once(one, kind, own) or _asked(one, kind, sides, offers)
    }


def _at_once(event: Event, kind: EventType, own: UUID) -> bool:
    """Whether it is theirs to know whatever became of a consent."""
    if event.organization_id == own or kind.shown in (Shown.TOLD, Shown.CLOSED):
        return True
    return kind.shown is Shown.MAKER and event.organization_id == NOBODY  # a round did it for them


def _asked(event: Event, kind: EventType, sides: set[UUID], offers: set[UUID]) -> bool:
    if kind.shown is Shown.CANDIDATE:
        return UUID(event.subject) in offers
    if kind.shown is not Shown.SIDES:
        return False
    if "offer" in event.data:  # a candidate knows its offer, and not the referral
        return UUID(event.data["offer"]) in offers
    return UUID(event.data["referral"]) in sides


def _named(events: Iterable[Event], what: str) -> set[UUID]:
    return {UUID(one.data[what]) for one in events if what in one.data}


async def _sides(context: RequestContext[Any], session: AsyncSession, referrals: set[UUID]) -> set[UUID]:
    """Of which of these the caller's organisation may learn how they go."""
    if not referrals:
        return set()
    own, now = context.caller.organization, context.now
    named = exists().where(
        Consent.id == Referral.consent_id,
        literal(own, Uuid()) == any_(Consent.recipients),
        Consent.revoked_at.is_(None),
        Consent.valid_from <= now,
        Consent.expires_at > now,
    )
    may_know = or_(
        and_(Referral.sender_id == own, status_returning(now)),
        and_(Referral.recipient_id == own, named),
    )
    return set(await session.scalars(select(Referral.id).where(among(Referral.id, referrals), may_know)))


async def _offers(session: AsyncSession, offers: set[UUID]) -> set[UUID]:
    if not offers:
        return set()
    return set(await session.scalars(select(ReferralOffer.id).where(among(ReferralOffer.id, offers))))


FEED: Final = Feed("referrals", OutboxEvent, FeedEntry, FeedHead, tells)
