"""What the guards of several gateways share."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables import Base


class TrustedDocument(Base):
    """An operation that a client may run, by the SHA-256 of its text (hex)."""

    __tablename__ = "trusted_documents"
    __table_args__ = (Index(None, "organization_id", "client_id"),)

    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.client_id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization_id: Mapped[UUID]
    document: Mapped[str]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RateBucket(Base):
    """A token bucket: what is left of it at `updated_at`, in cost units. Unlogged: a crash forgives."""

    __tablename__ = "rate_buckets"
    __table_args__ = (Index(None, "updated_at"), {"prefixes": ["UNLOGGED"]})

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    left: Mapped[float]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
