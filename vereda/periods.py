"""The periods that figures are of: months, quarters and calendar years, in California's time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")
_NAME: Final = re.compile(r"(20\d\d)(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
#: How many periods a series holds at most: three years of months.
LONGEST_SERIES: Final = 36


class PeriodKind(StrEnum):
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


_MONTHS: Final = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A month, `2026-08`, a quarter, `2026-Q3`, or a calendar year, `2026`. `end` is the moment after it."""

    name: str
    begin: datetime
    end: datetime

    @property
    def kind(self) -> PeriodKind:
        if len(self.name) == 4:
            return PeriodKind.YEAR
        return PeriodKind.QUARTER if "Q" in self.name else PeriodKind.MONTH

    @property
    def first(self) -> date:
        return self.begin.date()

    @property
    def last(self) -> date:
        return self.end.date() - timedelta(days=1)

    @property
    def year(self) -> int:
        return self.begin.year

    def parts(self, kind: PeriodKind) -> tuple[Period, ...]:
        """The periods of `kind` that it is made of, the first first: itself alone where it is of that kind.

        Raises: ValueError where `kind` is the longer one.
        """
        step, months = _MONTHS[kind], _MONTHS[self.kind]
        if months < step:
            raise ValueError(f"a {self.kind} is not made of {kind}s")
        return tuple(_of(kind, self.begin.year, self.begin.month + by) for by in range(0, months, step))

    def before(self, many: int) -> Period:
        """The period of the same kind that lies so many before it; after it, where negative."""
        return _of(self.kind, self.begin.year, self.begin.month - many * _MONTHS[self.kind])


def period(name: str) -> Period | None:
    """The period of that name; None where it is no period's name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    year, quarter, month = found.groups()
    if quarter:
        return _of(PeriodKind.QUARTER, int(year), 3 * int(quarter) - 2)
    if month:
        return _of(PeriodKind.MONTH, int(year), int(month))
    return _of(PeriodKind.YEAR, int(year), 1)


def series(first: str, last: str) -> tuple[Period, ...] | None:
    """The periods of one kind from `first` to `last`, both included; None where that is none, or too long a row."""
    begin, end = period(first), period(last)
    if begin is None or end is None or begin.kind is not end.kind or begin.begin > end.begin:
        return None
    found = []
    for by in range(LONGEST_SERIES):
        found.append(begin.before(-by))
        if found[-1] == end:
            return tuple(found)
    return None


def holding(now: datetime, kind: PeriodKind) -> Period:
    """The period of that kind in which `now` is."""
    today = now.astimezone(BUSINESS_TIME)
    months = _MONTHS[kind]
    return _of(kind, today.year, (today.month - 1) // months * months + 1)


def settled(now: datetime, kind: PeriodKind, after: timedelta) -> Iterator[Period]:
    """The periods that ended at least `after` before `now`, the newest first, without end."""
    one = holding(now, kind)
    while True:
        if one.end + after <= now:
            yield one
        one = one.before(1)


def newest(now: datetime, *, yearly: bool, settled_after: timedelta) -> Period:
    """The newest quarter, or year, that ended at least `settled_after` before `now`."""
    return next(settled(now, PeriodKind.YEAR if yearly else PeriodKind.QUARTER, settled_after))


def _of(kind: PeriodKind, year: int, month: int) -> Period:
    """The period of `kind` that begins with that month; months before 1 and after 12 are of other years."""
    begin, end = _month(year, month), _month(year, month + _MONTHS[kind])
    if kind is PeriodKind.YEAR:
        name = f"{begin.year}"
    elif kind is PeriodKind.QUARTER:
        name = f"{begin.year}-Q{begin.month // 3 + 1}"
    else:
        name = f"{begin.year}-{begin.month:02d}"
    return Period(name, begin, end)


def _month(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=BUSINESS_TIME)
