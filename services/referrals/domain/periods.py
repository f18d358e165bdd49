"""The periods of reports: quarters and calendar years, in California's time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")
_QUARTER: Final = re.compile(r"(20\d\d)-Q([1-4])")
_YEAR: Final = re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter, `2026-Q3`, or a calendar year, `2026`. `end` is the moment after it."""

    name: str
    begin: datetime
    end: datetime


def period(name: str) -> Period | None:
    """The period of that name; None where it is no period's name."""
    if found := _QUARTER.fullmatch(name):
        year, first = int(found[1]), 3 * int(found[2]) - 2
        following = date(year + first // 10, first % 12 + 3 if first < 10 else 1, 1)
        return Period(name, _midnight(date(year, first, 1)), _midnight(following))
    if _YEAR.fullmatch(name):
        return Period(name, _midnight(date(int(name), 1, 1)), _midnight(date(int(name) + 1, 1, 1)))
    return None


def newest(now: datetime, *, yearly: bool, settled_after: timedelta) -> Period:
    """The newest period that ended at least `settled_after` before `now`."""
    year = now.astimezone(_BUSINESS_TIME).year
    names = [str(y) if yearly else f"{y}-Q{q}" for y in (year, year - 1, year - 2) for q in (4, 3, 2, 1)]
    periods = [found for name in names if (found := period(name)) and found.end + settled_after <= now]
    return max(periods, key=lambda one: one.end)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=_BUSINESS_TIME)
