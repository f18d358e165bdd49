"""When a cohort meets: a recurrence rule (RFC 5545 §3.3.10), read in the local time of the network, less days that are off.

Of the rules that the RFC knows only those are taken that a course needs, by days and weeks: a rule such as "the 31st of
February" finds nothing, and searches for it for thousands of years.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

#: A session is at six in the evening in winter and in summer.
LOCAL_TIME: Final = ZoneInfo("America/Los_Angeles")
MOST_SESSIONS: Final = 200
_WEEKDAY: Final = "(?:MO|TU|WE|TH|FR|SA|SU)"
_PARTS: Final = {
    "FREQ": re.compile("WEEKLY|DAILY"),
    "INTERVAL": re.compile("[1-9][0-9]?"),
    "COUNT": re.compile("[1-9][0-9]{0,2}"),
    "UNTIL": re.compile("[0-9]{8}"),
    "BYDAY": re.compile(f"{_WEEKDAY}(?:,{_WEEKDAY}){{0,6}}"),
    "WKST": re.compile("MO|SU"),
}


class SessionMode(StrEnum):
    IN_PERSON = "IN_PERSON"
    REMOTE = "REMOTE"
    HYBRID = "HYBRID"


class SessionStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


class RuleError(ValueError):
    """A recurrence rule that is not taken; its words say what is, and repeat nothing of it."""


def occurrences(
    rule: str, first: date, last: date, at: time, without: Collection[date] = ()
) -> tuple[datetime, ...]:
    """The beginnings of the sessions from `first` to `last`, both included, in UTC and in their order.

    `rule`: such as `FREQ=WEEKLY;BYDAY=TU,TH`. `COUNT` counts days that are off, as the RFC has it of EXDATE.
    `at`: local time. `without`: days on which there is none.

    Raises: RuleError.
    """
    parts = _parts(rule)
    until = _day(parts.pop("UNTIL")) if "UNTIL" in parts else last
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    end = datetime.combine(min(until, last), time.max)
    found = takewhile(lambda one: one <= end, rrulestr(text, dtstart=datetime.combine(first, at)))
    days = [one for one in found if one.date() not in without]
    if not days:
        raise RuleError("leaves no day within the cohort's dates")
    if len(days) > MOST_SESSIONS:
        raise RuleError(f"makes more than {MOST_SESSIONS} sessions")
    return tuple(one.replace(tzinfo=LOCAL_TIME).astimezone(UTC) for one in days)


def _parts(rule: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in rule.split(";")]
    parts = {name: value for name, _, value in pairs}
    known = all(name in _PARTS and _PARTS[name].fullmatch(value) for name, _, value in pairs)
    if not known or len(parts) < len(pairs) or "FREQ" not in parts or {"COUNT", "UNTIL"} <= parts.keys():
        names = ", ".join(f"`{name}`" for name in _PARTS)
        raise RuleError(
            f"must be a rule of RFC 5545 by days or weeks, of {names}, each once; `UNTIL` is a date as 20270531"
        )
    return parts


def _day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise RuleError("ends on a day that no calendar has") from None
