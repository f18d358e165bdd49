"""The audit in the graph: checkpoints and proofs for every partner, verification for who may (`audit:verify`).

Each service gives its own `AuditLog` at a root field of its own name: a log is one service's, and no other can speak for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import orjson
import strawberry
from sqlalchemy import text

from vereda.audit.checkpoints import CheckpointRefusedError, read
from vereda.audit.entries import Entry, audit_key, leaf_content
from vereda.audit.reading import Signed
from vereda.audit.sealing import nodes
from vereda.audit.tree import (
    Frontier,
    consistency_ranges,
    inclusion_ranges,
    pieces,
    root_of,
)
from vereda.audit.verifying import Sealed, Verification
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.errors import ClientError, ErrorCode
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.keys import key_ring

Info = strawberry.Info[RequestContext[Any], None]
#: Any of these opens checkpoints and proofs, in which there is nothing of anybody.
READING: Final = (Scope.DIRECTORY_READ, Scope.AUDIT_VERIFY)
_MOST: Final = 100
_MOST_VERIFIED: Final = 10_000
#: Served by the primary keys, like all of these.
_CHECKPOINTS: Final = text(
    "SELECT size, root, statement, made_at FROM audit_checkpoints WHERE size < :before ORDER BY size DESC LIMIT :first"
)
_KEYS: Final = text("SELECT DISTINCT ON (key ->> 'kid') key FROM audit_checkpoints ORDER BY key ->> 'kid'")
_COVERING: Final = text(
    "SELECT size, root, statement, key FROM audit_checkpoints WHERE size >= :start ORDER BY size LIMIT 1000"
)
_PLACE: Final = text(
    "SELECT l.sequence, e.* FROM audit_leaves l JOIN audit_entries e ON e.id = l.entry_id WHERE e.id = :id"
)
_LEAVES: Final = text(
    "SELECT sequence, entry_id, nodes FROM audit_leaves WHERE sequence >= :start ORDER BY sequence LIMIT :many"
)
_ENTRIES: Final = text("SELECT * FROM audit_entries_of(CAST(:ids AS uuid[]))")
_SIZE: Final = text("SELECT sequence + 1 FROM audit_leaves ORDER BY sequence DESC LIMIT 1")
_END: Final = 2**62
_From = Annotated[int, strawberry.argument(name="from", description="A size of the log.")]


@strawberry.federation.type(
    shareable=True, description="That the log had this many entries, with this root, signed."
)
class AuditCheckpoint:
    size: int
    root: str = strawberry.field(description="Root of the tree of RFC 9162 over the entries, in hexadecimal.")
    statement: str = strawberry.field(
        description="A compact JWS of type `audit-checkpoint+jwt`. Keep it: what it covers cannot be changed unseen."
    )
    made_at: datetime


@strawberry.federation.type(shareable=True, description="That one entry is in the log.")
class AuditInclusion:
    sequence: int
    leaf: str = strawberry.field(description="What the leaf is the hash of: the entry, as canonical JSON.")
    proof: list[str] = strawberry.field(description="Hashes in hexadecimal (RFC 9162, section 2.1.3).")


@strawberry.federation.type(shareable=True, description="Something in the log that is not as it was written.")
class AuditFinding:
    problem: str = strawberry.field(description="A code that docs/audit.md lists.")
    at: str


@strawberry.federation.type(shareable=True, description="What was looked at, and what was found.")
class AuditVerification:
    from_: int = strawberry.field(name="from", description="The first entry that was looked at.")
    through: int = strawberry.field(description="The first one after it that was not: go on from here.")
    at_end: bool
    findings: list[AuditFinding]


@strawberry.federation.type(
    shareable=True, description="What one service did and showed, append-only, in a tree of hashes (R27)."
)
class AuditLog:
    service: str

    @strawberry.field(description="The newest first.")
    async def checkpoints(
        self, info: Info, first: int = 20, before: int | None = None
    ) -> list[AuditCheckpoint]:
        asked = {"first": max(0, min(first, _MOST)), "before": _END if before is None else before}
        async with info.context.read() as session:
            rows = list(await session.execute(_CHECKPOINTS, asked))
        return [
            AuditCheckpoint(
                size=row.size, root=bytes(row.root).hex(), statement=row.statement, made_at=row.made_at
            )
            for row in rows
        ]

    @strawberry.field(description="Public JWKs of all keys that ever signed a checkpoint, each as JSON.")
    async def keys(self, info: Info) -> list[str]:
        return [orjson.dumps(one).decode() for one in await self._keys(info)]

    @strawberry.field(
        description="Hashes which prove that the log of size `to` begins with all of that of size `from` (RFC 9162).",
    )
    async def consistency(self, info: Info, from_: _From, to: int) -> list[str]:
        async with info.context.read() as session:
            size = await session.scalar(_SIZE) or 0
            if not 0 < from_ <= to <= size:
                raise ClientError(
                    ErrorCode.BAD_USER_INPUT, "`from` and `to` are sizes that the log had, in this order."
                )
            return await _proof(session, consistency_ranges(from_, to))

    @strawberry.field(description="Proof that an entry of your own organisation is in the log of this size.")
    async def inclusion(self, info: Info, entry: strawberry.ID, size: int) -> AuditInclusion | None:
        async with info.context.read() as session:
            row = (await session.execute(_PLACE, {"id": parse_id(entry, "entry")})).one_or_none()
            if row is None or row.sequence >= size or size > (await session.scalar(_SIZE) or 0):
                return None
            last = [(0, row.sequence - 1)] if row.sequence else []
            previous = (await nodes(session, last)).get((0, row.sequence - 1))
            proof = await _proof(session, inclusion_ranges(row.sequence, size))
        content = leaf_content(Entry.of(row).said(), row.sequence, previous.hex() if previous else None)
        return AuditInclusion(sequence=row.sequence, leaf=content.decode(), proof=proof)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.AUDIT_VERIFY),
        description="Look at the next entries, up to 10,000: hashes, MACs, and the checkpoints that cover them.",
    )
    async def verification(
        self, info: Info, from_: _From = 0, first: int = _MOST_VERIFIED
    ) -> AuditVerification | None:
        info.context.caller.require(Scope.AUDIT_VERIFY)
        start, many = max(0, from_), max(1, min(first, _MOST_VERIFIED))
        keys = await self._keys(info, ours=True)
        async with info.context.read() as session:
            size = await session.scalar(_SIZE) or 0
            start = min(start, size)
            before = [*pieces(0, start), *([(0, start - 1)] if start else [])]
            found = await nodes(session, before)
            verification = Verification(
                key=audit_key(info.context.settings),
                frontier=Frontier(start, [found[node] for node in pieces(0, start)]),
                previous=found[0, start - 1] if start else None,
            )
            for row in await session.execute(_COVERING, {"start": start}):
                _expect(
                    verification,
                    Signed(row.size, bytes(row.root), row.statement, row.key),
                    keys,
                    self.service,
                )
            leaves = list(await session.execute(_LEAVES, {"start": start, "many": many}))
            ids = [row.entry_id for row in leaves]
            entries = {row.id: Entry.of(row).said() for row in await session.execute(_ENTRIES, {"ids": ids})}
        for row in leaves:
            verification.take(Sealed(row.sequence, bytes(row.nodes), entries.get(row.entry_id)))
        through = verification.frontier.size
        at_end = len(leaves) < many or through >= size
        findings = verification.end() if at_end else verification.findings
        return AuditVerification(
            from_=start,
            through=through,
            at_end=at_end,
            findings=[AuditFinding(problem=one.problem.value, at=str(one.at)) for one in findings],
        )

    async def _keys(self, info: Info, *, ours: bool = False) -> list[dict[str, Any]]:
        """The keys that the log names; with `ours`, first those that this service has now."""
        async with info.context.read() as session:
            stored = [dict(one) for one in await session.scalars(_KEYS)]
        own = key_ring(info.context.settings, self.service).public_jwks()["keys"] if ours else []
        return [*own, *stored]


def _expect(verification: Verification, signed: Signed, keys: list[dict[str, Any]], service: str) -> None:
    try:
        said = read(signed.statement, keys, service)
    except CheckpointRefusedError:
        verification.refuse(signed.size)
        return
    if (said.size, said.root) != (signed.size, signed.root):
        verification.refuse(signed.size)
    verification.expect(said)


async def _proof(session: Any, ranges: list[tuple[int, int]]) -> list[str]:
    found = await nodes(session, [node for one in ranges for node in pieces(*one)])
    return [root.hex() for root in root_of(ranges, found.__getitem__)]
