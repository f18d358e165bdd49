"""Slips on paper, and the wrong codes that an organisation tried."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.models.tables import Base
from vereda.models import Identified


class ReferralSlip(Identified, Base):
    """That a slip for a referral was printed. Its code is nowhere: `code_index` is a keyed digest by which the recipient,
    and nobody else, finds it (R21), and who holds the keyring can make the code anew."""

    __tablename__ = "referral_slips"
    __table_args__ = (
        UniqueConstraint("recipient_id", "code_index"),
        Index(None, "organization_id", "referral_id"),
        Index(None, "referral_id"),
        Index(None, "expires_at"),
    )

    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    code_index: Mapped[str] = mapped_column(String(32))
    #: Of the paper, ISO 639-3.
    language: Mapped[str] = mapped_column(String(3))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    #: When a newer one took its place.
    voided_at: Mapped[datetime | None]


class SlipTries(Base):
    """How many codes of an organisation were wrong, since when."""

    __tablename__ = "slip_tries"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    wrong: Mapped[int]
