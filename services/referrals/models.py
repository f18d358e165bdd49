"""People and hand-offs. What identifies a person is sealed; what is plain here is what must outlive its erasure.

Row-level security (policies.sql) reads: an organisation knows a client by its own handle alone, a consent as its
capturer or recipient, a referral as its sender or recipient.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.clients import (
    AgeBand,
    ContactMode,
    ContactResult,
    ContactSystem,
    KeyGroup,
    Modality,
)
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.consent import Grantor, Method
from services.referrals.domain.lifecycle import Loop, MoveName, Outcome, Party, Reason, State
from vereda.models import (
    IdempotencyColumns,
    Identified,
    OutboxColumns,
    Tables,
    Timestamped,
    Versioned,
    code_column,
    service_metadata,
)


class Base(Tables):
    __abstract__ = True
    metadata = service_metadata()


class Client(Identified, Timestamped, Versioned, Base):
    """A person who is helped. `id` never leaves this service: each organisation has a handle of its own (R19)."""

    __tablename__ = "clients"
    __table_args__ = (
        Index(None, "home_organization_id", "id"),
        Index(None, "name_index", postgresql_using="gin"),
    )

    home_organization_id: Mapped[UUID]
    display_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    contacts_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[list[str]] = mapped_column(default=list)
    contact_mode: Mapped[ContactMode] = code_column(ContactMode, default=ContactMode.ANY)
    safe_hours: Mapped[str | None]
    language: Mapped[str] = mapped_column(String(3))
    modality: Mapped[Modality] = code_column(Modality, default=Modality.SPOKEN)
    age_band: Mapped[AgeBand | None] = code_column(AgeBand)
    county_fips: Mapped[str | None] = mapped_column(String(5))
    zip3: Mapped[str | None] = mapped_column(String(3))


class ClientHandle(Base):
    """The name under which one organisation knows a client; it cannot be derived without the master key."""

    __tablename__ = "client_handles"
    __table_args__ = (
        UniqueConstraint("client_id", "organization_id"),
        Index(None, "organization_id", "handle"),
    )

    handle: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    organization_id: Mapped[UUID]


class DataKey(Identified, Base):
    """A wrapped data key of a client, or of one referral's narrative. `wrapped` is None once it is destroyed (R22)."""

    __tablename__ = "data_keys"
    __table_args__ = (Index(None, "client_id", "key_group"), Index(None, "referral_id"))

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    referral_id: Mapped[UUID | None]
    key_group: Mapped[KeyGroup] = code_column(KeyGroup)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None]


class Consent(Identified, Base):
    """What a client allowed, to whom, for what, until when. Only its revocation ever changes it."""

    __tablename__ = "consents"
    __table_args__ = (
        Index(None, "organization_id", "client_id"),
        Index(None, "client_id"),
        Index(None, "recipients", postgresql_using="gin"),
    )

    organization_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    grantor: Mapped[Grantor] = code_column(Grantor, default=Grantor.SELF)
    recipients: Mapped[list[UUID]]
    purposes: Mapped[list[str]]
    data_classes: Mapped[list[str]]
    method: Mapped[Method] = code_column(Method)
    language: Mapped[str] = mapped_column(String(3))
    script_version: Mapped[str] = mapped_column(String(40))
    script_hash: Mapped[str] = mapped_column(String(64))
    captured_by: Mapped[str] = mapped_column(String(120))
    receipt_hash: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Referral(Identified, Timestamped, Versioned, Base):
    """One hand-off. `state` is the fold of its events, kept beside them so that an inbox can be searched by it."""

    __tablename__ = "referrals"
    __table_args__ = (
        Index(None, "sender_id", "id"),
        Index(None, "recipient_id", "id"),
        Index(None, "client_id"),
        Index(None, "service_id", "state"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"))
    sender_id: Mapped[UUID]
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
    placer_id: Mapped[str | None] = mapped_column(String(120))
    filler_id: Mapped[str | None] = mapped_column(String(120))
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


class Disclosure(Identified, Base):
    """That a recipient was given data of a client: what classes, under which consent (R28)."""

    __tablename__ = "disclosures"
    __table_args__ = (Index(None, "organization_id", "client_id"), Index(None, "client_id"))

    organization_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    recipient_id: Mapped[UUID]
    referral_id: Mapped[UUID | None]
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    data_classes: Mapped[list[str]]
    disclosed_at: Mapped[datetime]


class OutboxEvent(OutboxColumns, Base):
    pass


class IdempotencyRecord(IdempotencyColumns, Base):
    pass
