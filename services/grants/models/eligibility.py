"""What applicants say they meet, by version."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.tables import Base


class EligibilityQuestionnaire(Base):
    """One version of a program's statements. Append-only: applications name the version that they were made by."""

    __tablename__ = "eligibility_questionnaires"

    program_id: Mapped[UUID] = mapped_column(ForeignKey("funding_programs.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_id: Mapped[UUID]
    statements: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    published_at: Mapped[datetime]
