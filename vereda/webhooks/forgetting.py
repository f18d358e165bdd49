"""The round that lets go of the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.rounds import Round

_BATCH: Final = 1000
_EVERY_S: Final = 3600.0
#: Served by ix_webhook_deliveries_at. What an endpoint is stopped at stays as long as that.
_FORGET: Final = text(
    """
    WITH old AS (
      SELECT d.id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
      WHERE d.at < :until AND NOT (d.dead_letter AND e.state = 'STOPPED') ORDER BY d.at LIMIT :many)
    DELETE FROM webhook_deliveries d USING old WHERE d.id = old.id
    """
)


def webhook_rounds() -> tuple[Round, ...]:
    return (Round("forget webhook deliveries", _EVERY_S, forget),)


async def forget(context: RequestContext[Any]) -> int:
    """Let go of entries that are kept no longer; how many."""
    until = context.now - timedelta(days=context.settings.webhook_log_days)
    async with context.write() as session:
        gone = await session.execute(_FORGET, {"until": until, "many": _BATCH})
        mark_recorded(session)
        return int(gone.rowcount)  # type: ignore[attr-defined]
