"""What is done with data keys behind everybody's back: wrapped by the newest master, and shredded when destroyed.

Both are rounds (`vereda.rounds`): batch after batch while requests go on, and taken up again where they were left off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.models import DataKey, LegalDemand
from services.referrals.operations.vault import vault
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.keyring import Keyring
from vereda.keyring.document import UNVERSIONED
from vereda.keyring.opening import forget_former
from vereda.telemetry import logger

_BATCH: Final = 500
#: Longer than any process may go on with a keyring that it read, and any transaction with what it wrapped (`KEPT_S`).
_LATECOMERS: Final = timedelta(minutes=5)
#: Every table that holds something wrapped by the keyring.
_WRAPPED: Final[tuple[type[DataKey] | type[LegalDemand], ...]] = (DataKey, LegalDemand)
_log = logger("keys")


async def rewrap(context: RequestContext[Any]) -> int:
    """Wrap a batch of data keys by the newest master; when none is left, retire the masters before it.

    A master is retired when nothing in the database is wrapped by it, and no backup that is still kept can be: a backup
    from before that opens for nobody any more (`VEREDA_BACKUPS_KEPT_DAYS`).
    """
    keys = vault(context.settings)
    keyring, now = keys.provider, context.now.timestamp()
    newest = keyring.current(now)
    async with context.write() as session:
        rows = [row for table in _WRAPPED for row in await _left(session, table, newest.version)]
        done = 0
        for row in rows:
            wrapped = keys.rewrap(row)
            if wrapped is not None:
                row.wrapped, done = wrapped, done + 1
        mark_recorded(session)
        if done < len(rows):
            _log.error("data keys that do not open", rows=len(rows) - done)
    if not rows and context.now.timestamp() - newest.since >= _kept(context).total_seconds():
        await _retire(context, keyring, newest.version)
    return done


async def _left(
    session: AsyncSession, table: type[DataKey] | type[LegalDemand], newest: int
) -> Sequence[DataKey | LegalDemand]:
    """A batch of what an older master wrapped: served by the table's index on master_version."""
    found: Any = await session.scalars(
        select(table).where(table.master_version < newest).limit(_BATCH).with_for_update(skip_locked=True)
    )
    rows: Sequence[DataKey | LegalDemand] = found.all()
    return rows


def _kept(context: RequestContext[Any]) -> timedelta:
    """How long after the rise of a master the ones before it are still needed."""
    return max(timedelta(days=context.settings.backups_kept_days), _LATECOMERS)


async def _retire(context: RequestContext[Any], keyring: Keyring, newest: int) -> None:
    """Forget the masters before `newest`, unless a row that another transaction holds is still wrapped by one."""
    former = [one.version for one in keyring.masters if one.version < newest]
    if not former:
        return
    async with context.read() as session:
        for table in _WRAPPED:
            if await session.scalar(select(table.id).where(table.master_version < newest).limit(1)):
                return
    await vault(context.settings).keys.change(lambda ring: ring.retired(former))
    if UNVERSIONED in former:
        forget_former(context.settings)
    _log.info("master keys retired", versions=former)


async def shred(context: RequestContext[Any]) -> int:
    """Cut a batch of destroyed data keys out of the keyring: from then on no backup of theirs opens (R22).

    First the keyring, then the row that says so: who is interrupted in between cuts out again what is gone already.
    """
    async with context.write() as session:
        # Served by ix_data_keys_to_shred.
        destroyed = await session.scalars(
            select(DataKey.id)
            .where(DataKey.wrapped.is_(None), DataKey.shredded_at.is_(None))
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        ids = destroyed.all()
        if ids:
            await vault(context.settings).keys.change(lambda ring: ring.shredded(ids))
            await session.execute(update(DataKey).where(DataKey.id.in_(ids)).values(shredded_at=context.now))
            mark_recorded(session)
        return len(ids)
