"""What is done with data keys behind everybody's back: wrapped by the newest master, and shredded when destroyed.

Both are rounds (`vereda.rounds`) of each service that seals, over its own tables: batch after batch while requests go on, and
taken up again where they were left off. A table has `id`, `wrapped` and `master_version`; of one whose keys are destroyed,
`destroyed_at` and `shredded_at` as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.keyring.document import UNVERSIONED, Keyring
from vereda.keyring.keeping import Keys
from vereda.keyring.opening import forget_former
from vereda.telemetry import logger

_BATCH: Final = 500
#: Longer than any process may go on with a keyring that it read, and any transaction with what it wrapped (`KEPT_S`).
_LATECOMERS: Final = timedelta(minutes=5)
_log = logger("keys")


async def rewrap(
    context: RequestContext[Any],
    keys: Keys,
    tables: Sequence[Any],
    rewrapped: Callable[[Any], bytes | None],
) -> int:
    """Wrap a batch of data keys by the newest master; when none is left, retire the masters before it.

    A master is retired when nothing in the database is wrapped by it, and no backup that is still kept can be: a backup
    from before that opens for nobody any more (`VEREDA_BACKUPS_KEPT_DAYS`). `tables`: all that hold something wrapped by
    this keyring. `rewrapped`: a row's data key, wrapped anew; None where it does not open, as it did not before.
    """
    keyring, now = keys.current(), context.now.timestamp()
    newest = keyring.current(now)
    async with context.write() as session:
        rows = [row for table in tables for row in await _left(session, table, newest.version)]
        done = 0
        for row in rows:
            wrapped = rewrapped(row)
            if wrapped is not None:
                row.wrapped, done = wrapped, done + 1
        mark_recorded(session)
        if done < len(rows):
            _log.error("data keys that do not open", rows=len(rows) - done)
    if not rows and context.now.timestamp() - newest.since >= _kept(context).total_seconds():
        await _retire(context, keys, tables, keyring, newest.version)
    return done


async def _left(session: AsyncSession, table: Any, newest: int) -> Sequence[Any]:
    """A batch of what an older master wrapped: served by the table's index on master_version."""
    found = await session.scalars(
        select(table).where(table.master_version < newest).limit(_BATCH).with_for_update(skip_locked=True)
    )
    return found.all()


def _kept(context: RequestContext[Any]) -> timedelta:
    """How long after the rise of a master the ones before it are still needed."""
    return max(timedelta(days=context.settings.backups_kept_days), _LATECOMERS)


async def _retire(
    context: RequestContext[Any], keys: Keys, tables: Sequence[Any], keyring: Keyring, newest: int
) -> None:
    """Forget the masters before `newest`, unless a row that another transaction holds is still wrapped by one."""
    former = [one.version for one in keyring.masters if one.version < newest]
    if not former:
        return
    async with context.read() as session:
        for table in tables:
            if await session.scalar(select(table.id).where(table.master_version < newest).limit(1)):
                return
    await keys.change(lambda ring: ring.retired(former))
    if UNVERSIONED in former:
        forget_former(context.settings)
    _log.info("master keys retired", versions=former)


async def shred(context: RequestContext[Any], keys: Keys, table: Any) -> int:
    """Cut a batch of destroyed data keys out of the keyring: from then on no backup of theirs opens (R22).

    First the keyring, then the row that says so: who is interrupted in between cuts out again what is gone already. Served by
    the table's partial index on what is to be shredded.
    """
    async with context.write() as session:
        destroyed = await session.scalars(
            select(table.id)
            .where(table.wrapped.is_(None), table.shredded_at.is_(None))
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        ids = destroyed.all()
        if ids:
            await keys.change(lambda ring: ring.shredded(ids))
            await session.execute(update(table).where(table.id.in_(ids)).values(shredded_at=context.now))
            mark_recorded(session)
        return len(ids)
