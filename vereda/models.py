"""What every service's tables have in common: naming, ids, times, versions, and the kernel's tables.

Each service declares `class Base(Tables): ...` with a metadata of its own, and then `class OutboxEvent(OutboxColumns,
Base)`, `class IdempotencyRecord(IdempotencyColumns, Base)`, and the four tables of the audit likewise.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Enum,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from vereda.ids import new_id

_NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def service_metadata() -> MetaData:
    """Metadata with predictable constraint names, so that migrations can name what they change."""
    return MetaData(naming_convention=_NAMING)


class Tables(DeclarativeBase):
    """Base of a service's declarative classes."""

    __abstract__ = True
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        str: Text(),
        dict[str, Any]: JSONB(),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid()),
    }


def code_column(kind: type[StrEnum], **options: Any) -> Any:
    """A column of a closed set, kept as text: a new code then needs no migration, and an old row keeps its code."""
    values = Enum(kind, native_enum=False, create_constraint=False, length=40, values_callable=_codes)
    return mapped_column(values, **options)


def _codes(kind: type[StrEnum]) -> list[str]:
    return [code.value for code in kind]


#: Of a column `wrapped`: the version of the master key that wrapped it, as `vereda.keyring.document.version_of` reads it.
MASTER_VERSION: Final = (
    "CASE WHEN wrapped IS NULL THEN NULL WHEN octet_length(wrapped) < 64 THEN 0 ELSE (get_byte(wrapped, 0)::bigint << 24)"
    " + (get_byte(wrapped, 1) << 16) + (get_byte(wrapped, 2) << 8) + get_byte(wrapped, 3) END"
)


class Identified:
    """`id`: UUIDv7, made by us before the insert so that events and answers can name it."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


def _now() -> datetime:
    return datetime.now(UTC)


class Timestamped:
    """`updated_at` is set by us at a change, so that an answer can tell it without asking the database again."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=_now)


class Versioned:
    """Optimistic concurrency: an update whose row has moved on raises `StaleDataError`."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__dict__.get("version") or cls.version}


class OutboxColumns:
    """An event of a state change, written in the transaction that made the change (transactional outbox).

    `organization_id` is who made it happen, `audience` lists the organisations that are told of it, with or without them;
    `data` holds ids and codes only, no client values (R33).
    """

    __tablename__ = "outbox_events"

    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id, unique=True)
    organization_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(120))
    audience: Mapped[list[UUID]]
    data: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(String(80))
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FeedQueueColumns:
    """Events that have no place in a feed yet; a trigger puts them here, the numbering round takes them out."""

    __tablename__ = "feed_queue"

    event_sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class FeedEntryColumns:
    """An event's place in the feed of one organisation that is told of it: 1, 2, 3 and so on, without a gap."""

    __tablename__ = "feed_entries"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    numbered_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (Index("ix_feed_entries_numbered_at", "numbered_at"),)


class FeedHeadColumns:
    """How far an organisation's feed goes."""

    __tablename__ = "feed_heads"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger)


class IdempotencyColumns:
    """What a write that carried an idempotency key led to, so that its repetition gets the same answer."""

    __tablename__ = "idempotency_records"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntryColumns:
    """What was done or shown (`vereda.audit.entries.Entry` says what each column holds). Never changed or removed."""

    __tablename__ = "audit_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[UUID]
    actor: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]]
    operation: Mapped[str] = mapped_column(String(120))
    event: Mapped[str | None] = mapped_column(String(120))
    subject: Mapped[str | None] = mapped_column(String(120))
    client_id: Mapped[UUID | None]
    recipient_id: Mapped[UUID | None]
    consent_id: Mapped[UUID | None]
    purpose: Mapped[str | None] = mapped_column(String(40))
    data_classes: Mapped[list[str]]
    request_id: Mapped[str] = mapped_column(String(80))
    mac: Mapped[bytes] = mapped_column(LargeBinary)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return (
            Index("ix_audit_entries_organization_id_id", "organization_id", "id"),
            # Who was shown this client's record: `Client.disclosures`.
            Index(
                "ix_audit_entries_client_id_id",
                "client_id",
                "id",
                postgresql_where=text("client_id IS NOT NULL"),
            ),
        )


class AuditQueueColumns:
    """Entries that are not in the tree yet; a trigger puts them here, the sealing round takes them out."""

    __tablename__ = "audit_queue"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditLeafColumns:
    """An entry's place in the tree, and the roots of the complete subtrees that it ends, 32 bytes each, its own first."""

    __tablename__ = "audit_leaves"

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(unique=True)
    nodes: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheckpointColumns:
    """What was signed (`vereda.audit.checkpoints`): of how many leaves, their root, and the public key to check it with."""

    __tablename__ = "audit_checkpoints"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    statement: Mapped[str]
    key: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
