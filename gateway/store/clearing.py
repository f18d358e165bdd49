"""Rows whose time is over go a few at a time, with the writes that add new ones: no table grows for ever, and no job has
to run."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

_AT_ONCE: Final = 100


async def clear(
    session: AsyncSession,
    key: InstrumentedAttribute[Any],
    *over: ColumnElement[bool],
    at_once: int = _AT_ONCE,
) -> None:
    """Delete rows of the table whose primary key is `key` for which all of `over` is true, at most `at_once`.

    Rows that another transaction is at are left to it. The index is that of what `over` asks about.
    """
    some = select(key).where(*over).limit(at_once).with_for_update(skip_locked=True)
    await session.execute(delete(key.class_).where(key.in_(some)))
