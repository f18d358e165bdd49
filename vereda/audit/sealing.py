"""The rounds that put what was written into the tree, and sign how far it goes.

Entries are written by many transactions at once and wait for nobody: a trigger queues each of them, and one process at a
time gives the queue its order. So no transaction ever waits for another because of the audit, and nothing that was
acknowledged is missing: the entry, its place in the queue and what it tells of are of one transaction.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.audit.checkpoints import keep, sign
from vereda.audit.entries import Entry, audit_key, leaf_of
from vereda.audit.tree import HASH_BYTES, Frontier, Node, pieces
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import mark_recorded
from vereda.keys import key_ring
from vereda.rounds import Round
from vereda.telemetry import logger

_BATCH: Final = 1000
_SEAL_EVERY_S: Final = 1.0
_CHECKPOINT_EVERY_S: Final = 60.0

_log = logger("audit")

#: Served by the queue's primary key: ids are in the order of time, near enough.
_QUEUED: Final = text(
    "SELECT e.* FROM audit_queue q JOIN audit_entries e ON e.id = q.entry_id ORDER BY q.entry_id LIMIT :many"
)
_LAST: Final = text("SELECT sequence FROM audit_leaves ORDER BY sequence DESC LIMIT 1")
_NODES: Final = text("SELECT sequence, nodes FROM audit_leaves WHERE sequence = ANY (:sequences)")
_ADD: Final = text(
    "INSERT INTO audit_leaves (sequence, entry_id, nodes)"
    " SELECT * FROM unnest(CAST(:sequences AS bigint[]), CAST(:entries AS uuid[]), :nodes)"
).bindparams(bindparam("nodes", type_=ARRAY(LargeBinary())))
_TAKEN: Final = text("DELETE FROM audit_queue WHERE entry_id = ANY (CAST(:entries AS uuid[]))")
_NEWEST: Final = text("SELECT size FROM audit_checkpoints ORDER BY size DESC LIMIT 1")
_PUBLISH: Final = text(
    "INSERT INTO audit_checkpoints (size, root, statement, key, made_at)"
    " VALUES (:size, :root, :statement, CAST(:key AS jsonb), now())"
)


def audit_rounds(service: str) -> tuple[Round, ...]:
    """The rounds of the audit of `service`, which signs with the keys of the ring of its name."""

    async def checkpoint(context: RequestContext[Any]) -> int:
        return await make_checkpoint(context, service)

    return (
        Round(f"audit seal {service}", _SEAL_EVERY_S, seal),
        Round(f"audit checkpoint {service}", _CHECKPOINT_EVERY_S, checkpoint),
    )


async def seal(context: RequestContext[Any]) -> int:
    """Put the next entries of the queue into the tree; how many they were.

    An entry whose MAC is wrong was not written by us: it stays where it is, for `verify` to show, and is told in the log.
    """
    key = audit_key(context.settings)
    async with context.write() as session:
        await take_turns(session, "audit")
        queued = [Entry.of(row) for row in await session.execute(_QUEUED, {"many": _BATCH})]
        entries = [one for one in queued if hmac.compare_digest(one.mac, one.authenticated_by(key))]
        if len(entries) < len(queued):
            _log.error("audit entries are not ours", entries=len(queued) - len(entries))
        if entries:
            await _append(session, entries)
            mark_recorded(session)
        return len(entries)


async def _append(session: AsyncSession, entries: list[Entry]) -> None:
    frontier, previous = await _grown(session)
    sequences, nodes = [], []
    for entry in entries:
        sequences.append(frontier.size)
        previous = leaf_of(entry.said(), frontier.size, previous)
        nodes.append(b"".join(frontier.add(previous)))
    ids = [entry.id for entry in entries]
    await session.execute(_ADD, {"sequences": sequences, "entries": ids, "nodes": nodes})
    await session.execute(_TAKEN, {"entries": ids})


async def make_checkpoint(context: RequestContext[Any], service: str) -> int:
    """Sign how far the tree goes, if it has grown; 0, so that the round's next turn is its next time."""
    async with context.write() as session:
        await take_turns(session, "audit")
        frontier, _last = await _grown(session)
        if frontier.size <= (await session.scalar(_NEWEST) or 0):
            return 0
        signed = sign(key_ring(context.settings, service), service, frontier.size, frontier.root)
        await session.execute(_PUBLISH, signed.row())
        mark_recorded(session)
    # Where no statement of SQL reaches: who cuts the log's end in the database, does not cut it here.
    keep(context.settings, service, signed)
    _log.info("audit checkpoint", size=signed.size, root=signed.root.hex())
    return 0


async def _grown(session: AsyncSession) -> tuple[Frontier, bytes | None]:
    """The tree as it stands, and its last leaf."""
    last = await session.scalar(_LAST)
    size = 0 if last is None else last + 1
    found = await nodes(session, [*pieces(0, size), *([(0, last)] if last is not None else [])])
    roots = [found[node] for node in pieces(0, size)]
    return Frontier(size, roots), found[0, last] if last is not None else None


async def nodes(session: AsyncSession, wanted: Iterable[Node]) -> Mapping[Node, bytes]:
    """The roots of complete subtrees. Raises: KeyError, IndexError where the tree has no such leaf, or it is broken."""
    asked = list(wanted)
    rows = await session.execute(_NODES, {"sequences": sorted({sequence for _level, sequence in asked})})
    stored = {row.sequence: bytes(row.nodes) for row in rows}
    found = {}
    for level, sequence in asked:
        one = stored[sequence][level * HASH_BYTES : (level + 1) * HASH_BYTES]
        if len(one) != HASH_BYTES:
            raise IndexError(sequence)
        found[level, sequence] = one
    return found
