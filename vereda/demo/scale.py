"""`vereda demo --scale`: as many referrals as a state has in a year, to see how the queries take it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final

from sqlalchemy import text

from vereda.caller import system_caller
from vereda.database import Database
from vereda.demo.network import COORDINATOR, build
from vereda.errors import OperatorError
from vereda.keyring import open_keys
from vereda.settings import Settings, database_url

#: Referrals for each client: 300,000 clients have 1,000,000.
EACH_CLIENT: Final = 10 / 3
_TOLD_EVERY_S: Final = 10


async def load(settings: Settings, referrals: int, tell: Callable[[str], None]) -> None:
    """Write so many more referrals into the demo network's database, each batch in a transaction of its own.

    Raises: OperatorError where nothing runs, or they are there already.
    """
    network, now = build(), datetime.now(UTC)
    part: Any = import_module("services.referrals.demo")
    models: Any = import_module("services.referrals.models")
    caller = system_caller(network.by_slug(COORDINATOR).id)
    database = Database(database_url("referrals"), pool_size=1, statement_timeout_s=600, name="vereda-demo")
    keys = open_keys(settings)
    await keys.refresh()
    numbers = range(part.REFERRALS, part.REFERRALS + referrals)
    try:
        async with database.transaction(caller) as session:
            if await session.get(models.Referral, part.referral_id(numbers.start)) is not None:
                raise OperatorError("The many referrals are there already.")
        begun = told = time.monotonic()
        written = 0
        for rows in part.batches(network, now, keys, numbers, EACH_CLIENT):
            async with database.transaction(caller) as session:
                await part.write(session, rows)
            written += len(rows.tables[models.Referral])
            if time.monotonic() - told > _TOLD_EVERY_S:
                told = time.monotonic()
                tell(f"{written:,} of {referrals:,} referrals after {told - begun:.0f} s")
        async with database.transaction(caller) as session:
            await session.execute(text("ANALYZE"))
        tell(f"{written:,} referrals in {time.monotonic() - begun:.0f} s.")
    finally:
        await database.close()
