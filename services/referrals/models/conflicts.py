"""Conflict checks of legal providers: what they are made with, what came of them, and how each provider has the names."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.conflicts import ConflictNames, ConflictResult
from services.referrals.models.tables import Base
from vereda.models import Identified, code_column


class ConflictSet(Base):
    """The names that go with one referral, sealed; and, once it is sent to a legal service, their tokens.

    `tokens`: HMACs of the forms of every name, the client's own with them, under a key of this referral alone: they
    compare with nothing else, and with nothing at all once the key is destroyed.
    """

    __tablename__ = "conflict_sets"
    __table_args__ = (Index(None, "client_id"),)

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    names_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    tokens: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"), default=list)


class ConflictCheck(Identified, Base):
    """One check of `organization_id`. Postgres writes it as the referral moves (policies/conflicts.sql)."""

    __tablename__ = "conflict_checks"
    __table_args__ = (Index(None, "organization_id", "referral_id"), Index(None, "referral_id"))

    organization_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    requested_by: Mapped[str] = mapped_column(String(120))
    requested_at: Mapped[datetime]
    result: Mapped[ConflictResult | None] = code_column(ConflictResult)
    #: None where it was ended by others: the sender who cancelled, or the clock.
    concluded_by: Mapped[str | None] = mapped_column(String(120))
    concluded_at: Mapped[datetime | None]
    #: How many names were compared blindly.
    names_asked: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class ConflictSetting(Base):
    """How an organisation has the names that it checks; without a row, as clear names."""

    __tablename__ = "conflict_settings"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    names: Mapped[ConflictNames] = code_column(ConflictNames)
