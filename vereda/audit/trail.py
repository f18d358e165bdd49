"""Leaving entries: what a transaction did, in that transaction; what a request was shown, before it is answered.

An entry follows from each event that is told (`vereda.outbox.emit`), and from each write that had an idempotency key and
told nothing; whatever else is to be in the audit is said with `note`. A write that is committed without an entry is a
mistake of ours, and fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import column, table
from sqlalchemy.types import DateTime, LargeBinary, Text, Uuid

from vereda.audit.entries import Entry, Kind
from vereda.caller import SYSTEM_SCOPE, Caller
from vereda.ids import new_id

TABLE: Final = "audit_entries"
_NOTES: Final = "vereda.audit.notes"
_OPERATION: Final = "vereda.audit.operation"
_OTHERWISE: Final = "vereda.audit.otherwise"
_BEFORE: Final = "vereda.audit.before"
#: Beginnings of the events that are legal or administrative acts.
_ACTS: Final = ("organization.", "legal_", "break_glass.", "erasure.", "retention.", "key.")
#: Rows of one INSERT: Postgres takes 32,767 parameters.
_AT_ONCE: Final = 1000
_TYPES: Final[dict[str, Any]] = {
    **dict.fromkeys(("id", "organization_id", "client_id", "recipient_id", "consent_id"), Uuid()),
    **dict.fromkeys(("roles", "data_classes"), ARRAY(Text())),
    "at": DateTime(timezone=True),
    "mac": LargeBinary(),
}
_ENTRIES: Final = table(
    TABLE, *(column(field.name, _TYPES.get(field.name, Text())) for field in fields(Entry))
)


class NotAuditedError(Exception):
    """A write was to be committed that nothing in the audit would tell of."""


@dataclass(frozen=True, slots=True)
class Note:
    """What an entry will say, before it is known who did it and when."""

    kind: Kind
    event: str | None = None
    subject: str | None = None
    client_id: UUID | None = None
    recipient_id: UUID | None = None
    consent_id: UUID | None = None
    purpose: str | None = None
    data_classes: tuple[str, ...] = ()


class Shown:
    """What one request was shown of clients of others: for each client, consent and purpose, which classes."""

    def __init__(self) -> None:
        self._classes: dict[tuple[UUID, UUID | None, str], set[str]] = {}

    def add(self, client: UUID, data_class: str, consent: UUID | None, purpose: str) -> None:
        self._classes.setdefault((client, consent, purpose), set()).add(data_class)

    def take(self, reader: UUID) -> list[Note]:
        """All that was added since it was last taken."""
        taken, self._classes = self._classes, {}
        return [
            Note(
                Kind.DISCLOSURE,
                client_id=client,
                recipient_id=reader,
                consent_id=consent,
                purpose=purpose,
                data_classes=tuple(sorted(classes)),
            )
            for (client, consent, purpose), classes in taken.items()
        ]


def note(session: AsyncSession, said: Note) -> None:
    """Have an entry written with this transaction; what is noted twice is written once."""
    notes = session.info.setdefault(_NOTES, [])
    if said not in notes:
        notes.append(said)


def happened(session: AsyncSession, type_: str, subject: UUID | str) -> None:
    """Have an entry written of an event that is told."""
    event = type_.removeprefix("org.vereda.")
    note(session, Note(Kind.ACT if event.startswith(_ACTS) else Kind.CHANGE, event, str(subject)))


def done(session: AsyncSession, operation: str, subject: str | None) -> None:
    """The transaction is of this operation; where it tells of nothing else, its entry is about `subject`."""
    session.info[_OPERATION] = operation
    session.info[_OTHERWISE] = Note(Kind.CHANGE, subject=subject)


def done_before(session: AsyncSession) -> None:
    """The transaction repeats what was done, and entered, before."""
    session.info[_BEFORE] = True


async def write_notes(session: AsyncSession, caller: Caller, at: datetime, key: bytes) -> None:
    """Write the transaction's entries; called once, before it is committed.

    Raises: NotAuditedError when a request changed something and nothing would tell of it.
    """
    info = session.info
    notes = info.get(_NOTES) or ([info[_OTHERWISE]] if _OTHERWISE in info else [])
    if not notes and not info.get(_BEFORE) and SYSTEM_SCOPE not in caller.scopes:
        raise NotAuditedError("say what the transaction did, with `vereda.audit.trail.note`")
    await write_entries(session, caller, info.get(_OPERATION) or caller.subject, notes, at, key)


async def write_entries(
    session: AsyncSession, caller: Caller, operation: str, notes: Iterable[Note], at: datetime, key: bytes
) -> None:
    """One INSERT for all of them."""
    rows = []
    for said in notes:
        entry = Entry(
            id=new_id(),
            at=at,
            organization_id=caller.organization,
            actor=caller.subject,
            roles=sorted(caller.roles),
            operation=operation,
            request_id=caller.request_id,
            **{
                field.name: getattr(said, field.name)
                for field in fields(said)
                if field.name != "data_classes"
            },
            data_classes=list(said.data_classes),
        )
        sealed = replace(entry, mac=entry.authenticated_by(key))
        rows.append({field.name: getattr(sealed, field.name) for field in fields(sealed)})
    for start in range(0, len(rows), _AT_ONCE):
        await session.execute(insert(_ENTRIES).values(rows[start : start + _AT_ONCE]))
