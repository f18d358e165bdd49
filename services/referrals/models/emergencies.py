"""Breaking the glass, and who looked at it afterwards (R29)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.emergencies import Danger
from services.referrals.models.tables import Base
from vereda.models import Identified, code_column


class EmergencyAccess(Identified, Base):
    """An hour in which one person sees who a client is and how to reach them. What they stated is sealed."""

    __tablename__ = "emergency_accesses"
    __table_args__ = (Index(None, "organization_id", "id"), Index(None, "client_id"))

    organization_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    opened_by: Mapped[str] = mapped_column(String(120))
    danger: Mapped[Danger] = code_column(Danger)
    statement_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    client_told_at: Mapped[datetime | None]
    overdue_told_at: Mapped[datetime | None]


class EmergencyReview(Base):
    """One organisation's word on an access, by one person of it."""

    __tablename__ = "emergency_reviews"

    access_id: Mapped[UUID] = mapped_column(ForeignKey("emergency_accesses.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    reviewer: Mapped[str] = mapped_column(String(120))
    justified: Mapped[bool]
    reviewed_at: Mapped[datetime]
