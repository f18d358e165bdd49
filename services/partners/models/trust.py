"""Whom an organisation trusts with where its TRUSTED places are (R17)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.models.tables import Base


class TrustedPartner(Base):
    """`organization_id` lets `trusted_id` know where its TRUSTED places are, until the row goes."""

    __tablename__ = "trusted_partners"
    __table_args__ = (Index(None, "trusted_id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    trusted_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(server_default=func.now())
