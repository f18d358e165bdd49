"""When partners work: business days and hours of California, less the federal holidays and a partner's own.

Two kinds of business time run here. A business day is 24 hours on days that are worked: two business days after Friday
15:00 is Tuesday 15:00. Business hours run only while a partner is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

_BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")
_DAY: Final = timedelta(days=1)
#: No span of ours is longer: a calendar without a day that is worked would otherwise be walked for ever.
_LONGEST_WALK: Final = 3660


class Unit(StrEnum):
    BUSINESS_HOURS = "BUSINESS_HOURS"
    BUSINESS_DAYS = "BUSINESS_DAYS"
    DAYS = "DAYS"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as partners agree on it: 4 business hours, 2 business days, 30 days."""

    count: int
    unit: Unit


def business_days(count: int) -> Span:
    return Span(count, Unit.BUSINESS_DAYS)


def business_hours(count: int) -> Span:
    return Span(count, Unit.BUSINESS_HOURS)


def days(count: int) -> Span:
    return Span(count, Unit.DAYS)


class EndlessHolidayError(ValueError):
    """A calendar has no day that is worked."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A partner's: `holidays` are its own, on top of the federal ones; local times of California."""

    holidays: frozenset[date] = frozenset()
    opens: time = time(8)
    closes: time = time(17)

    def works_on(self, day: date) -> bool:
        return day.weekday() < 5 and day not in federal_holidays(day.year) and day not in self.holidays

    def after(self, since: datetime, span: Span) -> datetime:
        """The moment `span` after `since`. Raises: EndlessHolidayError."""
        if span.unit is Unit.DAYS:
            return since + timedelta(days=span.count)
        hours = span.unit is Unit.BUSINESS_HOURS
        left = timedelta(hours=span.count) if hours else timedelta(days=span.count)
        begin = _local(since)
        for day in _days_from(begin.date(), 1):
            start, end = self._open(day, hours=hours)
            start = max(start, begin)
            if start <= end and left <= end - start:
                return _instant(start + left, since)
            left -= max(end - start, timedelta())
        raise EndlessHolidayError

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """How much business-day time lies between the two."""
        begin, finish = _local(start), _local(end)
        total, day = timedelta(), begin.date()
        while day <= finish.date():
            opened, closed = self._open(day, hours=False)
            total += max(min(closed, finish) - max(opened, begin), timedelta())
            day += _DAY
        return total

    def resumed(self, start: datetime, held: datetime, now: datetime) -> datetime:
        """Where a clock that began at `start` and was held at `held` would have begun, to stand now as it stood then.

        Raises: EndlessHolidayError.
        """
        left, finish = self.worked(start, held), _local(now)
        for day in _days_from(finish.date(), -1):
            opened, closed = self._open(day, hours=False)
            closed = min(closed, finish)
            if opened <= closed and left <= closed - opened:
                return _instant(closed - left, now)
            left -= max(closed - opened, timedelta())
        raise EndlessHolidayError

    def _open(self, day: date, *, hours: bool) -> tuple[datetime, datetime]:
        """From when to when business time runs on a day, the end excluded; nothing on one that is not worked."""
        midnight = datetime.combine(day, time())
        if not self.works_on(day):
            return midnight, midnight - _DAY  # ends before it starts: no moment lies in it
        if hours:
            return datetime.combine(day, self.opens), datetime.combine(day, self.closes)
        return midnight, midnight + _DAY


#: Of whoever said nothing else.
FEDERAL: Final = Calendar()


def _days_from(day: date, step: int) -> Iterator[date]:
    return (day + step * number * _DAY for number in range(_LONGEST_WALK))


def _local(moment: datetime) -> datetime:
    """The time on the wall: business time is counted there, across the change of the clocks too."""
    return moment.astimezone(_BUSINESS_TIME).replace(tzinfo=None)


def _instant(wall: datetime, like: datetime) -> datetime:
    return wall.replace(tzinfo=_BUSINESS_TIME).astimezone(like.tzinfo)


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays (5 U.S.C. 6103) as they are observed in `year`, moved from weekends."""
    fixed = [
        date(y, m, d) for y in (year, year + 1) for m, d in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
    ]
    moving = [
        _nth_weekday(year, 1, 0, 3),
        _nth_weekday(year, 2, 0, 3),
        _last_monday_of_may(year),
        _nth_weekday(year, 9, 0, 1),
        _nth_weekday(year, 10, 0, 2),
        _nth_weekday(year, 11, 3, 4),
    ]
    # The first of January of next year may be observed on the last of December of this one.
    return frozenset(day for day in [*map(_observed, fixed), *moving] if day.year == year)


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())
