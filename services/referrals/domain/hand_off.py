"""A warm hand-off: a worker of either side, by name, a time and a way, and whether it came about."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_LONGEST_NAME: Final = 80
#: How far ahead one is arranged.
_AHEAD: Final = timedelta(days=180)


class HandOffChannel(StrEnum):
    """How the two workers and the client meet."""

    IN_PERSON = "IN_PERSON"
    PHONE = "PHONE"
    VIDEO = "VIDEO"
    ACCOMPANIED = "ACCOMPANIED"


class HandOffFact(StrEnum):
    """What has become of a hand-off."""

    ARRANGED = "ARRANGED"
    JOINED = "JOINED"
    DONE = "DONE"
    NOT_DONE = "NOT_DONE"


def name_problem(name: str) -> str | None:
    """What is wrong with what a worker is called."""
    plain = name.strip()
    invisible = any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in plain)
    if 1 <= len(plain) <= _LONGEST_NAME and not invisible:
        return None
    return f"must have 1 to {_LONGEST_NAME} characters: what your worker is called by clients"


def time_problem(arranged_for: datetime, now: datetime) -> str | None:
    if now - timedelta(minutes=5) <= arranged_for <= now + _AHEAD:
        return None
    return "must lie in the next 180 days"
