"""By when the next step is due (DOMAIN 4.3, clocks), in business days of California."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.referrals.domain.lifecycle import State

_BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")


class Urgency(StrEnum):
    """An emergency is not a referral: call 911 or 988."""

    ROUTINE = "ROUTINE"
    SOON = "SOON"
    URGENT = "URGENT"


#: Business days until the next step is due.
_DUE: Final = {
    State.SENT: 2,
    State.CONFLICT_CHECK: 2,
    State.IN_REVIEW: 2,
    State.INFO_REQUESTED: 5,
    State.ACCEPTED: 5,
}
_DUE[State.REDIRECT_OFFERED] = 5
_DUE_URGENT: Final = {**_DUE, State.SENT: 1, State.CONFLICT_CHECK: 1, State.IN_REVIEW: 1, State.ACCEPTED: 1}
#: Days until a waiting place or a running service must be confirmed again.
_HEARTBEAT_DAYS: Final = 30
_HEARTBEAT: Final = frozenset({State.WAITLISTED, State.IN_SERVICE, State.ON_HOLD})


def due_at(state: State, since: datetime, urgency: Urgency) -> datetime | None:
    """When something is due in `state`, entered at `since`; None where no clock runs."""
    if state in _HEARTBEAT:
        return since + timedelta(days=_HEARTBEAT_DAYS)
    days = (_DUE_URGENT if urgency is Urgency.URGENT else _DUE).get(state)
    return add_business_days(since, days) if days is not None else None


def add_business_days(since: datetime, days: int) -> datetime:
    """The same time of day, `days` business days later."""
    moment = since.astimezone(_BUSINESS_TIME)
    while days > 0:
        moment += timedelta(days=1)
        if is_business_day(moment.date()):
            days -= 1
    return moment.astimezone(since.tzinfo)


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in federal_holidays(day.year)


def federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays (5 U.S.C. 6103) of a year, moved from weekends as they are observed."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    moving = [
        _nth_weekday(year, 1, 0, 3),
        _nth_weekday(year, 2, 0, 3),
        _last_monday_of_may(year),
        _nth_weekday(year, 9, 0, 1),
        _nth_weekday(year, 10, 0, 2),
        _nth_weekday(year, 11, 3, 4),
    ]
    return frozenset([*map(_observed, fixed), *moving])


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())
