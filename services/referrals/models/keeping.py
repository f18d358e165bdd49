"""What was erased, and what may not be: erasures, legal holds, demands, and what is held out of everybody's reach."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.erasing import Basis
from services.referrals.domain.holding import DemandKind, DemandState, HoldReason, Part
from services.referrals.models.tables import Base
from vereda.models import MASTER_VERSION, Identified, code_column


class Erasure(Identified, Base):
    """That a client was erased; writing it is what erases them (policies/holds.sql).

    `done_at` is None while a legal hold keeps their keys sealed instead.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        Index(None, "organization_id", "client_id"),
        Index(None, "client_id", unique=True),
        Index("ix_erasures_held", "asked_at", postgresql_where=text("done_at IS NULL")),
    )

    organization_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    basis: Mapped[Basis] = code_column(Basis)
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class LegalHold(Identified, Base):
    """That nothing of a client may be destroyed (R24): proposed by one, placed by another, and lifted so again."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "client_id"),
        CheckConstraint("placed_by <> proposed_by AND placed_part <> proposed_part", name="two_place"),
        CheckConstraint(
            "lifted_by <> lift_proposed_by AND lifted_part <> lift_proposed_part", name="two_lift"
        ),
        CheckConstraint("(placed_at IS NULL) = (placed_by IS NULL)", name="placed"),
        CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)"
            " AND (lifted_at IS NULL OR (placed_at IS NOT NULL AND lift_proposed_by IS NOT NULL))",
            name="lifted",
        ),
    )

    organization_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    reason: Mapped[HoldReason] = code_column(HoldReason)
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("legal_demands.id"))
    proposed_by: Mapped[str] = mapped_column(String(120))
    proposed_part: Mapped[Part] = code_column(Part)
    proposed_at: Mapped[datetime]
    placed_by: Mapped[str | None] = mapped_column(String(120))
    placed_part: Mapped[Part | None] = code_column(Part)
    placed_at: Mapped[datetime | None]
    lift_proposed_by: Mapped[str | None] = mapped_column(String(120))
    lift_proposed_part: Mapped[Part | None] = code_column(Part)
    lift_proposed_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(120))
    lifted_part: Mapped[Part | None] = code_column(Part)
    lifted_at: Mapped[datetime | None]


class HeldRow(Identified, Base):
    """A row as it was before it was emptied, of a client under a hold. Nobody reads it; it goes when the hold does."""

    __tablename__ = "held_rows"
    __table_args__ = (Index(None, "client_id"),)

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    table_name: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]]
    held_at: Mapped[datetime]


class LegalDemand(Identified, Base):
    """That somebody wants data of clients (R25). Who, and what exactly, is sealed under a key of the demand's own."""

    __tablename__ = "legal_demands"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "master_version"),
        CheckConstraint(
            "approved_by <> first_approved_by AND approved_part <> first_approved_part", name="two_approve"
        ),
        CheckConstraint(
            "kind NOT IN ('ADMINISTRATIVE_WARRANT', 'INFORMAL') OR first_approved_by IS NULL",
            name="approvable",
        ),
        CheckConstraint(
            "state <> 'APPROVED' OR (first_approved_by IS NOT NULL AND approved_by IS NOT NULL)",
            name="approved",
        ),
    )

    organization_id: Mapped[UUID]
    kind: Mapped[DemandKind] = code_column(DemandKind)
    served_on: Mapped[date]
    due_on: Mapped[date | None]
    clients: Mapped[list[UUID]]
    particulars_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    master_version: Mapped[int | None] = mapped_column(BigInteger, Computed(MASTER_VERSION, persisted=True))
    state: Mapped[DemandState] = code_column(DemandState, default=DemandState.RECEIVED)
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime]
    first_approved_by: Mapped[str | None] = mapped_column(String(120))
    first_approved_part: Mapped[Part | None] = code_column(Part)
    approved_by: Mapped[str | None] = mapped_column(String(120))
    approved_part: Mapped[Part | None] = code_column(Part)
    refused_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]
    exported_at: Mapped[datetime | None]
