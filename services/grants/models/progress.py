"""What comes of a training: help at one's side, milestones, a venture."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.progress import (
    AssistanceMode,
    AssistanceTopic,
    MilestoneKind,
    MilestoneStage,
    VentureSector,
    VentureStage,
)
from services.grants.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned, code_column


class AssistanceContact(Identified, Base):
    """Time that an advisor gave one participant: what about, in codes, and nothing of what was said."""

    __tablename__ = "assistance_contacts"
    __table_args__ = (
        Index(None, "participant_id"),
        Index(None, "organization_id", "advisor"),
        CheckConstraint("minutes > 0", name="length"),
    )

    organization_id: Mapped[UUID]
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participants.id"))
    advisor: Mapped[str] = mapped_column(String(120))
    topic: Mapped[AssistanceTopic] = code_column(AssistanceTopic)
    mode: Mapped[AssistanceMode] = code_column(AssistanceMode)
    language: Mapped[str] = mapped_column(String(3))
    minutes: Mapped[int]
    occurred_on: Mapped[date]


class Milestone(Identified, Base):
    """Something that a participant applied for, obtained or lost. `evidence`: a number in somebody's records."""

    __tablename__ = "milestones"
    __table_args__ = (
        UniqueConstraint("participant_id", "kind", "stage", "occurred_on"),
        Index(None, "organization_id", "id"),
    )

    organization_id: Mapped[UUID]
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participants.id"))
    kind: Mapped[MilestoneKind] = code_column(MilestoneKind)
    stage: Mapped[MilestoneStage] = code_column(MilestoneStage)
    occurred_on: Mapped[date]
    evidence: Mapped[str | None] = mapped_column(String(40))
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime]


class Venture(Timestamped, Versioned, Base):
    """What a participant is building, by codes: no name, no address."""

    __tablename__ = "ventures"
    __table_args__ = (CheckConstraint("jobs >= 0", name="jobs"),)

    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participants.id"), primary_key=True)
    organization_id: Mapped[UUID]
    sector: Mapped[VentureSector] = code_column(VentureSector)
    stage: Mapped[VentureStage] = code_column(VentureStage)
    jobs: Mapped[int]
    county_fips: Mapped[str] = mapped_column(String(5))
