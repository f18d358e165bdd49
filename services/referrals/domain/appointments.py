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


#: An appointment counts as missed from this long after its beginning, and a client may come this early.
_GRACE: Final = timedelta(minutes=15)
_EARLY: Final = timedelta(hours=2)


def may_check_in(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    return starts_at - _EARLY <= now <= ends_at + _EARLY


def may_be_missed(starts_at: datetime, now: datetime) -> bool:
    return now >= starts_at + _GRACE
