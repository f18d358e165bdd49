"""Whether both sides agree on how a referral ended, and taking it up again where they do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.referrals.domain.clocks import LOOP_DAYS
from services.referrals.domain.guards import ended_lately
from services.referrals.domain.lifecycle import Loop, Party, State
from services.referrals.domain.tasks import TaskKind
from services.referrals.events import tell
from services.referrals.models import IdempotencyRecord, Referral
from services.referrals.operations.guards import Situation
from services.referrals.operations.history import open_task, sender_may_know
from services.referrals.operations.moves import not_allowed, party_of
from services.referrals.refusals import MoveNotAllowed
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import NotFound, VersionConflict, not_found, version_conflict


async def settle_loop(
    context: RequestContext[Any], id_: UUID, version: int, *, confirmed: bool, key: str
) -> Referral | MoveNotAllowed | NotFound | VersionConflict:
    """The sender's word, for the client, on what the recipient reported: confirmed, or disputed.

    A dispute opens a task for both sides; confirming after all ends it. Thirty days of silence are for good.
    """
    context.caller.require(Scope.REFERRAL_SEND)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "settleLoop", key, [id_, version, confirmed]
        )
        row = await session.get(Referral, id_, with_for_update=True)
        if row is None or row.sender_id != context.caller.organization:
            return not_found("referral that you sent")
        if claim.earlier is not None:
            return row
        if row.version != version:
            return version_conflict(row.version)
        open_to_word = row.loop is Loop.REPORTED or (row.loop is Loop.DISPUTED and confirmed)
        over = row.ended_at is None or context.now > row.ended_at + timedelta(days=LOOP_DAYS)
        if not open_to_word or (over and row.loop is Loop.REPORTED):
            situation = Situation(session, context, row, Party.SENDER)
            return await not_allowed(situation, "Nothing was reported that awaits your word.")
        row.loop = Loop.CONFIRMED if confirmed else Loop.DISPUTED
        row.bell_at, row.told_at = None, context.now
        await session.flush()
        assert row.recipient_id is not None  # whoever reported
        if not confirmed:
            for side in (row.sender_id, row.recipient_id):
                await open_task(session, context, row, side, TaskKind.RESOLVE_DISPUTE)
        about = {"referral": str(row.id)}
        tell(
            session, context.caller, f"referral.{row.loop.value.lower()}", row.id, [row.recipient_id], **about
        )
        claim.record({"id": str(row.id)})
        return row


async def propose_reopening(
    context: RequestContext[Any], id_: UUID, key: str
) -> Referral | MoveNotAllowed | NotFound:
    """Want a completed referral taken up again: the sender agrees with it, the recipient asks the sender to.

    The recipient then does so by REOPEN_SERVICE.
    """
    context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "proposeReopening", key, [str(id_)]
        )
        row = await session.get(Referral, id_, with_for_update=True)
        if row is None:
            return not_found("referral")
        if claim.earlier is not None:
            return row
        party = party_of(row, context.caller.organization)
        context.caller.require(Scope.REFERRAL_SEND if party is Party.SENDER else Scope.REFERRAL_RECEIVE)
        situation = Situation(session, context, row, party)
        if row.state is not State.COMPLETED or row.recipient_id is None:
            return await not_allowed(situation, "Only what was completed is taken up again so.")
        if why := ended_lately(row.ended_at, context.now):
            return await not_allowed(situation, why)
        other = row.recipient_id if party is Party.SENDER else row.sender_id
        if party is Party.SENDER:
            row.reopening_agreed_at = context.now
            await session.flush()
        elif not await sender_may_know(session, context, row):
            return await not_allowed(
                situation, "The client did not consent to the sender's learning of this."
            )
        await open_task(session, context, row, other, TaskKind.AGREE_REOPENING)
        about = {"referral": str(row.id)}
        tell(session, context.caller, "referral.reopening_proposed", row.id, [other], **about)
        claim.record({"id": str(row.id)})
        return row
