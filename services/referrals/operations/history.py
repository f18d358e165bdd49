"""Making a referral's history: an event, the state and the clock that follow from it, and the word to both sides, all
at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain import clocks
from services.referrals.domain.clocks import Clock
from services.referrals.domain.lifecycle import (
    BY_NAME,
    TERMINAL,
    UNSENT,
    Move,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    loop_after,
    sub_state_after,
)
from services.referrals.domain.tasks import TaskKind
from services.referrals.events import tell_only
from services.referrals.models import Consent, Referral, ReferralEvent, Task
from services.referrals.operations.consents import status_returns
from services.referrals.operations.limits import Pace, pace_of
from vereda.context import RequestContext
from vereda.ids import new_id


def begin(session: AsyncSession, context: RequestContext[Any], referral: Referral) -> None:
    """The first event of a new referral: a draft, seen by nobody but its sender."""
    referral.told_at = context.now
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
    move, before = BY_NAME[name], referral.state
    last = select(func.max(ReferralEvent.sequence)).where(ReferralEvent.referral_id == referral.id)
    following = (await session.scalar(last) or 0) + 1
    what = {"move": name, "from_state": before, "to_state": move.to, "reason": reason, "outcome": outcome}
    session.add(_event(context, referral, following, party, **what))
    referral.loop = loop_after(move, party, referral.loop)
    referral.state = move.to
    referral.sub_state = sub_state_after(move)
    referral.reason = reason if reason is not None else referral.reason
    referral.outcome = outcome if move.to in TERMINAL else None
    referral.ended_at = context.now if move.to in TERMINAL else None
    _mark(context, referral, name)
    await _wind(session, context, referral, move, before)
    told = await _told(session, context, referral, move, before)
    if any(referral.sender_id in organizations for organizations in told.values()):
        referral.told_at = context.now
    await session.flush()
    if move.to in (State.DECLINED, State.EXPIRED):
        await open_task(session, context, referral, referral.sender_id, TaskKind.REMATCH)
    about = {"referral": str(referral.id)}
    for happened, organizations in told.items():
        if organizations:
            tell_only(session, context.caller, f"referral.{happened}", referral.id, organizations, **about)


def _mark(context: RequestContext[Any], referral: Referral, name: MoveName) -> None:
    """The times that a move leaves behind."""
    now = context.now
    if name is MoveName.ACCEPT:
        referral.accepted_at = now
    if name is MoveName.UNACCEPT:
        referral.accepted_at = None
    if name is MoveName.CLEAR_CONFLICT:
        referral.conflict_cleared_at = now
    if name is MoveName.SEND:
        referral.sent_at = now
    if name is MoveName.WAITLIST:
        referral.waitlisted_at = now
    if name is MoveName.REOPEN_SERVICE:
        referral.reopening_agreed_at = None
    if name is MoveName.RESUME:
        referral.resume_on = None
    if referral.state in (State.SCHEDULED, State.IN_SERVICE) and referral.first_contact_at is None:
        referral.first_contact_at = now


async def _wind(
    session: AsyncSession, context: RequestContext[Any], referral: Referral, move: Move, before: State
) -> None:
    """Wind the clock for the state that the referral has come to."""
    now = context.now
    recipient = await pace_of(session, referral.recipient_id, referral.service_id)
    known = referral.clock_from
    clock = clocks.wound(
        Clock(known, referral.held_from, referral.held_at) if known else None,
        move.name,
        before,
        move.to,
        now,
        recipient.calendar,
    )
    referral.clock_from, referral.held_from, referral.held_at = clock.began, clock.held_from, clock.held_at
    pace = await pace_to_act(session, referral)
    ringing = clocks.bells(referral.state, referral.loop, referral.urgency, pace.limits)
    # Whoever comes back to a clock that had run is not reminded again of what it had been reminded of.
    goes_on = clock.began < now
    referral.clock_rung = clocks.rung_by(pace.calendar, clock.began, ringing, now) if goes_on else 0
    set_next_bell(referral, pace)
    span = clocks.due(referral.state, referral.urgency, pace.limits)
    referral.due_at = pace.calendar.after(clock.began, span) if span is not None else None


async def pace_to_act(session: AsyncSession, referral: Referral) -> Pace:
    """The pace of whoever has to act in the referral's state."""
    if clocks.whose(referral.state) is Party.SENDER:
        return await pace_of(session, referral.sender_id)
    return await pace_of(session, referral.recipient_id, referral.service_id)


def set_next_bell(referral: Referral, pace: Pace) -> None:
    """When the clock rings next, after the bells that it has rung; never, where it has rung them all."""
    assert referral.clock_from is not None
    ringing = clocks.bells(referral.state, referral.loop, referral.urgency, pace.limits)
    following = clocks.next_bell(pace.calendar, referral.clock_from, ringing, referral.clock_rung)
    referral.bell_at = following[0] if following else None


async def open_task(
    session: AsyncSession,
    context: RequestContext[Any],
    referral: Referral,
    organization: UUID,
    kind: TaskKind,
) -> None:
    """Put something on an organisation's work list, unless it stands there already."""
    values = {
        "id": new_id(),
        "organization_id": organization,
        "referral_id": referral.id,
        "kind": kind,
        "opened_at": context.now,
    }
    await session.execute(insert(Task).values(values).on_conflict_do_nothing())


async def _told(
    session: AsyncSession, context: RequestContext[Any], referral: Referral, move: Move, before: State
) -> dict[str, list[UUID]]:
    """As what a move is told to whom: to its recipient once it was sent, to its sender as the client consented (R7)."""
    name = move.name.value.lower()
    unsent = move.to in UNSENT or (before in UNSENT and move.name is not MoveName.SEND)
    told = [] if referral.recipient_id is None or unsent else [referral.recipient_id]
    sender = referral.sender_id
    if context.caller.organization == sender:
        return {name: [sender, *told]}
    if not await sender_may_know(session, context, referral):
        return {name: told, "closed": [sender]} if move.to in TERMINAL else {name: told}
    # That conflicts are checked is the recipient's own business.
    return {name: told} if move.to is State.CONFLICT_CHECK else {name: [sender, *told]}


async def sender_may_know(session: AsyncSession, context: RequestContext[Any], referral: Referral) -> bool:
    """Whether the sender may learn how the referral goes (R7)."""
    consent = await session.get(Consent, referral.consent_id) if referral.consent_id else None
    return consent is not None and status_returns(consent, context.now)


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
