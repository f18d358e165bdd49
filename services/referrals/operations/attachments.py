"""Attaching a document: announced, received in parts, looked at when it is whole, scanned, then shown."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import DataClass
from services.referrals.domain.lifecycle import Party
from services.referrals.domain.thread import COMPARTMENT, is_over
from services.referrals.events import tell
from services.referrals.models import Attachment, AttachmentPart, DataKey, IdempotencyRecord, Referral
from services.referrals.operations.opening import held_referral, shut
from services.referrals.operations.shared_keys import found_key, shared_key
from services.referrals.operations.vault import vault
from services.referrals.refusals import (
    AttachmentRefused,
    SensitiveText,
    sensitive_text,
)
from vereda.attaching.kinds import MOST, AttachmentKind, AttachmentScan, AttachmentState, problems
from vereda.attaching.parts import (
    ARRIVES_WITHIN,
    Parts,
    decoded,
    place,
    size_problem,
)
from vereda.attaching.scanning import scanner_of
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found
from vereda.screening import screen
from vereda.sealing import SealBrokenError

_BATCH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFields:
    referral: UUID
    name: str
    kind: AttachmentKind
    size: int
    data_class: DataClass = DataClass.NEED


AttachmentNotStarted = SensitiveText | InvalidInput | NotFound | NotAllowed
PartNotTaken = AttachmentRefused | InvalidInput | NotFound | NotAllowed


def group_of(data_class: DataClass, party: Party) -> KeyGroup:
    """Under which of the referral's keys an attachment of `party` is sealed."""
    return COMPARTMENT[party] if data_class is DataClass.LEGAL_PRIVILEGED else KeyGroup.ATTACHMENT


async def start_attachment(
    context: RequestContext[Any], given: AttachmentFields, key: str
) -> Attachment | AttachmentNotStarted:
    """Announce a document of a class of data; its parts follow. A privileged one is one's own side's alone (R15)."""
    context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    if wrong := problems(given.name, given.size, context.settings.attachment_bytes):
        return invalid(**wrong)
    if finding := screen(given.name):
        return sensitive_text("name", finding)
    async with context.write() as session:
        request = asdict(given)
        claim = await claim_key(session, IdempotencyRecord, context.caller, "startAttachment", key, request)
        held = await held_referral(context, session, given.referral)
        if isinstance(held, NotFound):
            return held
        referral, party = held
        if claim.earlier is not None:
            earlier = await session.get(Attachment, UUID(claim.earlier["id"]))
            return earlier or not_found("attachment any more")
        if given.data_class is DataClass.LEGAL_PRIVILEGED:
            if is_over(referral.state, referral.ended_at, context.now):
                return not_allowed("This referral is not open: nothing more is attached to it.")
        elif refusal := await shut(context, session, referral, party, (DataClass.NEED, given.data_class)):
            return refusal
        key_row = await shared_key(context, session, referral, group_of(given.data_class, party))
        there = select(func.count()).select_from(Attachment).where(Attachment.referral_id == referral.id)
        if (await session.scalar(there) or 0) >= MOST:
            return not_allowed(f"A referral has at most {MOST} attachments.")
        try:
            name = vault(context.settings).seal_under(key_row, given.name.strip())
        except SealBrokenError:
            return not_allowed("The keys of this referral are destroyed: nothing more is attached to it.")
        row = Attachment(
            organization_id=context.caller.organization,
            referral_id=referral.id,
            author=context.caller.subject,
            data_class=given.data_class,
            kind=given.kind,
            name_sealed=name,
            size=given.size,
            state=AttachmentState.RECEIVING,
            scan=AttachmentScan.PENDING,
            started_at=context.now,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "attachment.started", row.id, referral=str(referral.id))
        claim.record({"id": str(row.id)})
        return row


async def take_part(
    context: RequestContext[Any], id_: UUID, number: int, content: str, key: str
) -> Attachment | PartNotTaken:
    """Store one part, in base64. With the last one that was missing, the document is looked at and put in quarantine."""
    context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    if (piece := decoded(content)) is None:
        return invalid(content="must be base64 (RFC 4648 §4)")
    async with context.write() as session:
        request = [id_, number, hashlib.sha256(piece).hexdigest()]
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "sendAttachmentPart", key, request
        )
        row = await session.get(Attachment, id_, with_for_update=True)
        if row is None or row.organization_id != context.caller.organization:
            return not_found("attachment of yours")
        held = await held_referral(context, session, row.referral_id)
        if isinstance(held, NotFound):
            return held
        if claim.earlier is not None:
            return row
        referral, party = held
        if row.state is not AttachmentState.RECEIVING:
            return not_allowed("This attachment is whole: it takes no more parts.")
        if problem := size_problem(row.size, number, piece):
            return invalid(content=problem)
        key_row = await found_key(session, referral, group_of(row.data_class, party))
        if key_row is None or key_row.wrapped is None:
            return not_allowed("The consent that this was under has ended.")
        if refusal := await _parts(context, session, key_row, row).take(row, number, piece):
            return refusal
        tell(session, context.caller, "attachment.part", row.id, referral=str(referral.id))
        claim.record({"id": str(row.id)})
        return row


def _parts(
    context: RequestContext[Any], session: AsyncSession, key: DataKey | None, row: Attachment
) -> Parts:
    """The parts of an attachment, under its referral's key."""

    def seal(piece: bytes, place_: bytes) -> bytes:
        if key is None:
            raise SealBrokenError
        return vault(context.settings).seal_bytes_under(key, piece, place_)

    def opened(sealed: bytes, place_: bytes) -> bytes | None:
        return vault(context.settings).open_bytes(key, sealed, place_)

    return Parts(session, AttachmentPart, row.id, seal, opened)


def open_part(
    context: RequestContext[Any], key: DataKey | None, attachment: UUID, number: int, sealed: bytes
) -> bytes | None:
    """One part; None where its key is destroyed, or it was sealed for another place."""
    return vault(context.settings).open_bytes(key, sealed, place(attachment, number))


async def scan_attachments(context: RequestContext[Any]) -> int:
    """A round: show one quarantined attachment to the scanner. One that it finds something in loses its bytes at once.

    Raises: ScannerAwayError, and all of them wait.
    """
    scanner = scanner_of(context.settings)
    async with context.write() as session:
        row = await session.scalar(
            select(Attachment)
            .where(Attachment.state == AttachmentState.QUARANTINED)
            .order_by(Attachment.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return 0
        referral = await session.get_one(Referral, row.referral_id)
        party = Party.SENDER if row.organization_id == referral.sender_id else Party.RECIPIENT
        key = await found_key(session, referral, group_of(row.data_class, party))
        await _parts(context, session, key, row).judge(row, scanner)
        shown = row.state is AttachmentState.READY and row.data_class is not DataClass.LEGAL_PRIVILEGED
        told = (referral.sender_id, referral.recipient_id) if shown else (row.organization_id,)
        what = "ready" if row.state is AttachmentState.READY else "refused"
        tell(session, context.caller, f"attachment.{what}", row.id, told, referral=str(referral.id))
        mark_recorded(session)
        return 1


async def let_attachments_go(context: RequestContext[Any]) -> int:
    """A round: delete what did not arrive in time, and what no key opens any more (a consent revoked, a retention over)."""
    async with context.write() as session:
        over = select(Attachment.id).where(_over(context)).limit(_BATCH).with_for_update(skip_locked=True)
        gone = await session.execute(delete(Attachment).where(Attachment.id.in_(over.scalar_subquery())))
        mark_recorded(session)
        return int(gone.rowcount)  # type: ignore[attr-defined]


def _over(context: RequestContext[Any]) -> ColumnElement[bool]:
    groups = [KeyGroup.ATTACHMENT, *COMPARTMENT.values()]
    late = and_(
        Attachment.state == AttachmentState.RECEIVING,
        Attachment.started_at < context.now - ARRIVES_WITHIN,
    )
    destroyed = exists().where(
        DataKey.referral_id == Attachment.referral_id,
        DataKey.key_group.in_(groups),
        DataKey.wrapped.is_(None),
    )
    return or_(late, destroyed)
