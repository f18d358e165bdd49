"""Hand-offs, their events, and the tries to reach the client."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.clients import (
    ContactResult,
    ContactSystem,
)
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.lifecycle import Loop, MoveName, Outcome, Party, Reason, State, SubState
from services.referrals.domain.offers import OfferState
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
        Index(None, "sender_id", "state", "id"),
        Index(None, "recipient_id", "state", "id"),
        Index(None, "sender_id", "state", "told_at", "id"),
        Index(None, "recipient_id", "state", "updated_at", "id"),
        Index(None, "sender_id", "due_at", "id", postgresql_where=text("due_at IS NOT NULL")),
        Index(None, "recipient_id", "due_at", "id", postgresql_where=text("due_at IS NOT NULL")),
        Index(None, "client_id"),
        Index(None, "service_id", "state"),
        Index("ix_referrals_to_forget", "ended_at", postgresql_where=text("forgotten_at IS NULL")),
        Index(None, "sender_id", "placer_id_index"),
        Index(None, "recipient_id", "filler_id_index"),
        Index(None, "sent_at"),
        Index(None, "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index(None, "bell_at", postgresql_where=text("bell_at IS NOT NULL")),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    #: None in a draft that waits for the client's word.
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"))
    sender_id: Mapped[UUID]
    author: Mapped[str | None] = mapped_column(String(120))
    #: None, with all that follows from the service, until it is sent, and while an open offer is not claimed.
    recipient_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    domain: Mapped[str | None] = mapped_column(String(80))
    category: Mapped[str | None] = mapped_column(String(120))
    legal: Mapped[bool] = mapped_column(default=False)
    survivor: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[list[str]]
    narrative_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    urgency: Mapped[Urgency] = code_column(Urgency, default=Urgency.ROUTINE)
    state: Mapped[State] = code_column(State, default=State.DRAFT)
    sub_state: Mapped[SubState | None] = code_column(SubState)
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
    first_contact_at: Mapped[datetime | None]
    waitlisted_at: Mapped[datetime | None]
    #: How many wait for the service up to and with this one, as the round of waiting lists last counted.
    waiting_place: Mapped[int | None]
    #: When the sender agreed to take a completed referral up again.
    reopening_agreed_at: Mapped[datetime | None]
    resume_on: Mapped[date | None]
    #: When the consent will be asked for, and the interpreter's language, ISO 639-3.
    consent_reading_at: Mapped[datetime | None]
    interpreter_language: Mapped[str | None] = mapped_column(String(3))
    #: Of a draft: where it is meant to go. Later: where the recipient suggests that the client goes instead.
    suggested_organization_id: Mapped[UUID | None]
    suggested_service_id: Mapped[UUID | None]
    sent_at: Mapped[datetime | None]
    #: When something last happened that its sender was told of (R7); its recipient is told of all, see `updated_at`.
    told_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    #: The clock (`domain/clocks.py`): since when it runs, how many bells have rung, when the next one rings; and the
    #: recipient's clock, while it is held.
    clock_from: Mapped[datetime | None]
    clock_rung: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    bell_at: Mapped[datetime | None]
    held_from: Mapped[datetime | None]
    held_at: Mapped[datetime | None]


class ReferralOffer(Identified, Base):
    """That a referral without recipient may be claimed by `organization_id` for one of its services."""

    __tablename__ = "referral_offers"
    __table_args__ = (
        UniqueConstraint("referral_id", "organization_id"),
        Index(None, "organization_id", "state", "id"),
    )

    organization_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    #: Who asks. Not `sender_id`: that is the referral's, which a candidate does not see.
    asked_by: Mapped[UUID]
    service_id: Mapped[UUID]
    domain: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(120))
    legal: Mapped[bool]
    survivor: Mapped[bool]
    urgency: Mapped[Urgency] = code_column(Urgency)
    #: ISO 639-3, where the client consented to telling it.
    language: Mapped[str | None] = mapped_column(String(3))
    available: Mapped[int | None]
    reported_at: Mapped[datetime | None]
    state: Mapped[OfferState] = code_column(OfferState, default=OfferState.OFFERED)
    offered_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


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
