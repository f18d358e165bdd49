"""Numbers without people: what organisations count themselves, and the network's figures as they were published."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned


class TallyReport(Identified, Timestamped, Versioned, Base):
    """An organisation's own counts for one form and period, with no rows about anybody (R31)."""

    __tablename__ = "tally_reports"
    __table_args__ = (
        UniqueConstraint("organization_id", "form", "period"),
        Index(None, "form", "period"),
    )

    organization_id: Mapped[UUID]
    form: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(10))
    submitted_by: Mapped[str] = mapped_column(String(120))


class TallyLine(Base):
    """How many an organisation counted on a line of its form, in one county."""

    __tablename__ = "tally_lines"
    __table_args__ = (Index(None, "organization_id", "report_id"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("tally_reports.id"), primary_key=True)
    line: Mapped[str] = mapped_column(String(60), primary_key=True)
    county: Mapped[str] = mapped_column(String(10), primary_key=True)
    organization_id: Mapped[UUID]
    count: Mapped[int]


class PublishedReport(Identified, Base):
    """The network's figures of one measure and period, once and for all: a second, other version would give away by its
    difference what either hides (R31).

    `figures`: [[[[dimension, value], ...], count or mark], ...], the marks being "<11" and "withheld"; none where too
    little was counted to show any. `waits`: days to first contact, {county or "": {"p50": days, "p90": days}}, without
    what would be of few; None where the measure is of no waits.
    """

    __tablename__ = "published_reports"
    __table_args__ = (UniqueConstraint("measure", "period"),)

    measure: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(10))
    figures: Mapped[list[Any]] = mapped_column(JSONB)
    waits: Mapped[dict[str, dict[str, int]] | None] = mapped_column(JSONB)
    published_at: Mapped[datetime]
