"""When a delivery that failed is tried again, and when no more. Pure: time and chance are arguments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

#: How long to wait after the first failure, the second, and so on; from then on as long as after the last.
WAITS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 8 * 3600)
)
#: For so long a receiver may be away, and miss nothing.
TRIED_FOR: Final = timedelta(days=3)
#: What a receiver may ask us to wait (`Retry-After`, RFC 9110 §10.2.3).
LONGEST_ASKED: Final = timedelta(hours=1)
#: Waits are off their length by at most this share, so that who fell together is not tried together.
_JITTER: Final = 0.2


def wait(failures: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """How long to wait after `failures` of them without a success between. `chance`: from 0 to 1; `asked`: by the receiver."""
    length = WAITS[min(failures, len(WAITS)) - 1] * (1 - _JITTER + 2 * _JITTER * chance)
    return max(length, min(asked or timedelta(0), LONGEST_ASKED))


def given_up(failing_since: datetime, now: datetime) -> bool:
    return now - failing_since >= TRIED_FOR
