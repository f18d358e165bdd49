"""The thread of a referral: writing, marking as read, and letting go."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.thread import COMPARTMENT, MOST_MARKED, expires_at, is_over, problems
from services.referrals.events import tell
from services.referrals.models import IdempotencyRecord, Message, MessageRead, Referral
from services.referrals.operations.opening import held_referral, shut
from services.referrals.operations.shared_keys import shared_key
from services.referrals.operations.vault import vault
from services.referrals.refusals import SensitiveText, sensitive_text
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found
from vereda.screening import screen
from vereda.sealing import SealBrokenError

_BATCH: Final = 500

MessageRefused = SensitiveText | InvalidInput | NotFound | NotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFields:
    referral: UUID
    text: str
    privileged: bool = False


async def post_message(
    context: RequestContext[Any], given: MessageFields, key: str
) -> Message | MessageRefused:
    """Write to the other side of a referral; a privileged message goes to one's own side alone (R15)."""
    context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    if wrong := problems(given.text):
        return invalid(**wrong)
    if finding := screen(given.text):
        return sensitive_text("text", finding)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "postMessage", key, asdict(given))
        held = await held_referral(context, session, given.referral)
        if isinstance(held, NotFound):
            return held
        referral, party = held
        if claim.earlier is not None:
            earlier = await session.get(Message, UUID(claim.earlier["id"]))
            return earlier or not_found("message any more")
        if given.privileged:
            if is_over(referral.state, referral.ended_at, context.now):
                return not_allowed("This referral is not open: nothing more is written about it.")
        elif refusal := await shut(context, session, referral, party):
            return refusal
        group = COMPARTMENT[party] if given.privileged else KeyGroup.THREAD
        key_row = await shared_key(context, session, referral, group)
        try:
            sealed = vault(context.settings).seal_under(key_row, given.text.strip())
        except SealBrokenError:
            return not_allowed("The keys of this referral are destroyed: nothing more is written about it.")
        row = Message(
            organization_id=context.caller.organization,
            referral_id=referral.id,
            author=context.caller.subject,
            privileged=given.privileged,
            text_sealed=sealed,
            written_at=context.now,
            expires_at=expires_at(context.now, context.settings.message_days),
        )
        session.add(row)
        await session.flush()
        both = [one for one in (referral.sender_id, referral.recipient_id) if one is not None]
        told = [] if given.privileged else both
        tell(session, context.caller, "message.posted", row.id, told, referral=str(referral.id))
        claim.record({"id": str(row.id)})
        return row


async def mark_read(
    context: RequestContext[Any], referral_id: UUID, messages: tuple[UUID, ...], key: str
) -> Referral | InvalidInput | NotFound:
    """Mark messages of the other side as read, for the whole organisation."""
    context.caller.require(Scope.CLIENT_READ)
    if not 1 <= len(messages) <= MOST_MARKED:
        return invalid(messages=f"must be 1 to {MOST_MARKED} ids")
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "markMessagesRead", key, [referral_id, messages]
        )
        referral = await session.get(Referral, referral_id)
        if referral is None:
            return not_found("referral")
        if claim.earlier is not None:
            return referral
        own = context.caller.organization
        there = await session.scalars(
            select(Message.id).where(
                Message.referral_id == referral.id,
                Message.id.in_(messages),
                Message.organization_id != own,
            )
        )
        marks = [{"organization_id": own, "message_id": id_} for id_ in there]
        if marks:
            await session.execute(insert(MessageRead).on_conflict_do_nothing(), marks)
        tell(session, context.caller, "messages.read", referral.id, referral=str(referral.id))
        claim.record({"id": str(referral.id)})
        return referral


async def let_messages_go(context: RequestContext[Any]) -> int:
    """A round: delete messages whose time is over, and who read them. Nobody could see them any more (policies/)."""
    async with context.write() as session:
        over = select(Message.id).where(Message.expires_at <= context.now).limit(_BATCH)
        gone = await session.execute(
            delete(Message).where(Message.id.in_(over.with_for_update(skip_locked=True).scalar_subquery()))
        )
        mark_recorded(session)
        return int(gone.rowcount)  # type: ignore[attr-defined]
