"""The parts of a recurrence, as HSDS has them in columns, written as one rule of RFC 5545 §3.3.10."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, Final

#: The parts of a rule that HSDS has a column for, in the order in which rules are written.
_PARTS: Final = (
    "interval",
    "count",
    "until",
    "byyearday",
    "byweekno",
    "bymonthday",
    "byday",
    "wkst",
)
_FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
#: Parts that a rule of another frequency may not have (RFC 5545 §3.3.10).
_YEARLY_ALONE: Final = frozenset({"byweekno", "byyearday"})
_NUMBERS: Final = re.compile(r"[+-]?\d{1,3}(,[+-]?\d{1,3})*", re.ASCII)
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY: Final = rf"(?:[+-]?(?:[1-9]|[1-4]\d|5[0-3]))?(?:{'|'.join(_WEEKDAYS)})"
_DAYS: Final = re.compile(rf"{_DAY}(,{_DAY})*", re.ASCII)
_HIGHEST: Final = {"bymonthday": 31, "byweekno": 53, "byyearday": 366}
_CLOSED: Final = re.compile(r"\s*(closed|cerrado)\b", re.IGNORECASE)


def rrule(parts: Mapping[str, Any]) -> str | None:
    """The rule of `parts` (by the names of HSDS, values as text, numbers or dates), without what no rule may hold. Days
    alone are of each week. None where nothing says how often."""
    said = {name: _text(parts.get(name)) for name in ("freq", *_PARTS)}
    freq = said["freq"] or ("WEEKLY" if said["byday"] else "")
    if freq not in _FREQUENCIES:
        return None
    written = [f"FREQ={freq}"]
    for name in _PARTS:
        value = said[name]
        if name == "until":
            value = value.replace("-", "")[:8]
        if name == "count" and said["until"]:
            continue  # a rule ends in one way
        if name == "byday" and freq in ("DAILY", "WEEKLY"):
            value = re.sub(r"[+-]?\d+(?=[A-Z])", "", value)  # "the first Monday" is of months and years
        if value and _allowed(name, value, freq):
            written.append(f"{name.upper()}={value}")
    return ";".join(written)


def in_weeks_or_months(
    freq: str | None, interval: int | None, byday: str | None
) -> tuple[str | None, int | None, str | None]:
    """The same recurrence by the two frequencies that HSDS 3.0 knows, where there is one: every day is all days of every
    week, every year is every twelfth month."""
    if freq == "DAILY" and interval in (None, 1):
        return "WEEKLY", interval, byday or ",".join(_WEEKDAYS)
    if freq == "YEARLY" and byday is None:
        return "MONTHLY", 12 * (interval or 1), None
    return freq, interval, byday


def is_closed(opens_at: time | None, closes_at: time | None, description: str | None) -> bool:
    """Whether a schedule tells of when it is closed: it has no hours, and its words begin so."""
    return opens_at is None and closes_at is None and _CLOSED.match(description or "") is not None


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"\s+", "", str(value or "")).upper()


def _allowed(name: str, value: str, freq: str) -> bool:
    if name in _YEARLY_ALONE and freq != "YEARLY":
        return False
    match name:
        case "wkst":
            return value in _WEEKDAYS
        case "byday":
            return _DAYS.fullmatch(value) is not None
        case "until":
            return _is_day(value)
        case "interval":
            return re.fullmatch(r"[1-9]\d{0,3}", value, re.ASCII) is not None and value != "1"
        case "count":
            return re.fullmatch(r"[1-9]\d{0,5}", value, re.ASCII) is not None
    if name == "bymonthday" and freq == "WEEKLY":
        return False
    return _NUMBERS.fullmatch(value) is not None and all(
        1 <= abs(int(one)) <= _HIGHEST[name] for one in value.split(",")
    )


def _is_day(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return len(text) == 8
