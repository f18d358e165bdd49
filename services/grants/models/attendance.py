"""When a cohort meets, and who was there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.attendance import Mark
from services.grants.domain.scheduling import SessionMode, SessionStatus
from services.grants.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned, code_column


class TrainingSession(Identified, Timestamped, Versioned, Base):
    """One meeting of a cohort. Its version is that of its attendance sheet as well: who corrects it has read it."""

    __tablename__ = "training_sessions"
    __table_args__ = (
        UniqueConstraint("cohort_id", "starts_at"),
        Index(None, "organization_id", "id"),
        CheckConstraint("minutes > 0", name="length"),
    )

    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id"))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    mode: Mapped[SessionMode] = code_column(SessionMode)
    status: Mapped[SessionStatus] = code_column(SessionStatus, default=SessionStatus.SCHEDULED)
    attendance_at: Mapped[datetime | None]


class AttendanceMark(Base):
    """How one participant attended one session, as it was said last."""

    __tablename__ = "attendance_marks"
    __table_args__ = (Index(None, "participant_id"), Index(None, "organization_id", "cohort_id"))

    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_sessions.id"), primary_key=True)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participants.id"), primary_key=True)
    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id"))
    mark: Mapped[Mark] = code_column(Mark)
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime]
