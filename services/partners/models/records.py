"""Who says what of a record, what is proposed, and who was reminded to look a record over."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.domain.records import ProposalState, RecordKind
from services.partners.models.tables import Base, Owned
from vereda.models import Identified, Timestamped, Versioned, code_column


class RecordSource(Base):
    """What one source says of the fields of a record, and when it last did: the owner, or an import. Written by a trigger
    with each change of the record (migration 0014), and by the owner who looks it over."""

    __tablename__ = "record_sources"
    __table_args__ = (Index(None, "organization_id"),)

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    #: The record's owner. No reference: an organisation's own sources are noted before it is there.
    organization_id: Mapped[UUID]
    kind: Mapped[RecordKind] = code_column(RecordKind)
    says: Mapped[dict[str, Any]]
    #: By field; RFC 3339.
    said_at: Mapped[dict[str, Any]]


class ChangeProposal(Identified, Timestamped, Versioned, Owned, Base):
    """A change of a record of `owner_id`, proposed by `organization_id`. Both see it, and nobody else."""

    __tablename__ = "change_proposals"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "owner_id", "id"),
        Index(None, "subject_id"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[RecordKind] = code_column(RecordKind)
    subject_id: Mapped[UUID]
    #: By field: what the record said when this was proposed, and what it ought to say.
    was: Mapped[dict[str, Any]]
    proposed: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    state: Mapped[ProposalState] = code_column(ProposalState, default=ProposalState.OPEN)
    #: By field, once it is decided.
    verdicts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class RecordReminder(Owned, Base):
    """That an owner was told of a record that nobody has looked over since `since` for so many days: each once."""

    __tablename__ = "record_reminders"
    __table_args__ = (Index(None, "organization_id"),)

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    given_at: Mapped[datetime]
