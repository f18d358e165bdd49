"""Waiting lists: everybody's place kept as it is, and whoever is next told to the recipient when a place is free."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from services.referrals.domain.tasks import TaskKind
from services.referrals.events import tell
from services.referrals.models import Referral
from services.referrals.operations.guards import PLACE_FREE_AGAIN
from services.referrals.operations.history import open_task
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded

_BATCH: Final = 200
#: Places as they are counted now, where that is not what is stored. Whoever waits is moved by its own row's lock.
_MOVED_UP: Final = text("""
WITH counted AS (
  SELECT id, row_number() OVER (PARTITION BY service_id ORDER BY waitlisted_at, id) AS place
  FROM referrals WHERE state = 'WAITLISTED'
), wrong AS (
  SELECT r.id, c.place FROM referrals r JOIN counted c ON c.id = r.id
  WHERE r.waiting_place IS DISTINCT FROM c.place ORDER BY r.id LIMIT :batch FOR UPDATE OF r SKIP LOCKED
)
UPDATE referrals SET waiting_place = wrong.place FROM wrong WHERE referrals.id = wrong.id
RETURNING referrals.id
""")
#: Whoever is the next to wait for a service of which a place is known to be free, and was not told to the recipient yet.
_NEXT: Final = text("""
SELECT first.id FROM (
  SELECT DISTINCT ON (service_id) id, service_id FROM referrals
  WHERE state = 'WAITLISTED' ORDER BY service_id, waitlisted_at, id
) first
CROSS JOIN LATERAL (
  SELECT offer_available, offer_reported_at FROM referrals r
  WHERE r.service_id = first.service_id AND r.offer_reported_at IS NOT NULL
  ORDER BY r.offer_reported_at DESC LIMIT 1
) report
WHERE report.offer_available > (
    SELECT count(*) FROM referrals r WHERE r.service_id = first.service_id
      AND r.accepted_at >= report.offer_reported_at AND r.state <> ALL (:free_again))
  AND NOT EXISTS (SELECT FROM tasks t WHERE t.referral_id = first.id AND t.kind = 'PROMOTE' AND t.closed_at IS NULL)
ORDER BY first.id LIMIT :batch
""")


async def move_up(context: RequestContext[Any]) -> int:
    """Store the places of those who wait, where they have changed. Returns how many."""
    async with context.write() as session:
        moved = (await session.execute(_MOVED_UP, {"batch": _BATCH})).all()
        mark_recorded(session)
    return len(moved)


async def promote(context: RequestContext[Any]) -> int:
    """Tell recipients of whoever is the next to wait, where a place is free: a task, and an event. Returns how many."""
    free_again = [state.value for state in PLACE_FREE_AGAIN]
    async with context.write() as session:
        found = await session.scalars(_NEXT, {"batch": _BATCH, "free_again": free_again})
        rows = [await session.get_one(Referral, id_) for id_ in found]
        for row in rows:
            assert row.recipient_id is not None  # whoever put it on the waiting list
            await open_task(session, context, row, row.recipient_id, TaskKind.PROMOTE)
            about = {"referral": str(row.id)}
            tell(session, context.caller, "referral.next_in_line", row.id, [row.recipient_id], **about)
        mark_recorded(session)
    return len(rows)
