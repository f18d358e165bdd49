"""One entry of the audit: who did what, about what, under which consent. Handles and codes, never values (R27, R5)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from vereda.audit.tree import leaf_hash
from vereda.secrets import Secrets
from vereda.settings import Settings


class Kind(StrEnum):
    """What an entry tells of."""

    CHANGE = "CHANGE"
    """Something was made or changed."""
    DISCLOSURE = "DISCLOSURE"
    """Data of a client was shown to, or sent to, somebody outside of the client's home organisation."""
    ACT = "ACT"
    """A legal or administrative act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is hashed: every column of the table but the hash itself.

    `operation`: the mutation, round or `read`; `event`: what happened, as in the outbox; `subject`: the id of what it
    happened to. `recipient_id`, `consent_id`, `purpose`, `data_classes`: of a disclosure. `mac`: HMAC-SHA256 over all the
    others, under a key that is not in the database.
    """

    id: UUID
    at: datetime
    kind: Kind
    organization_id: UUID
    actor: str
    roles: list[str]
    operation: str
    event: str | None
    subject: str | None
    client_id: UUID | None
    recipient_id: UUID | None
    consent_id: UUID | None
    purpose: str | None
    data_classes: list[str]
    request_id: str
    mac: bytes = b""

    @classmethod
    def of(cls, row: Any) -> Entry:
        """The entry in a row of the table, or whatever else has its columns as attributes."""
        values = {field.name: getattr(row, field.name) for field in fields(cls)}
        return cls(**{**values, "kind": Kind(values["kind"])})

    def said(self) -> dict[str, Any]:
        """The entry in JSON's own types: ids in their usual form, times in UTC to the microsecond, bytes in hexadecimal."""
        return {field.name: _said(getattr(self, field.name)) for field in fields(self)}

    def authenticated_by(self, key: bytes) -> bytes:
        """The MAC that the entry should bear."""
        content = {name: value for name, value in self.said().items() if name != "mac"}
        return hmac.digest(key, canonical(content), "sha256")


def canonical(content: dict[str, Any]) -> bytes:
    """JSON with sorted members and no space, as RFC 8785 has it for strings, integers, lists and null."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def leaf_content(said: dict[str, Any], sequence: int, previous: str | None) -> bytes:
    """What a leaf is the hash of: the entry, its place, and the leaf before it (hexadecimal; None for the first)."""
    return canonical({**said, "sequence": sequence, "previous": previous})


def leaf_of(said: dict[str, Any], sequence: int, previous: bytes | None) -> bytes:
    return leaf_hash(leaf_content(said, sequence, previous.hex() if previous is not None else None))


def audit_key(settings: Settings) -> bytes:
    """The key of the entries' MACs: a secret of the installation, which no database holds."""
    return Secrets(settings.home / "secrets").get("audit-entries").encode()


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, UUID):
        return str(value)
    return value.hex() if isinstance(value, bytes) else value
