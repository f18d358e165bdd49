"""How referrals to services were answered: what policies/standings.sql gives back, and nothing finer (R31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

_STANDINGS: Final = text("SELECT * FROM service_standings(:services)").bindparams(
    bindparam("services", type_=ARRAY(Uuid()))
)


@dataclass(frozen=True, slots=True)
class Standing:
    """`accept_rate` and `median_days` (to first contact) are None where they would be of few.

    `declined_at`: the hour of the last of three referrals declined for want of room in ten days.
    """

    service_id: UUID
    accept_rate: float | None
    median_days: int | None
    above_share: bool
    declined_at: datetime | None


async def standings(session: AsyncSession, services: Sequence[UUID]) -> dict[UUID, Standing]:
    """Of each service that is asked for, whether there is one or not."""
    rows = await session.execute(_STANDINGS, {"services": sorted(set(services))})
    return {row.service_id: Standing(*row) for row in rows}
