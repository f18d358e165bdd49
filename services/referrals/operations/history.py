"""Making a referral's history: an event, the state that follows from it, and the word to both sides, all at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clocks import due_at
from services.referrals.domain.lifecycle import (
    BY_NAME,
    TERMINAL,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    loop_after,
)
from services.referrals.events import tell
from services.referrals.models import Referral, ReferralEvent
from vereda.context import RequestContext


def begin(session: AsyncSession, context: RequestContext[Any], referral: Referral) -> None:
    """The first event of a new referral: a draft, seen by nobody but its sender."""
    session.add(_event(context, referral, 1, Party.SENDER, to_state=State.DRAFT))


async def append(
    session: AsyncSession,
    context: RequestContext[Any],
    referral: Referral,
    name: MoveName,
    party: Party,
    reason: Reason | None = None,
    outcome: Outcome | None = None,
) -> None:
    """Make a move that was found allowed. The referral's row is locked by the caller, so that events stay in line."""
    move = BY_NAME[name]
    last = select(func.max(ReferralEvent.sequence)).where(ReferralEvent.referral_id == referral.id)
    following = (await session.scalar(last) or 0) + 1
    what = {
        "move": name,
        "from_state": referral.state,
        "to_state": move.to,
        "reason": reason,
        "outcome": outcome,
    }
    session.add(_event(context, referral, following, party, **what))
    referral.loop = loop_after(move, party, referral.loop)
    referral.state = move.to
    referral.reason = reason if reason is not None else referral.reason
    referral.outcome = outcome if move.to in TERMINAL else None
    referral.due_at = due_at(move.to, context.now, referral.urgency)
    referral.ended_at = context.now if move.to in TERMINAL else None
    if name is MoveName.ACCEPT:
        referral.accepted_at = context.now
    if name is MoveName.UNACCEPT:
        referral.accepted_at = None
    if name is MoveName.CLEAR_CONFLICT:
        referral.conflict_cleared_at = context.now
    if name is MoveName.SEND:
        referral.sent_at = context.now
    await session.flush()
    audience = (
        [referral.sender_id]
        if move.to is State.AWAITING_CONSENT
        else [referral.sender_id, referral.recipient_id]
    )
    tell(
        session,
        context.caller,
        f"referral.{name.value.lower()}",
        referral.id,
        audience,
        referral=str(referral.id),
    )


def _event(
    context: RequestContext[Any], referral: Referral, sequence: int, party: Party, **what: Any
) -> ReferralEvent:
    return ReferralEvent(
        referral_id=referral.id,
        sequence=sequence,
        party=party,
        actor_organization_id=context.caller.organization,
        actor=context.caller.subject,
        occurred_at=context.now,
        **what,
    )
