"""Courses, their cohorts, and who sits in them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.cohorts import CohortStatus, ParticipantStatus, Season
from services.grants.models.tables import Base
from vereda.models import (
    Identified,
    Timestamped,
    Versioned,
    code_column,
)


class TrainingProgram(Identified, Timestamped, Versioned, Base):
    """A course that is held again and again, each time for a cohort."""

    __tablename__ = "training_programs"
    __table_args__ = (Index(None, "organization_id", "id"),)

    organization_id: Mapped[UUID]
    name: Mapped[str]
    name_es: Mapped[str | None]
    description: Mapped[str | None]


class Cohort(Identified, Timestamped, Versioned, Base):
    """One run of a training program. `admitted` seats are counted here, where the database itself keeps the limit."""

    __tablename__ = "cohorts"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "program_id", "starts_on"),
        CheckConstraint("admitted >= 0 AND admitted <= capacity", name="seats"),
        CheckConstraint("ends_on > starts_on", name="dates"),
    )

    organization_id: Mapped[UUID]
    program_id: Mapped[UUID] = mapped_column(ForeignKey("training_programs.id"))
    season: Mapped[Season] = code_column(Season)
    year: Mapped[int]
    capacity: Mapped[int]
    admitted: Mapped[int] = mapped_column(default=0)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    languages: Mapped[list[str]] = mapped_column(default=list)
    minimum_attendance_percent: Mapped[int] = mapped_column(default=75)
    plan_required: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    status: Mapped[CohortStatus] = code_column(CohortStatus, default=CohortStatus.OPEN)


class Participant(Identified, Timestamped, Versioned, Base):
    """A client in a cohort. Host and sponsor each know them by their own handle; neither sees the other's."""

    __tablename__ = "participants"
    __table_args__ = (
        UniqueConstraint("cohort_id", "host_handle"),
        Index(None, "organization_id", "cohort_id"),
        Index(None, "sponsor_id", "id"),
        Index(None, "host_handle"),
        Index(None, "sponsor_handle"),
        Index("ix_participants_to_unlink", "cohort_id", postgresql_where=text("unlinked_at IS NULL")),
    )

    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id"))
    host_handle: Mapped[UUID]
    sponsor_id: Mapped[UUID]
    sponsor_handle: Mapped[UUID]
    consent_id: Mapped[UUID]
    consent_expires_at: Mapped[datetime]
    status: Mapped[ParticipantStatus] = code_column(ParticipantStatus)
    enrolled_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    unlinked_at: Mapped[datetime | None]
