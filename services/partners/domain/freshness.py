"""How old a record's verification may be: when it is stale, when its owner is reminded, how much less it counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

#: Days after which a record that nobody looked over is stale.
STALE_AFTER_DAYS: Final = 180
#: Days after which its owner is reminded: before it is stale, when it is, and when a year has gone.
REMINDED_AFTER_DAYS: Final = (150, 180, 365)
#: (days, factor): verified within so many days, it counts in the ranking of a search as much; beyond the last, as that.
FALLS: Final = ((180, 1.0), (365, 0.7), (100_000, 0.5))


def is_stale(verified_at: datetime | None, now: datetime) -> bool:
    return verified_at is None or now - verified_at > timedelta(days=STALE_AFTER_DAYS)


def due_reminder(verified_at: datetime, now: datetime) -> int | None:
    """The last reminder, in days, that has come due; None before the first."""
    return max(
        (days for days in REMINDED_AFTER_DAYS if now - verified_at > timedelta(days=days)), default=None
    )
