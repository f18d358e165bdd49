"""Hand-offs, their events, and the tries to reach the client."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.clients import (
    ContactResult,
    ContactSystem,
)
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.lifecycle import Loop, MoveName, Outcome, Party, Reason, State
from services.referrals.models.tables import Base
from vereda.models import (
    Identified,
    Timestamped,
    Versioned,
    code_column,
)


class Referral(Identified, Timestamped, Versioned, Base):
    """One hand-off. `state` is the fold of its events, kept beside them so that an inbox can be searched by it."""

    __tablename__ = "referrals"
    __table_args__ = (
        Index(None, "sender_id", "id"),
        Index(None, "recipient_id", "id"),
        Index(None, "client_id"),
        Index(None, "service_id", "state"),
        Index(None, "sender_id", "placer_id_index"),
        Index(None, "recipient_id", "filler_id_index"),
        Index(None, "sent_at"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"))
    sender_id: Mapped[UUID]
    author: Mapped[str | None] = mapped_column(String(120))
    recipient_id: Mapped[UUID]
    service_id: Mapped[UUID]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    domain: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(120))
    legal: Mapped[bool]
    survivor: Mapped[bool]
    needs: Mapped[list[str]]
    narrative_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    urgency: Mapped[Urgency] = code_column(Urgency, default=Urgency.ROUTINE)
    state: Mapped[State] = code_column(State, default=State.DRAFT)
    loop: Mapped[Loop] = code_column(Loop, default=Loop.OPEN)
    reason: Mapped[Reason | None] = code_column(Reason)
    outcome: Mapped[Outcome | None] = code_column(Outcome)
    placer_id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    placer_id_index: Mapped[str | None] = mapped_column(String(32))
    filler_id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    filler_id_index: Mapped[str | None] = mapped_column(String(32))
    offer_available: Mapped[int | None]
    offer_reported_at: Mapped[datetime | None]
    conflict_cleared_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ReferralEvent(Base):
    """Append-only: what happened to a referral, by whom. `move` is None in the first one, its birth."""

    __tablename__ = "referral_events"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[MoveName | None] = code_column(MoveName)
    from_state: Mapped[State | None] = code_column(State)
    to_state: Mapped[State] = code_column(State)
    party: Mapped[Party] = code_column(Party)
    actor_organization_id: Mapped[UUID]
    actor: Mapped[str] = mapped_column(String(120))
    reason: Mapped[Reason | None] = code_column(Reason)
    outcome: Mapped[Outcome | None] = code_column(Outcome)
    occurred_at: Mapped[datetime]


class ContactAttempt(Identified, Base):
    """One try to reach the client: the proof that giving up needs."""

    __tablename__ = "contact_attempts"
    __table_args__ = (Index(None, "organization_id", "referral_id"), Index(None, "referral_id"))

    organization_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    channel: Mapped[ContactSystem] = code_column(ContactSystem)
    result: Mapped[ContactResult] = code_column(ContactResult)
    attempted_at: Mapped[datetime]
