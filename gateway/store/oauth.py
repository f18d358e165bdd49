"""The authorization server's tables. Tokens and codes are kept as SHA-256 digests or ids, never as themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables import Base
from vereda.models import Identified


class OAuthClient(Base):
    """A confidential client (RFC 6749 §2): a partner's system, or an application that people sign in through.

    `scopes`, `roles` and `purpose` are the most that its tokens can carry. `secret_hash` is argon2id (RFC 9106), and
    None for a client that signs its assertions (RFC 7523) with a key of `jwks` or of the set at `jwks_uri`.
    """

    __tablename__ = "oauth_clients"
    __table_args__ = (
        Index(None, "organization_id", "client_id"),
        CheckConstraint(
            "NOT ('system' = ANY (scopes) OR 'authorization-server' = ANY (scopes))", name="no_reserved_scope"
        ),
        CheckConstraint(
            "(auth_method = 'private_key_jwt') = (secret_hash IS NULL)", name="secret_unless_assertions"
        ),
        CheckConstraint(
            "(auth_method = 'private_key_jwt') = (num_nonnulls(jwks, jwks_uri) = 1)",
            name="one_source_of_keys",
        ),
        CheckConstraint(
            "(previous_secret_hash IS NULL) = (previous_secret_until IS NULL)", name="previous_secret_ends"
        ),
    )

    client_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    auth_method: Mapped[str] = mapped_column(String(40), server_default="client_secret_basic")
    """RFC 7591 §2 `token_endpoint_auth_method`: `client_secret_basic` or `private_key_jwt`."""
    secret_hash: Mapped[str | None]
    previous_secret_hash: Mapped[str | None]
    """The secret before, which is still taken until `previous_secret_until`: a secret is replaced without a failed
    request."""
    previous_secret_until: Mapped[datetime | None]
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    jwks_uri: Mapped[str | None] = mapped_column(String(2000))
    grant_types: Mapped[list[str]] = mapped_column(server_default=text("'{client_credentials}'"))
    redirect_uris: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    scopes: Mapped[list[str]]
    roles: Mapped[list[str]]
    purpose: Mapped[str | None] = mapped_column(String(80))
    dpop_required: Mapped[bool] = mapped_column(server_default=text("false"))
    """RFC 9449 §5.2: only tokens bound to a key of the client's are given to it."""
    trusted_documents_only: Mapped[bool] = mapped_column(server_default=text("false"))
    """Only operations that were registered for it are executed."""
    first_party: Mapped[bool] = mapped_column(server_default=text("false"))
    """The network's own application: people who sign in through it are not asked whether it may act for them."""
    cost_per_minute: Mapped[int | None]
    """Rate limit of its own in place of the default."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[datetime | None]
    disabled_by_network: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether a coordinator or an operator disabled it: no organisation's administrator then lets it in again."""


class TokenFamily(Identified, Base):
    """All that grew from one authorization code or token exchange: revoked together (RFC 9700 §4.14.2)."""

    __tablename__ = "token_families"
    __table_args__ = (
        Index(None, "organization_id", "created_at"),
        Index(None, "created_at"),
        Index(None, "client_id"),
        Index(None, "person_id"),
    )

    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.client_id"))
    organization_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    authenticated_at: Mapped[datetime | None]
    """When the person had last proved who they are (OpenID Connect Core §2 `auth_time`): the same for all its tokens."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(40))
    """Why it was revoked: `code_reused`, `refresh_token_reused`, `signed_out`, `revoked`, `person_disabled`, ..."""


class AccessToken(Base):
    """An access token that was given out, by its `jti`: never the token itself."""

    __tablename__ = "access_tokens"
    __table_args__ = (
        Index(None, "organization_id", "issued_at"),
        Index(None, "client_id"),
        Index(None, "family_id"),
        Index(None, "person_id"),
        Index(None, "exchanged_from"),
        Index(None, "expires_at"),
    )

    jti: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.client_id"))
    organization_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    family_id: Mapped[UUID | None] = mapped_column(ForeignKey("token_families.id"))
    exchanged_from: Mapped[UUID | None]
    """The `jti` of the token that it was exchanged for (RFC 8693); it ends with that one."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AuthorizationCode(Base):
    """A code of the authorization endpoint (RFC 6749 §4.1.2), by its digest. Used once; kept to see a second use."""

    __tablename__ = "authorization_codes"
    __table_args__ = (Index(None, "organization_id", "issued_at"), Index(None, "expires_at"))

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.client_id"))
    organization_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"))
    family_id: Mapped[UUID] = mapped_column(ForeignKey("token_families.id"))
    redirect_uri: Mapped[str] = mapped_column(String(2000))
    """As the request said it, to be said again with the code (RFC 6749 §4.1.3); empty when it left it out."""
    scopes: Mapped[list[str]]
    code_challenge: Mapped[str] = mapped_column(String(128))
    """RFC 7636 §4.2, by S256."""
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    """RFC 9449 §10: thumbprint of the key that the tokens will be bound to."""
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RefreshToken(Base):
    """A refresh token by its digest: used once, then replaced; a second use revokes its family (RFC 9700 §4.14.2)."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index(None, "organization_id", "issued_at"),
        Index(None, "family_id"),
        Index(None, "expires_at"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family_id: Mapped[UUID] = mapped_column(ForeignKey("token_families.id"))
    organization_id: Mapped[UUID]
    scopes: Mapped[list[str]]
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SeenToken(Base):
    """A `jti` that was presented once and shall not be again: client assertions (RFC 7523 §3), DPoP proofs (RFC 9449
    §11.1). `digest` is that of its kind, its issuer and itself."""

    __tablename__ = "seen_tokens"
    __table_args__ = (Index(None, "expires_at"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime]


class PushedRequest(Base):
    """An authorization request that an application pushed (RFC 9126), by the digest of its reference; used once.

    `parameters` are pairs of name and value. Unlogged: after a crash applications push again.
    """

    __tablename__ = "pushed_requests"
    __table_args__ = (Index(None, "expires_at"), {"prefixes": ["UNLOGGED"]})

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.client_id"))
    parameters: Mapped[list[list[str]]] = mapped_column(JSONB)
    expires_at: Mapped[datetime]


class ClientGrant(Base):
    """What a person allowed an application of others to do in their name."""

    __tablename__ = "client_grants"
    __table_args__ = (Index(None, "organization_id", "client_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oauth_clients.client_id"), primary_key=True)
    scopes: Mapped[list[str]]
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())
