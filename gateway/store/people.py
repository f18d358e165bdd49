"""People who sign in, what they prove themselves with, and their sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.tables import Base
from vereda.models import Identified, Timestamped, code_column


class Role(StrEnum):
    """What a person is in one organisation; what each may is in `gateway.people.roles`."""

    CASE_WORKER = "case_worker"
    SUPERVISOR = "supervisor"
    ORGANIZATION_ADMINISTRATOR = "organization_administrator"
    NETWORK_COORDINATOR = "network_coordinator"
    AUDITOR = "auditor"
    COUNSEL = "counsel"


class Person(Identified, Timestamped, Base):
    """A person who works for one or several organisations of the network.

    Signs in with a password and a second factor, with a passkey, or through an external OpenID Connect provider (then
    `external_issuer` and `external_subject` say who they are there). `totp_secret` is sealed.
    """

    __tablename__ = "people"
    __table_args__ = (
        Index("uq_people_email", func.lower(text("email")), unique=True),
        Index(None, "external_issuer", "external_subject", unique=True),
    )

    email: Mapped[str] = mapped_column(String(254))
    display_name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(10), server_default="en")
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    """The newest time step whose code was used: none is taken twice (RFC 6238 §5.2)."""
    external_issuer: Mapped[str | None] = mapped_column(String(500))
    external_subject: Mapped[str | None] = mapped_column(String(255))
    disabled_at: Mapped[datetime | None]
    disabled_by_network: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether a coordinator or an operator disabled them: no organisation's administrator then lets them in again."""


class Membership(Base):
    """A person's role in an organisation, from `created_at` until `ended_at`."""

    __tablename__ = "memberships"
    __table_args__ = (Index(None, "organization_id", "person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[Role] = code_column(Role)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class Passkey(Base):
    """A WebAuthn credential (Web Authentication §4, public key credential source)."""

    __tablename__ = "passkeys"
    __table_args__ = (Index(None, "person_id"),)

    credential_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    transports: Mapped[list[str]]
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for the day when the second factor is lost, by its digest; used once."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]


class Session(Identified, Base):
    """A browser in which a person is signed in for one organisation, by the digest of its cookie.

    `factors` are the authentication methods used (RFC 8176 `amr`: `pwd`, `otp`, `hwk`, `mfa`, ...). No address and no
    device id is kept (R5).
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "organization_id", "person_id"),
        Index(None, "person_id"),
        Index(None, "expires_at"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    organization_id: Mapped[UUID | None]
    """None until a person of several organisations has chosen one."""
    factors: Mapped[list[str]]
    browser: Mapped[str] = mapped_column(String(80))
    """A coarse name such as `Firefox on Windows`, for the person's own list."""
    authenticated_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignIn(Base):
    """A sign-in under way, by the digest of its cookie: what is proven so far. It opens nothing.

    Unlogged: after a crash people begin anew.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index(None, "person_id"),
        Index(None, "expires_at"),
        {"prefixes": ["UNLOGGED"]},
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    """Whom the first proof was about; None while they are away at an external provider."""
    proofs: Mapped[list[str]]
    external: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What an external provider's answer must fit: `state`, `nonce`, `code_verifier`."""
    next_path: Mapped[str] = mapped_column(String(4000))
    expires_at: Mapped[datetime]


class PasskeyChallenge(Base):
    """The one challenge (Web Authentication §13.4.3) that a browser has to answer, by the digest of its cookie."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (Index(None, "expires_at"), {"prefixes": ["UNLOGGED"]})

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


class OrganizationName(Base):
    """What the pages call an organisation that people sign in for; the directory itself is another service's."""

    __tablename__ = "organization_names"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class Invitation(Base):
    """A link that lets a person set their first password, or a new one; by its digest, used once."""

    __tablename__ = "invitations"
    __table_args__ = (Index(None, "person_id"), Index(None, "expires_at"))

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    """`join` or `reset`."""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Letter(Base):
    """A mail that no mail server has taken yet, sealed: it holds an address, and often a link that lets somebody in."""

    __tablename__ = "letters"
    __table_args__ = (Index(None, "due_at"), Index(None, "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int]
    due_at: Mapped[datetime]
    """When it is tried again, unless it is gone by then."""
    expires_at: Mapped[datetime]
    """When it would be of no use any more."""


class SignInFailures(Base):
    """Failed attempts in a row, by a keyed digest of what was tried (an account, a client, a network)."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "last_at"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]


class SecurityEvent(Identified, Base):
    """What happened to an account or a client: kept for the organisation's administrators and auditors.

    `actor` and `subject` are ids of people, or client ids. No address, no device, no secret.
    """

    __tablename__ = "security_events"
    __table_args__ = (Index(None, "organization_id", "occurred_at"), Index(None, "subject", "occurred_at"))

    organization_id: Mapped[UUID | None]
    type: Mapped[str] = mapped_column(String(60))
    """Such as `person.signed_in`, `person.factor_added`, `client.secret_changed`, `token.family_revoked`."""
    actor: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
