"""Documents that go with a referral, in sealed parts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.consent import DataClass
from services.referrals.models.tables import Base
from vereda.attaching.kinds import AttachmentKind, AttachmentScan, AttachmentState
from vereda.models import Identified, code_column


class Attachment(Identified, Base):
    """One document, of `organization_id`. `size`: bytes, as announced, then as kept."""

    __tablename__ = "attachments"
    __table_args__ = (
        Index(None, "referral_id", "id"),
        Index(None, "organization_id", "referral_id"),
        Index(None, "state", "id"),
    )

    organization_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    author: Mapped[str] = mapped_column(String(120))
    data_class: Mapped[DataClass] = code_column(DataClass)
    kind: Mapped[AttachmentKind] = code_column(AttachmentKind)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    state: Mapped[AttachmentState] = code_column(AttachmentState)
    scan: Mapped[AttachmentScan] = code_column(AttachmentScan)
    started_at: Mapped[datetime]


class AttachmentPart(Base):
    """Bytes of an attachment, sealed for their place in it."""

    __tablename__ = "attachment_parts"

    attachment_id: Mapped[UUID] = mapped_column(
        ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
