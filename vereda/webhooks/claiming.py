"""Who delivers to which endpoint now: leases, so that replicas share the work and never send side by side to one.

A lease ends by itself: whoever lost its process or its connection is followed by another. One that took longer than its
lease moves nothing any more (`lease` in each statement), so that what was sent twice was at least sent in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.ids import new_id
from vereda.webhooks.sending import Sent
from vereda.webhooks.tables import WebhookProblem, WebhookState

#: Longer than one request may take, and what is read before it.
LEASE: Final = timedelta(seconds=45)
#: An answer that takes longer makes an endpoint a slow one until a quicker comes.
_SLOW_MS: Final = 2000

#: Served by ix_webhook_endpoints_due_at. An endpoint is behind where its feed ends elsewhere than where it was told of last.
_CLAIM: Final = text(
    """
    WITH due AS (
      SELECT e.id FROM webhook_endpoints e LEFT JOIN feed_heads h ON h.organization_id = e.organization_id
      WHERE (e.leased_until IS NULL OR e.leased_until <= :now) AND e.slow = :slow
        AND (e.test_id IS NOT NULL
          OR (e.state = 'ACTIVE' AND e.due_at <= :now AND coalesce(h.place, 0) <> e.place))
      ORDER BY e.due_at LIMIT :many FOR UPDATE OF e SKIP LOCKED)
    UPDATE webhook_endpoints e SET lease = :lease, leased_until = :until FROM due WHERE e.id = due.id
    RETURNING e.*
    """
)
#: The endpoint is locked before its log is written: it may be removed at this moment, and its log with it.
_SENT: Final = text(
    """
    WITH there AS MATERIALIZED (
      SELECT id, organization_id FROM webhook_endpoints WHERE id = :endpoint FOR NO KEY UPDATE),
    moved AS (
      UPDATE webhook_endpoints e SET cursor = :cursor, place = :place, failures = 0, failing_since = NULL, problem = NULL,
        slow = :slow, leased_until = :until
      FROM there WHERE e.id = there.id AND e.lease = :lease AND e.state = 'ACTIVE' RETURNING e.id),
    logged AS (
      INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, type, attempt, at, status, took_ms)
      SELECT :id, organization_id, id, :event, :type, :attempt, :at, :status, :took_ms FROM there)
    SELECT count(*) FROM moved
    """
)
_PASSED: Final = text(
    "UPDATE webhook_endpoints SET cursor = :cursor, place = :place, leased_until = :until"
    " WHERE id = :endpoint AND lease = :lease AND state = 'ACTIVE' RETURNING id"
)
_FAILED: Final = text(
    """
    WITH there AS MATERIALIZED (
      SELECT id, organization_id FROM webhook_endpoints WHERE id = :endpoint FOR NO KEY UPDATE),
    moved AS (
      UPDATE webhook_endpoints e SET failures = :attempt, failing_since = :since, problem = :problem, due_at = :due,
        slow = true, state = :state
      FROM there WHERE e.id = there.id AND e.lease = :lease AND e.state = 'ACTIVE' RETURNING e.id),
    logged AS (
      INSERT INTO webhook_deliveries
        (id, organization_id, endpoint_id, event_id, type, attempt, at, problem, status, took_ms, dead_letter)
      SELECT :id, organization_id, id, :event, :type, :attempt, :at, :problem, :status, :took_ms, :dead FROM there)
    SELECT count(*) FROM moved
    """
)
_TRIED: Final = text(
    """
    WITH done AS (
      UPDATE webhook_endpoints SET test_id = NULL WHERE id = :endpoint AND test_id = :id RETURNING organization_id)
    INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, type, attempt, at, problem, status, took_ms)
    SELECT :id, organization_id, :endpoint, :id, :type, 1, :at, :problem, :status, :took_ms FROM done
    """
)
_LOST: Final = text(
    "UPDATE webhook_endpoints SET state = 'STOPPED', problem = 'CURSOR_LOST', failing_since = :at"
    " WHERE id = :endpoint AND lease = :lease AND state = 'ACTIVE' RETURNING id"
)
_RELEASE: Final = text(
    "UPDATE webhook_endpoints SET lease = NULL, leased_until = NULL, due_at = greatest(due_at, :at)"
    " WHERE id = :endpoint AND lease = :lease"
)


@dataclass(slots=True)
class Claimed:
    """An endpoint as it was when its lease was taken, and how far it has been told since."""

    id: UUID
    organization_id: UUID
    lease: UUID
    url: str
    types: list[str]
    secret: bytes
    former_secret: bytes | None
    former_until: datetime | None
    active: bool
    cursor: str
    failures: int
    failing_since: datetime | None
    test_id: UUID | None


async def claim(session: AsyncSession, now: datetime, many: int, *, slow: bool) -> list[Claimed]:
    """Take the leases of the next endpoints that there is something to send to; `slow`: of those that are, or fail."""
    lease = new_id()
    given = {"now": now, "many": many, "slow": slow, "lease": lease, "until": now + LEASE}
    return [
        Claimed(
            row.id,
            row.organization_id,
            lease,
            row.url,
            row.types,
            row.secret,
            row.former_secret,
            row.former_until,
            row.state == WebhookState.ACTIVE and row.due_at <= now,
            row.cursor,
            row.failures,
            row.failing_since,
            row.test_id,
        )
        for row in await session.execute(_CLAIM, given)
    ]


async def sent(
    session: AsyncSession,
    to: Claimed,
    now: datetime,
    came: Sent,
    event: UUID,
    type_: str,
    cursor: str,
    place: int,
) -> bool:
    """Move on past an event that arrived; whether the lease still holds."""
    moved = await session.scalar(
        _SENT,
        {
            **_logged(to, now, came, event, type_),
            "attempt": to.failures + 1,
            "cursor": cursor,
            "place": place,
            "slow": came.took_ms > _SLOW_MS,
            "lease": to.lease,
            "until": now + LEASE,
        },
    )
    to.cursor, to.failures, to.failing_since = cursor, 0, None
    return bool(moved)


async def passed(session: AsyncSession, to: Claimed, now: datetime, cursor: str, place: int) -> bool:
    """Move on past what is not wanted here, or may not be known; whether the lease still holds."""
    given = {"cursor": cursor, "place": place, "endpoint": to.id, "lease": to.lease, "until": now + LEASE}
    to.cursor = cursor
    return (await session.execute(_PASSED, given)).first() is not None


async def failed(
    session: AsyncSession,
    to: Claimed,
    now: datetime,
    came: Sent,
    event: UUID,
    type_: str,
    due: datetime,
    *,
    dead: bool,
) -> bool:
    """Wait until `due`, or stop where the event is a `dead` letter; whether the lease still held."""
    state = WebhookState.STOPPED if dead else WebhookState.ACTIVE
    moved = await session.scalar(
        _FAILED,
        {
            **_logged(to, now, came, event, type_),
            "attempt": to.failures + 1,
            "since": to.failing_since or now,
            "due": due,
            "state": state.value,
            "dead": dead,
            "lease": to.lease,
            "problem": _code(came.problem),
        },
    )
    return bool(moved)


async def tried(session: AsyncSession, to: Claimed, now: datetime, came: Sent, type_: str) -> None:
    """Enter what came of a trial."""
    given = _logged(to, now, came, to.id, type_) | {"id": to.test_id, "problem": _code(came.problem)}
    del given["event"]
    await session.execute(_TRIED, given)


async def lost(session: AsyncSession, to: Claimed, now: datetime) -> bool:
    """Stop an endpoint whose place its feed does not have any more."""
    given = {"endpoint": to.id, "lease": to.lease, "at": now}
    return (await session.execute(_LOST, given)).first() is not None


async def release(session: AsyncSession, to: Claimed, now: datetime) -> None:
    """Give the lease back; others that are due are before it now."""
    await session.execute(_RELEASE, {"endpoint": to.id, "lease": to.lease, "at": now})


def _logged(to: Claimed, now: datetime, came: Sent, event: UUID, type_: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "endpoint": to.id,
        "event": event,
        "type": type_,
        "at": now,
        "status": came.status,
        "took_ms": came.took_ms,
    }


def _code(problem: WebhookProblem | None) -> str | None:
    return problem.value if problem is not None else None
