"""How many places services have left, for many services at once: what `guards` asks under a lock before an acceptance."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.capacity import may_accept
from services.referrals.operations.guards import PLACE_FREE_AGAIN

_ROOM = text("""
SELECT asked AS service, report.offer_available AS available, (
    SELECT count(*) FROM referrals r WHERE r.service_id = asked AND r.accepted_at >= report.offer_reported_at
      AND r.state <> ALL (:free_again)) AS taken
FROM unnest(CAST(:services AS uuid[])) asked
CROSS JOIN LATERAL (
  SELECT offer_available, offer_reported_at FROM referrals r
  WHERE r.service_id = asked AND r.offer_reported_at IS NOT NULL ORDER BY r.offer_reported_at DESC LIMIT 1
) report
""")


async def have_room(session: AsyncSession, services: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether a place is left, by service, of those whose room is known: served by (service_id, state)."""
    free_again = [state.value for state in PLACE_FREE_AGAIN]
    rows = await session.execute(_ROOM, {"services": list(services), "free_again": free_again})
    return {row.service: may_accept(row.available, row.taken) for row in rows}
