"""Money that was promised, paid, receipted and returned. All of it is counted by Postgres (`policies/awards.sql`)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.domain.money import Account, EntryKind, ReceiptStatus, Spending
from services.grants.models.tables import Base
from vereda.models import Identified, Timestamped, Versioned, code_column


class FundingTranche(Base):
    """A part of each award of a program: `percent` of it, due once receipts cover `receipts_percent` of what was paid."""

    __tablename__ = "funding_tranches"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 1 AND 100 AND receipts_percent BETWEEN 0 AND 100", name="percent"),
    )

    program_id: Mapped[UUID] = mapped_column(ForeignKey("funding_programs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_id: Mapped[UUID]
    percent: Mapped[int]
    receipts_percent: Mapped[int] = mapped_column(default=0)


class Award(Identified, Base):
    """What one person was granted in a round. Its sums are changed by what is recorded under it, and by nobody."""

    __tablename__ = "awards"
    __table_args__ = (
        UniqueConstraint("application_id"),
        # One award a person and round, by whatever organisation they applied; one that was rescinded whole is none.
        Index(
            "uq_awards_round_id_participant_handle",
            "round_id",
            "participant_handle",
            unique=True,
            postgresql_where=text("released_cents < amount_cents"),
        ),
        Index(None, "organization_id", "id"),
        Index(None, "recipient_id", "id"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint(
            "released_cents >= 0 AND disbursed_cents + released_cents <= amount_cents", name="disbursed"
        ),
        CheckConstraint(
            "receipted_cents >= 0 AND returned_cents >= 0 AND receipted_cents + returned_cents <= disbursed_cents",
            name="accounted",
        ),
    )

    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("grant_applications.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("funding_rounds.id"))
    participant_handle: Mapped[UUID]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    disbursed_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    receipted_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    returned_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    released_cents: Mapped[int] = mapped_column(BigInteger, default=0)
    awarded_at: Mapped[datetime]


class Disbursement(Identified, Base):
    """A tranche that was paid. Of how it was paid nothing is kept but the payer's own reference."""

    __tablename__ = "disbursements"
    __table_args__ = (
        UniqueConstraint("award_id", "number"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))
    number: Mapped[int]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    payer_reference: Mapped[str] = mapped_column(String(40))
    paid_at: Mapped[datetime]


class Receipt(Identified, Timestamped, Versioned, Base):
    """What the applicant's organisation says was bought. It counts once the funder has accepted it."""

    __tablename__ = "receipts"
    __table_args__ = (Index(None, "award_id"), CheckConstraint("amount_cents > 0", name="amount"))

    organization_id: Mapped[UUID]
    funder_id: Mapped[UUID]
    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    spent_for: Mapped[Spending] = code_column(Spending)
    spent_on: Mapped[date]
    status: Mapped[ReceiptStatus] = code_column(ReceiptStatus, default=ReceiptStatus.RECORDED)
    decided_at: Mapped[datetime | None]


class AwardReturn(Identified, Base):
    """Money that came back to the funder."""

    __tablename__ = "award_returns"
    __table_args__ = (Index(None, "award_id"), CheckConstraint("amount_cents > 0", name="amount"))

    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    payer_reference: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime]


class LedgerEntry(Identified, Base):
    """One amount out of the account `credit` into the account `debit`. Append-only; written by Postgres alone.

    An entry holds both sides in one row, so that one that is not balanced cannot be written.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index(None, "organization_id", "round_id"),
        Index(None, "award_id"),
        CheckConstraint("debit <> credit AND amount_cents > 0", name="balanced"),
    )

    organization_id: Mapped[UUID]
    recipient_id: Mapped[UUID | None]
    round_id: Mapped[UUID] = mapped_column(ForeignKey("funding_rounds.id"))
    award_id: Mapped[UUID | None] = mapped_column(ForeignKey("awards.id"))
    kind: Mapped[EntryKind] = code_column(EntryKind)
    debit: Mapped[Account] = code_column(Account)
    credit: Mapped[Account] = code_column(Account)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
