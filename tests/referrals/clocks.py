"""The clocks' bells, rung at a time of the test's own, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.referrals.models import OutboxEvent, Referral
from services.referrals.operations.ringing import ring
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import Round, make
from vereda.settings import Settings


async def rung(database: Database, settings: Settings, at: datetime) -> int:
    """Ring what is due at `at`; how many bells rang."""
    done = await make(Round(f"clocks {new_id()}", 1, ring), database, settings, lambda: at)
    assert done is not None
    return done


async def heard(database: Database, by: Caller, referral: str) -> list[str]:
    """What an organisation was told of a referral, in order."""
    wanted = (
        select(OutboxEvent.type)
        .where(OutboxEvent.subject == referral, OutboxEvent.audience.contains([by.organization]))
        .order_by(OutboxEvent.sequence)
    )
    async with database.transaction(by) as session:
        return [one.removeprefix("org.vereda.referral.") for one in await session.scalars(wanted)]


async def row_of(database: Database, referral: str) -> Referral:
    async with database.transaction(system_caller(new_id())) as session:
        return await session.get_one(Referral, UUID(referral))


async def put(database: Database, referral: str, **values: Any) -> None:
    """Change a row as only the test can: to make time pass."""
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Referral, UUID(referral))
        for name, value in values.items():
            setattr(row, name, value)
