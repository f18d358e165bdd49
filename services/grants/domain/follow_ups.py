"""Asking again: half a year and a year after a training was completed, what came of it, by the participant's own word."""

from __future__ import annotations

import calendar
from datetime import date
from enum import StrEnum
from typing import Final

#: After so many months.
MONTHS: Final = (6, 12)


class FollowUpOutcome(StrEnum):
    IN_BUSINESS = "IN_BUSINESS"
    NOT_STARTED = "NOT_STARTED"
    CLOSED = "CLOSED"
    EMPLOYED = "EMPLOYED"
    NOT_REACHED = "NOT_REACHED"


def due_on(completed: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is shorter."""
    year, month = divmod(completed.year * 12 + completed.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(completed.day, last))
