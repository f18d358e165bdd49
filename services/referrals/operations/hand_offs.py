"""Handing a client over in person: both sides name their worker, and say whether it came about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.hand_off import HandOffChannel, name_problem, time_problem
from services.referrals.domain.lifecycle import Party
from services.referrals.events import tell
from services.referrals.models import DataKey, HandOff, IdempotencyRecord, Referral
from services.referrals.operations.opening import held_referral, shut
from services.referrals.operations.shared_keys import shared_key
from services.referrals.operations.vault import vault
from services.referrals.refusals import SensitiveText, sensitive_text
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found
from vereda.screening import screen

_BATCH: Final = 200

HandOffRefused = SensitiveText | InvalidInput | NotFound | NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker of one's own organisation: who it is there, and what the other side calls them."""

    person: UUID
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOffFields:
    referral: UUID
    worker: Worker
    arranged_for: datetime
    channel: HandOffChannel


async def arrange(context: RequestContext[Any], given: HandOffFields, key: str) -> HandOff | HandOffRefused:
    """Propose a meeting of both workers with the client, and name one's own. One at a time."""
    if refusal := _name_refused(context, given.worker):
        return refusal
    if problem := time_problem(given.arranged_for, context.now):
        return invalid(arranged_for=problem)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "arrangeHandOff", key, asdict(given)
        )
        held = await held_referral(context, session, given.referral)
        if isinstance(held, NotFound):
            return held
        referral, party = held
        if claim.earlier is not None:
            return await session.get_one(HandOff, UUID(claim.earlier["id"]))
        if refused := await shut(context, session, referral, party):
            return refused
        await take_turns(session, "hand-off of", referral.id)
        pending = select(HandOff.id).where(HandOff.referral_id == referral.id, HandOff.done.is_(None))
        if await session.scalar(pending.limit(1)) is not None:
            return not_allowed(
                "A hand-off is arranged already: report whether it came about, then arrange another."
            )
        row = HandOff(
            organization_id=context.caller.organization,
            referral_id=referral.id,
            channel=given.channel,
            arranged_for=given.arranged_for,
            arranged_at=context.now,
        )
        await _name(context, session, referral, party, row, given.worker)
        session.add(row)
        await session.flush()
        _tell(context, session, referral, row, "arranged")
        claim.record({"id": str(row.id)})
        return row


async def join(context: RequestContext[Any], id_: UUID, worker: Worker, key: str) -> HandOff | HandOffRefused:
    """Name one's own worker in a hand-off that the other side arranged; a later name takes the place of an earlier."""
    if refusal := _name_refused(context, worker):
        return refusal
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "joinHandOff", key, [id_, asdict(worker)]
        )
        found = await _found(context, session, id_)
        if isinstance(found, NotFound):
            return found
        row, referral, party = found
        if claim.earlier is not None:
            return row
        if refused := await shut(context, session, referral, party):
            return refused
        if row.done is not None:
            return not_allowed("What came of this hand-off is reported: arrange another.")
        await _name(context, session, referral, party, row, worker)
        if row.organization_id != context.caller.organization and row.joined_at is None:
            row.joined_at = context.now
        await session.flush()
        _tell(context, session, referral, row, "joined")
        claim.record({"id": str(row.id)})
        return row


async def report_outcome(
    context: RequestContext[Any], id_: UUID, key: str, *, done: bool
) -> HandOff | NotFound | NotAllowed:
    """Say whether a hand-off came about. Only one that both sides joined can have."""
    context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "reportHandOff", key, [id_, done])
        found = await _found(context, session, id_)
        if isinstance(found, NotFound):
            return found
        row, referral, party = found
        if claim.earlier is not None:
            return row
        if refused := await shut(context, session, referral, party):
            return refused
        if row.done is not None:
            return not_allowed("What came of this hand-off is reported already.")
        if done and row.joined_at is None:
            return not_allowed("The other side has not named its worker: nobody was handed over to nobody.")
        row.done, row.reported_by, row.reported_at = done, context.caller.organization, context.now
        await session.flush()
        _tell(context, session, referral, row, "done" if done else "not_done")
        claim.record({"id": str(row.id)})
        return row


async def let_hand_offs_go(context: RequestContext[Any]) -> int:
    """A round: delete meetings of referrals whose keys are destroyed (a consent revoked, a retention over, R22)."""
    async with context.write() as session:
        destroyed = exists().where(
            DataKey.referral_id == HandOff.referral_id,
            DataKey.key_group == KeyGroup.THREAD,
            DataKey.wrapped.is_(None),
        )
        over = select(HandOff.id).where(destroyed).limit(_BATCH).with_for_update(skip_locked=True)
        ids = (await session.scalars(over)).all()
        await session.execute(delete(HandOff).where(HandOff.id.in_(ids)))
        mark_recorded(session)
        return len(ids)


async def _found(
    context: RequestContext[Any], session: AsyncSession, id_: UUID
) -> tuple[HandOff, Referral, Party] | NotFound:
    row = await session.get(HandOff, id_)
    if row is None:
        return not_found("hand-off")
    held = await held_referral(context, session, row.referral_id)
    return held if isinstance(held, NotFound) else (row, *held)


def _name_refused(context: RequestContext[Any], worker: Worker) -> InvalidInput | SensitiveText | None:
    context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    if problem := name_problem(worker.display_name):
        return invalid(**{"worker.display_name": problem})
    if finding := screen(worker.display_name):
        return sensitive_text("worker.displayName", finding)
    return None


async def _name(
    context: RequestContext[Any],
    session: AsyncSession,
    referral: Referral,
    party: Party,
    row: HandOff,
    worker: Worker,
) -> None:
    key = await shared_key(context, session, referral, KeyGroup.THREAD)
    sealed = vault(context.settings).seal_under(key, worker.display_name.strip())
    if party is Party.SENDER:
        row.sender_worker, row.sender_name_sealed = worker.person, sealed
    else:
        row.recipient_worker, row.recipient_name_sealed = worker.person, sealed


def _tell(
    context: RequestContext[Any], session: AsyncSession, referral: Referral, row: HandOff, what: str
) -> None:
    told = (referral.sender_id, referral.recipient_id)
    tell(session, context.caller, f"hand_off.{what}", row.id, told, referral=str(referral.id))
