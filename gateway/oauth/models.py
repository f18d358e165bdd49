"""The authorization server's two tables: who may ask for tokens, and which tokens were given."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from vereda.models import Tables, service_metadata


class Base(Tables):
    __abstract__ = True
    metadata = service_metadata()


class OAuthClient(Base):
    """A system that asks for tokens with its own credentials (RFC 6749 §2, confidential client).

    `scopes`, `roles` and `purpose` are the most that its tokens can carry. `secret_hash` is argon2id (RFC 9106).
    """

    __tablename__ = "oauth_clients"
    __table_args__ = (
        Index(None, "organization_id", "client_id"),
        CheckConstraint("NOT 'system' = ANY (scopes)", name="no_system_scope"),
    )

    client_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]]
    roles: Mapped[list[str]]
    purpose: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[datetime | None]


class AccessToken(Base):
    """An access token that was given out, by its `jti`: never the token itself."""

    __tablename__ = "access_tokens"
    __table_args__ = (
        Index(None, "organization_id", "issued_at"),
        Index(None, "client_id"),
        Index(None, "expires_at"),
    )

    jti: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.client_id"))
    organization_id: Mapped[UUID]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
