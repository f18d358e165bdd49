"""An audit as it lies in a database or in an export: its leaves in order, what is not sealed, what was signed.

An export is NDJSON, one object a line, told apart by `type`: `audit` (the service, first), `checkpoint`, `leaf`,
`unsealed`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.audit.entries import Entry
from vereda.audit.verifying import Sealed
from vereda.errors import OperatorError

_PAGE: Final = 5000
_LEAVES: Final = text(
    "SELECT l.sequence, l.nodes, l.entry_id, e.* FROM audit_leaves l LEFT JOIN audit_entries e ON e.id = l.entry_id"
    " WHERE l.sequence > :after ORDER BY l.sequence LIMIT :page"
)
_UNSEALED: Final = text(
    "SELECT e.*, q.entry_id IS NOT NULL AS waiting FROM audit_entries e LEFT JOIN audit_queue q ON q.entry_id = e.id"
    " WHERE NOT EXISTS (SELECT FROM audit_leaves l WHERE l.entry_id = e.id) ORDER BY e.id"
)
_LOST: Final = text(
    "SELECT q.entry_id FROM audit_queue q WHERE NOT EXISTS (SELECT FROM audit_entries e WHERE e.id = q.entry_id)"
)
_CHECKPOINTS: Final = text("SELECT size, root, statement, key FROM audit_checkpoints ORDER BY size")


@dataclass(frozen=True, slots=True)
class Unsealed:
    """An entry without a leaf; None where even the entry is gone, and only its place in the queue is left."""

    id: UUID
    entry: dict[str, Any] | None
    waiting: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it is stored: what it says beside what was signed."""

    size: int
    root: bytes
    statement: str
    key: dict[str, Any]


class Source(Protocol):
    """Where an audit is read from."""

    async def checkpoints(self) -> list[Signed]: ...
    def leaves(self) -> AsyncIterator[Sealed]: ...
    async def unsealed(self) -> list[Unsealed]: ...


class FromDatabase:
    """Reads as the database's owner, in one snapshot: `session` is of a read-only transaction of the system."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def checkpoints(self) -> list[Signed]:
        rows = await self._session.execute(_CHECKPOINTS)
        return [Signed(row.size, bytes(row.root), row.statement, _object(row.key)) for row in rows]

    async def leaves(self) -> AsyncIterator[Sealed]:
        after = -1
        while True:
            rows = list(await self._session.execute(_LEAVES, {"after": after, "page": _PAGE}))
            for row in rows:
                said = Entry.of(row).said() if row.id is not None else None
                yield Sealed(row.sequence, bytes(row.nodes), said)
            if len(rows) < _PAGE:
                return
            after = rows[-1].sequence

    async def unsealed(self) -> list[Unsealed]:
        found = await self._session.execute(_UNSEALED)
        waiting = [Unsealed(row.id, Entry.of(row).said(), row.waiting) for row in found]
        lost = await self._session.scalars(_LOST)
        return [*waiting, *(Unsealed(one, None, True) for one in lost)]


class FromFile:
    """Reads an export. Raises: OperatorError where a line is not what an export has."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def service(self) -> str:
        return str(next(self._of("audit"))["service"])

    async def checkpoints(self) -> list[Signed]:
        return [
            Signed(one["size"], bytes.fromhex(one["root"]), one["statement"], one["key"])
            for one in self._of("checkpoint")
        ]

    async def leaves(self) -> AsyncIterator[Sealed]:
        for one in self._of("leaf"):
            yield Sealed(one["sequence"], bytes.fromhex(one["nodes"]), one["entry"])

    async def unsealed(self) -> list[Unsealed]:
        return [Unsealed(UUID(one["id"]), one["entry"], one["waiting"]) for one in self._of("unsealed")]

    def _of(self, type_: str) -> Iterator[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                for line in file:
                    found = orjson.loads(line)
                    if found["type"] == type_:
                        yield found
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OperatorError(f"{self._path} is no export of an audit ({type(error).__name__}).") from None


async def exported(source: Source, service: str) -> AsyncIterator[bytes]:
    """The lines of an export, each with its end."""
    yield _line(type="audit", service=service)
    for one in await source.checkpoints():
        said = {"size": one.size, "root": one.root.hex(), "statement": one.statement, "key": one.key}
        yield _line(type="checkpoint", **said)
    async for leaf in source.leaves():
        yield _line(type="leaf", sequence=leaf.sequence, nodes=leaf.nodes.hex(), entry=leaf.entry)
    for left in await source.unsealed():
        yield _line(type="unsealed", id=str(left.id), entry=left.entry, waiting=left.waiting)


def _line(**content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def _object(value: Any) -> dict[str, Any]:
    return dict(orjson.loads(value)) if isinstance(value, str | bytes) else dict(value)
