"""What the workers on both sides of a referral write to each other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.models.tables import Base
from vereda.models import Identified


class Message(Identified, Base):
    """One message, of `organization_id`. A privileged one is that organisation's alone (R15)."""

    __tablename__ = "messages"
    __table_args__ = (
        Index(None, "referral_id", "id"),
        Index(None, "organization_id", "referral_id"),
        Index(None, "expires_at"),
    )

    organization_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    author: Mapped[str] = mapped_column(String(120))
    privileged: Mapped[bool]
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class MessageRead(Base):
    """That an organisation has read a message."""

    __tablename__ = "message_reads"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, index=True
    )
