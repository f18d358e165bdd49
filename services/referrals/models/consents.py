"""What clients allowed, and what was disclosed under it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.consent import Grantor, Method
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
