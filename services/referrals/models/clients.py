"""People, under a handle for each organisation. What identifies one is sealed under keys of their own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.clients import (
    AgeBand,
    ContactMode,
    KeyGroup,
    Modality,
)
from services.referrals.models.tables import Base
from vereda.models import (
    MASTER_VERSION,
    Identified,
    Timestamped,
    Versioned,
    code_column,
)


class Client(Identified, Timestamped, Versioned, Base):
    """A person who is helped. `id` never leaves this service: each organisation has a handle of its own (R19)."""

    __tablename__ = "clients"
    __table_args__ = (
        Index(None, "home_organization_id", "id"),
        Index(None, "name_index", postgresql_using="gin"),
        Index(None, "match_index", postgresql_using="gin"),
        Index(
            "ix_clients_to_index",
            "id",
            postgresql_where=text("match_index = '{}' AND erased_at IS NULL"),
        ),
        Index("ix_clients_to_erase", "created_at", postgresql_where=text("erased_at IS NULL")),
    )

    home_organization_id: Mapped[UUID]
    display_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    contacts_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[list[str]] = mapped_column(default=list)
    match_index: Mapped[list[str]] = mapped_column(default=list, server_default=text("'{}'::text[]"))
    contact_mode: Mapped[ContactMode] = code_column(ContactMode, default=ContactMode.ANY)
    safe_hours_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(3))
    modality: Mapped[Modality] = code_column(Modality, default=Modality.SPOKEN)
    age_band: Mapped[AgeBand | None] = code_column(AgeBand)
    county_fips: Mapped[str | None] = mapped_column(String(5))
    zip3: Mapped[str | None] = mapped_column(String(3))
    erased_at: Mapped[datetime | None]


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
    """A wrapped data key of a client, or of one referral's narrative. `wrapped` is None once it is destroyed (R22).

    `id` is its place in the keyring's tree (`vereda.keyring`), and made by the vault. `master_version`: what it is wrapped
    by, as its first bytes say it, so that rotation finds what is left to do. `shredded_at`: since when its leaf is cut out
    of the keyring, and no backup of this row opens any more. `sealed_at`: since when a legal hold keeps it from being
    destroyed, and from everybody's reach (R24).
    """

    __tablename__ = "data_keys"
    __table_args__ = (
        Index(None, "client_id", "key_group"),
        Index(None, "referral_id"),
        Index(None, "master_version"),
        Index(
            "ix_data_keys_to_shred",
            "destroyed_at",
            postgresql_where=text("wrapped IS NULL AND shredded_at IS NULL"),
        ),
        Index("ix_data_keys_sealed", "client_id", postgresql_where=text("sealed_at IS NOT NULL")),
        # Whichever side first needs a referral's key makes it: there is one, even where both do at once.
        Index(
            "uq_data_keys_referral_id_key_group",
            "referral_id",
            "key_group",
            unique=True,
            postgresql_where=text("referral_id IS NOT NULL"),
        ),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    referral_id: Mapped[UUID | None]
    key_group: Mapped[KeyGroup] = code_column(KeyGroup)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    master_version: Mapped[int | None] = mapped_column(BigInteger, Computed(MASTER_VERSION, persisted=True))
    destroyed_at: Mapped[datetime | None]
    sealed_at: Mapped[datetime | None]
    shredded_at: Mapped[datetime | None]
