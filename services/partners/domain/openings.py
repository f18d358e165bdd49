"""When a service is open: from schedules as HSDS has them (recurrence parts of RFC 5545, local time) to spans of time.

Federal holidays (5 U.S.C. 6103) are closed, unless hours are given for that day alone. A schedule that cannot be read
opens nothing: who reads "open now" goes there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

TIME_ZONE: Final = ZoneInfo("America/Los_Angeles")
#: From where "every other week" counts when a schedule does not say: a Monday.
_ANCHOR: Final = date(2024, 1, 1)
#: (month, day): on a Saturday it is kept on the Friday before, on a Sunday on the Monday after.
_FIXED: Final = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
#: (month, weekday, which one in the month; -1 the last).
_FLOATING: Final = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))
_FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """One schedule. `closes_at` not after `opens_at` is of the next day."""

    opens_at: time | None
    closes_at: time | None
    freq: str | None = None
    interval: int | None = None
    byday: str | None = None
    bymonthday: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def for_one_day(self) -> bool:
        return self.valid_from is not None and self.valid_from == self.valid_to


@cache
def holidays(year: int) -> frozenset[date]:
    """The federal holidays of a year, as they are kept."""
    found = {_kept(date(year, month, day)) for month, day in _FIXED}
    found |= {_nth(year, *floating) for floating in _FLOATING}
    # New Year's Day of the next year may be kept on the last day of this one.
    return frozenset(day for day in found | {_kept(date(year + 1, 1, 1))} if day.year == year)


def _kept(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth < 0:
        last = date(year, month + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def is_holiday(day: date) -> bool:
    return day in holidays(day.year)


def openings(schedules: Iterable[Hours], first: date, days: int) -> tuple[Span, ...]:
    """The spans, in UTC, that begin on `first` or one of the `days - 1` days after it; none touch or overlap."""
    spans = sorted(
        span for hours in schedules for span in _spans(hours, first, first + timedelta(days=days - 1))
    )
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return tuple(joined)


def _spans(hours: Hours, first: date, last: date) -> Iterable[Span]:
    opens, closes = hours.opens_at, hours.closes_at
    if opens is None or closes is None:
        return
    for day in _days(hours, first, last):
        if is_holiday(day) and not hours.for_one_day:
            continue
        ends_on = day if closes > opens else day + timedelta(days=1)
        begin = datetime.combine(day, opens, TIME_ZONE).astimezone(UTC)
        end = datetime.combine(ends_on, closes, TIME_ZONE).astimezone(UTC)
        if begin < end:  # an hour that the clocks leave out may leave nothing
            yield begin, end


def _days(hours: Hours, first: date, last: date) -> Iterable[date]:
    begin = max(first, hours.valid_from or first)
    end = min(last, hours.valid_to or last)
    if begin > end:
        return ()
    if hours.for_one_day:
        return (begin,)
    rule = _rule(hours)
    if rule is None:
        return ()
    start = datetime.combine(hours.valid_from or _ANCHOR, time())
    try:
        found = rrulestr(rule, dtstart=start)
    except ValueError:
        return ()
    between = found.between(datetime.combine(begin, time()), datetime.combine(end, time()), inc=True)
    return [one.date() for one in between]


def _rule(hours: Hours) -> str | None:
    """The rule as RFC 5545 writes it; days alone are of each week."""
    freq = (hours.freq or ("WEEKLY" if hours.byday else "")).upper()
    if freq not in _FREQUENCIES:
        return None
    parts = {
        "FREQ": freq,
        "INTERVAL": str(hours.interval) if hours.interval and hours.interval > 1 else None,
        "BYDAY": hours.byday.replace(" ", "").upper() if hours.byday else None,
        "BYMONTHDAY": hours.bymonthday.replace(" ", "") if hours.bymonthday else None,
    }
    return ";".join(f"{name}={value}" for name, value in parts.items() if value)
