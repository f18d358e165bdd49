"""Who works on a referral: on one's own side, and both when they hand a client over in person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.hand_off import HandOffChannel
from services.referrals.models.tables import Base
from vereda.models import Identified, Versioned, code_column


class Assignment(Base):
    """Whose work a referral is inside of one organisation. The other side does not learn of it."""

    __tablename__ = "assignments"
    __table_args__ = (Index(None, "organization_id", "assignee", "referral_id"),)

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), primary_key=True, index=True)
    assignee: Mapped[UUID]
    assigned_by: Mapped[str] = mapped_column(String(120))
    assigned_at: Mapped[datetime]


class HandOff(Identified, Versioned, Base):
    """A meeting of both workers with the client, arranged by `organization_id`. Names are sealed under the thread's key."""

    __tablename__ = "hand_offs"
    __table_args__ = (Index(None, "referral_id", "id"), Index(None, "organization_id", "referral_id"))

    organization_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    channel: Mapped[HandOffChannel] = code_column(HandOffChannel)
    arranged_for: Mapped[datetime]
    sender_worker: Mapped[UUID | None]
    sender_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    recipient_worker: Mapped[UUID | None]
    recipient_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    arranged_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    done: Mapped[bool | None]
    reported_by: Mapped[UUID | None]
    reported_at: Mapped[datetime | None]
