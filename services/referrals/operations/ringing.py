"""The clocks' bells: each is rung once, in the transaction that says so, to whoever it is for."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain import clocks
from services.referrals.domain.clocks import Bell, Notice
from services.referrals.domain.lifecycle import MoveName, Party, Reason
from services.referrals.domain.offers import OfferState
from services.referrals.domain.tasks import TaskKind
from services.referrals.events import tell
from services.referrals.models import Escalation, Referral, ReferralOffer
from services.referrals.operations.history import (
    append,
    open_task,
    pace_to_act,
    sender_may_know,
    set_next_bell,
)
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded

_BATCH: Final = 50
#: What a bell puts on the work list of whom it is for.
_TASKS: Final = {
    Notice.REVALIDATE: TaskKind.REVALIDATE,
    Notice.CONFIRM_OUTCOME: TaskKind.CONFIRM_OUTCOME,
}


async def ring(context: RequestContext[Any]) -> int:
    """Ring the bells that are due: one for each of a batch of referrals. Returns how many rang.

    A referral that somebody is moving at this moment is left for the next batch: its clock is about to change.
    """
    async with context.write() as session:
        due = (
            select(Referral)  # served by the partial index on bell_at
            .where(Referral.bell_at <= context.now)
            .order_by(Referral.bell_at, Referral.id)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = (await session.scalars(due)).all()
        for row in rows:
            await _ring_one(session, context, row)
        await session.flush()
        mark_recorded(session)
    return len(rows)


async def _ring_one(session: AsyncSession, context: RequestContext[Any], referral: Referral) -> None:
    pace = await pace_to_act(session, referral)
    ringing = clocks.bells(referral.state, referral.loop, referral.urgency, pace.limits)
    if referral.clock_rung >= len(ringing):  # the limits were changed since: this bell is none any more
        referral.bell_at = None
        return
    bell = ringing[referral.clock_rung]
    if bell.notice is Notice.EXPIRE:
        await append(session, context, referral, MoveName.EXPIRE, Party.SYSTEM, Reason.NO_RESPONSE)
        return
    referral.clock_rung += 1
    set_next_bell(referral, pace)
    if bell.notice is Notice.ESCALATION:
        _escalate(session, context, referral)
    await _tell(session, context, referral, bell)


async def _tell(session: AsyncSession, context: RequestContext[Any], referral: Referral, bell: Bell) -> None:
    offers = await _open_offers(session, referral) if referral.recipient_id is None else {}
    audience: list[UUID] = []
    if bell.to is Party.RECIPIENT:
        audience = [referral.recipient_id] if referral.recipient_id else list(offers)
    elif await sender_may_know(session, context, referral):
        audience = [referral.sender_id]  # of an escalation too: that nothing was heard is how it goes (R7)
    for told in audience:
        kind = _TASKS.get(bell.notice)
        if kind is not None:
            await open_task(session, context, referral, told, kind)
        subject, about = referral.id, {"referral": str(referral.id), "number": str(referral.clock_rung)}
        if told in offers:  # a candidate knows its offer, and not the referral
            subject, about = offers[told], {"offer": str(offers[told])}
        tell(session, context.caller, f"referral.{bell.notice.value.lower()}", subject, [told], **about)


def _escalate(session: AsyncSession, context: RequestContext[Any], referral: Referral) -> None:
    """Tell the network's coordinator. Of services for survivors it learns nothing (R16)."""
    if referral.survivor or referral.recipient_id is None or referral.clock_from is None:
        return
    session.add(
        Escalation(
            referral_id=referral.id,
            responsible_id=referral.recipient_id,
            domain=referral.domain,
            urgency=referral.urgency,
            state=referral.state,
            waiting_since=referral.clock_from,
            opened_at=context.now,
        )
    )


async def _open_offers(session: AsyncSession, referral: Referral) -> dict[UUID, UUID]:
    """The offers of an unclaimed referral that stand, by candidate."""
    offered = select(ReferralOffer.organization_id, ReferralOffer.id).where(
        ReferralOffer.referral_id == referral.id, ReferralOffer.state == OfferState.OFFERED
    )
    return {row.organization_id: row.id for row in await session.execute(offered)}
