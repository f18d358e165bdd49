"""What clients allowed, and what was disclosed under it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.consent import Grantor, Method, RevokedHow
from services.referrals.models.tables import Base
from vereda.models import (
    Identified,
    code_column,
)


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
    service_domains: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    one_referral: Mapped[bool] = mapped_column(server_default=false(), default=False)
    partial: Mapped[bool] = mapped_column(server_default=false(), default=False)
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"))
    method: Mapped[Method] = code_column(Method)
    language: Mapped[str] = mapped_column(String(3))
    script_version: Mapped[str] = mapped_column(String(40))
    script_hash: Mapped[str] = mapped_column(String(64))
    captured_by: Mapped[str] = mapped_column(String(120))
    presences_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    receipt_hash: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_how: Mapped[RevokedHow | None] = code_column(RevokedHow)
    created_at: Mapped[datetime]


class ConsentScript(Identified, Base):
    """What is read to clients, in one language, in one version; it never changes. Every member may use every script.

    `audio_reference`: where a recording of it is, for languages that are not written; it is not kept here (R8).
    """

    __tablename__ = "consent_scripts"
    __table_args__ = (
        UniqueConstraint("organization_id", "version", "language"),
        Index(None, "language", "id"),
    )

    organization_id: Mapped[UUID]
    version: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(3))
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(String(64))
    audio_reference: Mapped[str | None] = mapped_column(String(500))
    published_at: Mapped[datetime]


class DestructionConfirmation(Base):
    """A recipient's word that what it had under a revoked consent is destroyed (R9)."""

    __tablename__ = "destruction_confirmations"

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    confirmed_by: Mapped[str] = mapped_column(String(120))
    confirmed_at: Mapped[datetime]


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
