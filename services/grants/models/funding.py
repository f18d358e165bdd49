"""Money for a purpose: programs with tiers, rounds, applications."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.applications import ApplicationMoveName, ApplicationState, Decision, Side
from services.grants.models.tables import Base
from vereda.models import (
    Identified,
    Timestamped,
    Versioned,
    code_column,
)


class FundingProgram(Identified, Timestamped, Versioned, Base):
    """Money for a purpose, in tiers. `attestation` is the rule that an applicant says they meet; answers aren't kept (R4)."""

    __tablename__ = "funding_programs"
    __table_args__ = (Index(None, "organization_id", "id"),)

    organization_id: Mapped[UUID]
    name: Mapped[str]
    name_es: Mapped[str | None]
    description: Mapped[str | None]
    attestation: Mapped[str]
    attestation_version: Mapped[int] = mapped_column(default=1)
    currency: Mapped[str] = mapped_column(String(3), default="USD")


class FundingTier(Identified, Base):
    """One amount that can be asked for, with its condition."""

    __tablename__ = "funding_tiers"
    __table_args__ = (
        UniqueConstraint("program_id", "amount_cents"),
        Index(None, "organization_id", "program_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    organization_id: Mapped[UUID]
    program_id: Mapped[UUID] = mapped_column(ForeignKey("funding_programs.id"))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    condition: Mapped[str | None]
    requires_training: Mapped[bool] = mapped_column(default=True)


class FundingRound(Identified, Timestamped, Versioned, Base):
    """A time in which applications are taken. What is awarded never exceeds `budget_cents`: the database keeps that."""

    __tablename__ = "funding_rounds"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "program_id", "opens_at"),
        CheckConstraint("awarded_cents >= 0 AND awarded_cents <= budget_cents", name="budget"),
        CheckConstraint("closes_at > opens_at", name="dates"),
    )

    organization_id: Mapped[UUID]
    program_id: Mapped[UUID] = mapped_column(ForeignKey("funding_programs.id"))
    name: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    budget_cents: Mapped[int] = mapped_column(BigInteger)
    awarded_cents: Mapped[int] = mapped_column(BigInteger, default=0)


class GrantApplication(Identified, Timestamped, Versioned, Base):
    """One person's application in one round. That the attestation was given is kept, by version; the answer is not (R4)."""

    __tablename__ = "grant_applications"
    __table_args__ = (
        UniqueConstraint("round_id", "applicant_handle"),
        Index(None, "organization_id", "id"),
        Index(None, "funder_id", "id"),
        Index(None, "applicant_handle"),
        Index(None, "funder_handle"),
        Index("ix_grant_applications_to_unlink", "round_id", postgresql_where=text("unlinked_at IS NULL")),
    )

    organization_id: Mapped[UUID]
    funder_id: Mapped[UUID]
    round_id: Mapped[UUID] = mapped_column(ForeignKey("funding_rounds.id"))
    tier_id: Mapped[UUID] = mapped_column(ForeignKey("funding_tiers.id"))
    applicant_handle: Mapped[UUID]
    funder_handle: Mapped[UUID]
    consent_id: Mapped[UUID]
    consent_expires_at: Mapped[datetime]
    attestation_version: Mapped[int]
    training_waived_by: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[ApplicationState] = code_column(ApplicationState, default=ApplicationState.DRAFT)
    decision: Mapped[Decision | None] = code_column(Decision)
    awarded_cents: Mapped[int | None] = mapped_column(BigInteger)
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    unlinked_at: Mapped[datetime | None]


class ApplicationEvent(Base):
    """Append-only: what happened to an application, by whom."""

    __tablename__ = "application_events"
    __table_args__ = (Index(None, "organization_id", "actor"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("grant_applications.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[ApplicationMoveName | None] = code_column(ApplicationMoveName)
    to_state: Mapped[ApplicationState] = code_column(ApplicationState)
    side: Mapped[Side] = code_column(Side)
    organization_id: Mapped[UUID]
    actor: Mapped[str] = mapped_column(String(120))
    occurred_at: Mapped[datetime]
