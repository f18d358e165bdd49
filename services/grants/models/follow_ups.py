"""Whom a host is to ask again, and what they answered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.follow_ups import FollowUpOutcome
from services.grants.models.tables import Base
from vereda.models import Identified, code_column


class FollowUp(Identified, Base):
    """A task of the host: to ask one participant so many months after they completed. The answer is a code."""

    __tablename__ = "follow_ups"
    __table_args__ = (UniqueConstraint("participant_id", "months"), Index(None, "organization_id", "due_on"))

    organization_id: Mapped[UUID]
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participants.id"))
    months: Mapped[int]
    due_on: Mapped[date]
    outcome: Mapped[FollowUpOutcome | None] = code_column(FollowUpOutcome)
    jobs: Mapped[int | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(120))
