"""Applications to cohorts, the rubric that they are judged by, and what reviewers said."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.selection import SelectionState
from services.grants.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned, code_column


class SelectionRubric(Base):
    """What a cohort's applicants are judged by: a list of criteria. Fixed once one of them was."""

    __tablename__ = "selection_rubrics"

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id"), primary_key=True)
    organization_id: Mapped[UUID]
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    published_at: Mapped[datetime]


class CohortApplication(Identified, Timestamped, Versioned, Base):
    """A client's wish for a seat. Host and sponsor each know them by their own handle, as a participant."""

    __tablename__ = "cohort_applications"
    __table_args__ = (
        UniqueConstraint("cohort_id", "host_handle"),
        Index(None, "organization_id", "cohort_id"),
        Index(None, "sponsor_id", "id"),
        Index(None, "sponsor_handle"),
        Index(None, "participant_id"),
        Index("ix_cohort_applications_to_unlink", "cohort_id", postgresql_where=text("unlinked_at IS NULL")),
    )

    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id"))
    host_handle: Mapped[UUID]
    sponsor_id: Mapped[UUID]
    sponsor_handle: Mapped[UUID]
    consent_id: Mapped[UUID]
    consent_expires_at: Mapped[datetime]
    state: Mapped[SelectionState] = code_column(SelectionState, default=SelectionState.APPLIED)
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("participants.id"))
    unlinked_at: Mapped[datetime | None]


class SelectionReview(Base):
    """What one reviewer said of an application, by the rubric; or that they must not judge it (`scores` is None)."""

    __tablename__ = "selection_reviews"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("cohort_applications.id"), primary_key=True)
    reviewer: Mapped[str] = mapped_column(String(120), primary_key=True)
    organization_id: Mapped[UUID]
    scores: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reviewed_at: Mapped[datetime]
