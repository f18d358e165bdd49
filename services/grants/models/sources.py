"""Where money comes from, what draws on it, and what is passed on to organisations (`policies/sources.sql` keeps the sums)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.sources import DeliverableState
from services.grants.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned, code_column


class FundingSource(Identified, Timestamped, Base):
    """Money that an organisation was given. `pass_through_percent` of it, at least, is for grants to people."""

    __tablename__ = "funding_sources"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        CheckConstraint("total_cents > 0 AND pass_through_percent BETWEEN 0 AND 100", name="amount"),
        CheckConstraint(
            "granted_cents >= 0 AND other_cents >= 0 AND granted_cents + other_cents <= total_cents",
            name="total",
        ),
        CheckConstraint(
            "other_cents * 100 <= total_cents * (100 - pass_through_percent)", name="pass_through"
        ),
        CheckConstraint("ends_on > starts_on", name="dates"),
    )

    organization_id: Mapped[UUID]
    name: Mapped[str]
    given_by: Mapped[str]
    currency: Mapped[str] = mapped_column(String(3))
    total_cents: Mapped[int] = mapped_column(BigInteger)
    pass_through_percent: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    granted_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    other_cents: Mapped[int] = mapped_column(BigInteger, default=0)


class SourceDraw(Identified, Base):
    """What a round's budget takes from a source."""

    __tablename__ = "source_draws"
    __table_args__ = (
        Index(None, "source_id"),
        Index(None, "round_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    organization_id: Mapped[UUID]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("funding_sources.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("funding_rounds.id"))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    drawn_at: Mapped[datetime]


class SubAward(Identified, Timestamped, Base):
    """Money of a source for another organisation. Its amount and end are those of its last amendment."""

    __tablename__ = "sub_awards"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "recipient_id", "id"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("ends_on > starts_on", name="dates"),
    )

    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("funding_sources.id"))
    purpose: Mapped[str]
    currency: Mapped[str] = mapped_column(String(3))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    amendments: Mapped[int] = mapped_column(default=0)


class SubAwardAmendment(Base):
    """A change of a sub-award's amount and end. Append-only."""

    __tablename__ = "sub_award_amendments"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    sub_award_id: Mapped[UUID] = mapped_column(ForeignKey("sub_awards.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    ends_on: Mapped[date]
    made_at: Mapped[datetime]


class Deliverable(Identified, Timestamped, Versioned, Base):
    """What a sub-award's recipient owes, and by when."""

    __tablename__ = "deliverables"
    __table_args__ = (
        Index(None, "sub_award_id"),
        Index(None, "organization_id", "due_on"),
        Index(None, "recipient_id", "due_on"),
    )

    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    sub_award_id: Mapped[UUID] = mapped_column(ForeignKey("sub_awards.id"))
    name: Mapped[str]
    due_on: Mapped[date]
    state: Mapped[DeliverableState] = code_column(DeliverableState, default=DeliverableState.DUE)
    submitted_at: Mapped[datetime | None]
