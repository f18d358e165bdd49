"""An organisation's compartment: public keys, and notes that are sealed to them before they come here (R15)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.models.tables import Base
from vereda.models import Identified


class CompartmentKey(Base):
    """A public key of an organisation. Its private half is the organisation's, and never comes here."""

    __tablename__ = "compartment_keys"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    thumbprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    jwk: Mapped[str]
    registered_by: Mapped[str] = mapped_column(String(120))
    registered_at: Mapped[datetime]


class PrivilegedNote(Identified, Base):
    """A note, as the JWE that came."""

    __tablename__ = "privileged_notes"
    __table_args__ = (Index(None, "organization_id", "referral_id", "id"), Index(None, "client_id"))

    organization_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    author: Mapped[str] = mapped_column(String(120))
    thumbprint: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str]
    written_at: Mapped[datetime]
