"""The lifecycle's guards as rules: each says why a move cannot be made now, or None.

What they are asked of is looked up by whoever asks: under a lock before a move is made (`operations/guards.py`), for a
whole page at once where it is only shown what could be done (`Referral.allowedMoves`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.referrals.domain.calendar import Calendar, business_days
from services.referrals.domain.clients import ContactResult, ContactSystem
from services.referrals.domain.lifecycle import Party

_ATTEMPTS, _CHANNELS, _OVER = 3, 2, timedelta(days=7)
_REOPENED_WITHIN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach the client."""

    channel: ContactSystem
    result: ContactResult
    at: datetime


def tried_enough(attempts: Collection[Attempt]) -> str | None:
    """DOMAIN 4.3, UNREACHABLE: at least 3 attempts on 2 channels over 7 days, and nobody was reached since."""
    last_reached = max((one.at for one in attempts if one.result is ContactResult.REACHED), default=None)
    tries = [
        one
        for one in attempts
        if one.result is not ContactResult.REACHED and (last_reached is None or one.at > last_reached)
    ]
    times = [one.at for one in tries]
    if (
        len(tries) >= _ATTEMPTS
        and len({one.channel for one in tries}) >= _CHANNELS
        and max(times) - min(times) >= _OVER
    ):
        return None
    return "Giving up needs at least 3 contact attempts on 2 channels over 7 days, with nobody reached since."


def accepted_lately(accepted_at: datetime | None, now: datetime, calendar: Calendar) -> str | None:
    if accepted_at is not None and now <= calendar.after(accepted_at, business_days(1)):
        return None
    return "An acceptance can be taken back within one business day: decline with a reason instead."


def ended_lately(ended_at: datetime | None, now: datetime) -> str | None:
    if ended_at is not None and now - ended_at <= _REOPENED_WITHIN:
        return None
    return "It ended more than 30 days ago."


def nobody_acted(parties: Collection[Party]) -> str | None:
    """`parties`: whoever moved it so far."""
    if not {Party.RECIPIENT, Party.CANDIDATE} & set(parties):
        return None
    return "The other side has acted on it already: cancel it with a reason instead."


def sender_agrees(agreed_at: datetime | None) -> str | None:
    return None if agreed_at is not None else "The sender has to agree: `proposeReopening` asks for it."


def appointment_stands(booked: bool) -> str | None:
    return None if booked else "No appointment is booked: `bookAppointment` makes one."
