"""The rounds of the feed: giving events their places, and letting go of what was kept long enough.

Places are given after the fact, by one process at a time, because numbers that transactions take for themselves do not
come to light in their order: a reader would go past one that is still to be committed, and never see it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.feed.policies import GROWN, WAITING
from vereda.idempotency import mark_recorded
from vereda.rounds import NOBODY, Round

_BATCH: Final = 500
#: Where a notification was lost, with the connection that it was to come by, events wait no longer than this.
_NUMBER_EVERY_S: Final = 1.0
_FORGET_EVERY_S: Final = 3600.0

#: Each event gets the next place in the feed of everybody in its audience; `NOBODY`, in whose name rounds act, has none.
_NUMBER: Final = text(
    """
    WITH waiting AS (
      DELETE FROM feed_queue WHERE event_sequence IN (SELECT event_sequence FROM feed_queue ORDER BY event_sequence LIMIT :many)
      RETURNING event_sequence),
    told AS (
      SELECT DISTINCT e.sequence, e.id, who AS organization_id
      FROM waiting w JOIN outbox_events e ON e.sequence = w.event_sequence,
        LATERAL unnest(e.audience) who
      WHERE who <> :nobody),
    numbered AS (
      SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY sequence) AS nth FROM told),
    grown AS (
      INSERT INTO feed_heads AS h (organization_id, place) SELECT organization_id, count(*) FROM told GROUP BY 1 ORDER BY 1
      ON CONFLICT (organization_id) DO UPDATE SET place = h.place + excluded.place
      RETURNING organization_id, place),
    placed AS (
      INSERT INTO feed_entries (organization_id, place, event_id)
      SELECT n.organization_id, g.place - count(*) OVER (PARTITION BY n.organization_id) + n.nth, n.id
      FROM numbered n JOIN grown g ON g.organization_id = n.organization_id),
    woken AS (SELECT pg_notify(:grown, organization_id::text) FROM grown)
    SELECT (SELECT count(*) FROM waiting), (SELECT count(*) FROM woken)
    """
)
#: The newest entry of a feed stays, whatever its age: readers at the end of it are not behind.
_FORGET: Final = text(
    """
    WITH old AS (
      SELECT f.organization_id, f.place FROM feed_entries f JOIN feed_heads h ON h.organization_id = f.organization_id
      WHERE f.numbered_at < :until AND f.place < h.place ORDER BY f.numbered_at LIMIT :many),
    gone AS (
      DELETE FROM feed_entries f USING old o WHERE f.organization_id = o.organization_id AND f.place = o.place
      RETURNING f.event_id)
    SELECT count(*), array_agg(DISTINCT event_id) FROM gone
    """
)
_FORGET_EVENTS: Final = text(
    "DELETE FROM outbox_events e WHERE e.id = ANY (CAST(:events AS uuid[]))"
    " AND NOT EXISTS (SELECT FROM feed_entries f WHERE f.event_id = e.id)"
)


def feed_rounds() -> tuple[Round, ...]:
    return (
        Round("feed", _NUMBER_EVERY_S, number, wakes_on=WAITING),
        Round("forget old events", _FORGET_EVERY_S, forget),
    )


async def number(context: RequestContext[Any]) -> int:
    """Give the next events that wait their places; how many they were."""
    async with context.write() as session:
        await take_turns(session, "feed")
        given = {"many": _BATCH, "nobody": NOBODY, "grown": GROWN}
        handled: int = (await session.execute(_NUMBER, given)).one()[0]
        mark_recorded(session)
        return handled


async def forget(context: RequestContext[Any]) -> int:
    """Let go of the places of events that are kept no longer, and of events that have no place left; how many places."""
    until = context.now - timedelta(days=context.settings.events_kept_days)
    async with context.write() as session:
        handled, events = (await session.execute(_FORGET, {"until": until, "many": _BATCH})).one()
        if handled:
            await session.execute(_FORGET_EVENTS, {"events": events})
        mark_recorded(session)
        return int(handled)
