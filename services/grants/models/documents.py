"""Documents of applications and receipts, in sealed parts, each under a key of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.tables import Base
from vereda.attaching.kinds import AttachmentKind, AttachmentScan, AttachmentState
from vereda.models import MASTER_VERSION, code_column


class GrantDocument(Base):
    """One document, of who helps to apply. `wrapped` is its key; None once that is destroyed (R22).

    `id` is also the key's place in the keyring's tree, and made with it. `receipt_id`: what it is the receipt of; without,
    it belongs to the application itself, for those who review it. `size`: bytes, as announced, then as kept.
    """

    __tablename__ = "grant_documents"
    __table_args__ = (
        Index(None, "application_id", "id"),
        Index(None, "receipt_id", postgresql_where=text("receipt_id IS NOT NULL")),
        Index(None, "organization_id", "id"),
        Index(None, "state", "id"),
        Index(None, "master_version"),
        Index(
            "ix_grant_documents_to_shred",
            "destroyed_at",
            postgresql_where=text("wrapped IS NULL AND shredded_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    funder_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("grant_applications.id"))
    receipt_id: Mapped[UUID | None] = mapped_column(ForeignKey("receipts.id"))
    author: Mapped[str] = mapped_column(String(120))
    kind: Mapped[AttachmentKind] = code_column(AttachmentKind)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    state: Mapped[AttachmentState] = code_column(AttachmentState)
    scan: Mapped[AttachmentScan] = code_column(AttachmentScan)
    started_at: Mapped[datetime]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    master_version: Mapped[int | None] = mapped_column(BigInteger, Computed(MASTER_VERSION, persisted=True))
    destroyed_at: Mapped[datetime | None]
    shredded_at: Mapped[datetime | None]


class GrantDocumentPart(Base):
    """Bytes of a document, sealed for their place in it."""

    __tablename__ = "grant_document_parts"

    attachment_id: Mapped[UUID] = mapped_column(
        ForeignKey("grant_documents.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
