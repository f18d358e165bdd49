"""Appointments and workshop slots: from a proposal to who came (DOMAIN 4.1, Booking)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_LONGEST: Final = timedelta(hours=12)
_FURTHEST: Final = timedelta(days=366)


class AppointmentStatus(StrEnum):
    PROPOSED = "PROPOSED"
    BOOKED = "BOOKED"
    CHECKED_IN = "CHECKED_IN"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"


#: Those that still stand.
STANDING: Final = frozenset({AppointmentStatus.PROPOSED, AppointmentStatus.BOOKED})


class AppointmentMode(StrEnum):
    IN_PERSON = "IN_PERSON"
    PHONE = "PHONE"
    VIDEO = "VIDEO"


def problems(starts_at: datetime, ends_at: datetime, now: datetime) -> dict[str, str]:
    """What is wrong with the times of an appointment, by field."""
    wrong = {}
    if not now < starts_at <= now + _FURTHEST:
        wrong["starts_at"] = "must be within the next 12 months"
    if not timedelta() < ends_at - starts_at <= _LONGEST:
        wrong["ends_at"] = "must be after `startsAt`, by at most 12 hours"
    return wrong


#: What a code is made of: no letter or digit that is read as another. There are 30^8 codes, six hundred thousand million.
CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 8
#: Wrong codes at the door of a workshop within `_TRIES_WITHIN`, after which it waits.
MOST_WRONG: Final = 10
_TRIES_WITHIN: Final = timedelta(minutes=10)


def read_code(said: str) -> str:
    """A code as it was made, however it was written: small letters, with a hyphen or spaces."""
    return "".join(one for one in said.upper() if one in CODE_LETTERS)


def written_code(code: str) -> str:
    """As people read it: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def counting_since(since: datetime | None, now: datetime) -> datetime:
    """From when wrong codes are counted together at `now`."""
    return since if since is not None and now < since + _TRIES_WITHIN else now


def waits_until(since: datetime) -> datetime:
    return since + _TRIES_WITHIN


#: An appointment counts as missed from this long after its beginning, and a client may come this early.
_GRACE: Final = timedelta(minutes=15)
_EARLY: Final = timedelta(hours=2)


def may_check_in(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    return starts_at - _EARLY <= now <= ends_at + _EARLY


def may_be_missed(starts_at: datetime, now: datetime) -> bool:
    return now >= starts_at + _GRACE
