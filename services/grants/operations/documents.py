"""Sending the documents of an application or a receipt: announced, received in parts, looked at, scanned, then shown."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import TAKES_DOCUMENTS
from services.grants.domain.money import ReceiptStatus
from services.grants.events import tell
from services.grants.models import (
    Award,
    GrantApplication,
    GrantDocument,
    GrantDocumentPart,
    IdempotencyRecord,
    Receipt,
)
from services.grants.operations.vault import vault
from vereda.attaching.kinds import MOST, AttachmentKind, AttachmentScan, AttachmentState, problems
from vereda.attaching.parts import ARRIVES_WITHIN, Parts, decoded, size_problem
from vereda.attaching.scanning import scanner_of
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.keyring import upkeep
from vereda.refusals import (
    AttachmentRefused,
    InvalidInput,
    NotAllowed,
    NotFound,
    SensitiveText,
    invalid,
    not_allowed,
    not_found,
    sensitive_text,
)
from vereda.screening import screen

_BATCH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFields:
    application: UUID
    receipt: UUID | None
    name: str
    kind: AttachmentKind
    size: int


async def start_document(
    context: RequestContext[Any], given: DocumentFields, key: str
) -> GrantDocument | SensitiveText | InvalidInput | NotFound | NotAllowed:
    """Announce a document of an application of the caller's, or of one of its receipts; its parts follow."""
    context.caller.require(Scope.GRANT_APPLY)
    if wrong := problems(given.name, given.size, context.settings.attachment_bytes):
        return invalid(**wrong)
    if finding := screen(given.name):
        return sensitive_text("name", finding)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "startGrantDocument", key, asdict(given)
        )
        if claim.earlier is not None:
            earlier = await session.get(GrantDocument, UUID(claim.earlier["id"]))
            return earlier or not_found("document any more")
        row = await session.get(GrantApplication, given.application, with_for_update=True)
        if row is None or row.organization_id != context.caller.organization:
            return not_found("application of yours")
        if refusal := await _not_now(session, row, given.receipt):
            return refusal
        there = select(func.count()).where(GrantDocument.application_id == row.id)
        if (await session.scalar(there) or 0) >= MOST:
            return not_allowed(
                f"An application has at most {MOST} documents, those of its receipts included."
            )
        id_, wrapped, name = vault(context.settings).make(row.id, given.name.strip())
        document = GrantDocument(
            id=id_,
            organization_id=row.organization_id,
            funder_id=row.funder_id,
            application_id=row.id,
            receipt_id=given.receipt,
            author=context.caller.subject,
            kind=given.kind,
            name_sealed=name,
            size=given.size,
            state=AttachmentState.RECEIVING,
            scan=AttachmentScan.PENDING,
            started_at=context.now,
            wrapped=wrapped,
        )
        session.add(document)
        await session.flush()
        tell(session, context.caller, "grant_document.started", id_, id=str(id_))
        claim.record({"id": str(id_)})
        return document


async def _not_now(
    session: AsyncSession, row: GrantApplication, receipt_id: UUID | None
) -> NotFound | NotAllowed | None:
    if receipt_id is None:
        if row.state not in TAKES_DOCUMENTS:
            return not_allowed("An application takes documents until it is reviewed.")
        return None
    receipt = await session.get(Receipt, receipt_id)
    award = await session.get(Award, receipt.award_id) if receipt else None
    if receipt is None or award is None or award.application_id != row.id:
        return not_found("receipt of this application")
    if receipt.status is not ReceiptStatus.RECORDED:
        return not_allowed("This receipt is decided on.")
    return None


async def take_part(
    context: RequestContext[Any], id_: UUID, number: int, content: str, key: str
) -> GrantDocument | AttachmentRefused | InvalidInput | NotFound | NotAllowed:
    """Store one part, in base64. With the last one that was missing, the document is looked at and put in quarantine."""
    context.caller.require(Scope.GRANT_APPLY)
    if (piece := decoded(content)) is None:
        return invalid(content="must be base64 (RFC 4648 §4)")
    async with context.write() as session:
        request = [id_, number, hashlib.sha256(piece).hexdigest()]
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "sendGrantDocumentPart", key, request
        )
        row = await session.get(GrantDocument, id_)
        if row is None or row.organization_id != context.caller.organization:
            return not_found("document of yours")
        if claim.earlier is not None:
            return row
        # Its application's lock: a withdrawal, which takes the documents with it, waits or is waited for.
        application = await session.get(GrantApplication, row.application_id, with_for_update=True)
        await session.refresh(row)
        if row.state is not AttachmentState.RECEIVING or application is None:
            return not_allowed("This document is whole, or gone: it takes no more parts.")
        if problem := size_problem(row.size, number, piece):
            return invalid(content=problem)
        if refusal := await parts_under(context, session, row).take(row, number, piece):
            return refusal
        tell(session, context.caller, "grant_document.part", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


def parts_under(context: RequestContext[Any], session: AsyncSession, row: GrantDocument) -> Parts:
    """A document's parts, under its own key."""
    keys = vault(context.settings)
    return Parts(session, GrantDocumentPart, row.id, partial(keys.seal, row), partial(keys.open, row))


async def scan_documents(context: RequestContext[Any]) -> int:
    """A round: show one quarantined document to the scanner. One that it finds something in loses its bytes at once.

    Raises: ScannerAwayError, and all of them wait.
    """
    scanner = scanner_of(context.settings)
    async with context.write() as session:
        row = await session.scalar(
            select(GrantDocument)
            .where(GrantDocument.state == AttachmentState.QUARANTINED)
            .order_by(GrantDocument.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return 0
        await parts_under(context, session, row).judge(row, scanner)
        what = f"grant_document.{row.state.lower()}"
        tell(session, context.caller, what, row.id, [row.organization_id], id=str(row.id))
        mark_recorded(session)
        return 1


async def let_documents_go(context: RequestContext[Any]) -> int:
    """A round: delete what did not arrive in time, and what is left of documents whose keys are shredded."""
    late = and_(
        GrantDocument.state == AttachmentState.RECEIVING,
        GrantDocument.started_at < context.now - ARRIVES_WITHIN,
    )
    async with context.write() as session:
        over = (
            select(GrantDocument.id)
            .where(or_(late, GrantDocument.shredded_at.is_not(None)))
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        gone = await session.execute(
            delete(GrantDocument).where(GrantDocument.id.in_(over.scalar_subquery()))
        )
        mark_recorded(session)
        return int(gone.rowcount)  # type: ignore[attr-defined]


async def rewrap(context: RequestContext[Any]) -> int:
    """A round: wrap a batch of documents' keys by the newest master; when none is left, retire the masters before it."""
    keys = vault(context.settings)
    return await upkeep.rewrap(context, keys.keys, (GrantDocument,), keys.rewrap)


async def shred(context: RequestContext[Any]) -> int:
    """A round: cut a batch of destroyed documents' keys out of the keyring."""
    return await upkeep.shred(context, vault(context.settings).keys, GrantDocument)
