"""Blind review: a program's rubric, and who scored what. No words are kept with scores: words tell who somebody is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.reviewing import ReviewState
from services.grants.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned, code_column


class RubricCriterion(Base):
    """What is scored in a program's applications. A rubric is made with its program, and stays."""

    __tablename__ = "rubric_criteria"
    __table_args__ = (CheckConstraint("maximum > 0 AND weight > 0", name="points"),)

    program_id: Mapped[UUID] = mapped_column(ForeignKey("funding_programs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    name_es: Mapped[str | None]
    maximum: Mapped[int]
    weight: Mapped[int]


class GrantReview(Identified, Timestamped, Versioned, Base):
    """One reviewer's part in one application. There are two seats; who recuses themselves gives theirs free."""

    __tablename__ = "grant_reviews"
    __table_args__ = (
        Index("uq_grant_reviews_application_id_reviewer", "application_id", "reviewer", unique=True),
        Index(
            "uq_grant_reviews_application_id_seat",
            "application_id",
            "seat",
            unique=True,
            postgresql_where=text("state <> 'RECUSED'"),
        ),
        Index(None, "organization_id", "reviewer", "id"),
        CheckConstraint("seat BETWEEN 1 AND 2", name="seat"),
        CheckConstraint("(state = 'SUBMITTED') = (scores IS NOT NULL)", name="scored"),
    )

    organization_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("grant_applications.id"))
    reviewer: Mapped[str] = mapped_column(String(120))
    seat: Mapped[int]
    state: Mapped[ReviewState] = code_column(ReviewState, default=ReviewState.ASSIGNED)
    scores: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    submitted_at: Mapped[datetime | None]
