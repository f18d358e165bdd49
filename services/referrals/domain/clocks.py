"""By when the next step is due, and what is said to whom meanwhile (DOMAIN 4.3, clocks).

A referral has at most one clock at a time. It began at a moment, runs in the calendar of whoever has to act, and rings
its bells in order: reminders, an escalation, the end. While a question or a suggestion is with the sender, the
recipient's clock stands still and the sender's runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.referrals.domain.calendar import Calendar, Span, business_days, business_hours, days
from services.referrals.domain.lifecycle import TERMINAL, Loop, MoveName, Party, State


class Urgency(StrEnum):
    """An emergency is not a referral: call 911 or 988."""

    ROUTINE = "ROUTINE"
    SOON = "SOON"
    URGENT = "URGENT"


class Notice(StrEnum):
    """What a bell says. EXPIRE is besides a move of the lifecycle."""

    REMINDER = "REMINDER"
    ESCALATION = "ESCALATION"
    EXPIRE = "EXPIRE"
    REVALIDATE = "REVALIDATE"
    HEARTBEAT = "HEARTBEAT"
    CONFIRM_OUTCOME = "CONFIRM_OUTCOME"
    LOOP_SILENT = "LOOP_SILENT"


@dataclass(frozen=True, slots=True)
class Limits:
    """How quickly a partner answers: its own numbers, or these defaults of the network."""

    acknowledge_business_days: int = 1
    respond_business_days: int = 2
    contact_business_days: int = 5
    information_business_days: int = 5
    expire_business_days: int = 14
    urgent_business_hours: int = 4
    heartbeat_days: int = 30
    revalidate_days: int = 30


DEFAULTS: Final = Limits()
#: Reminders to who has to answer, and the escalation to the coordinator, in business days of a clock.
_REMINDERS: Final = (1, 2, 4)
_ESCALATION: Final = 5
#: How long after its heartbeat nobody has been heard of before others are told, in days.
_GRACE_DAYS: Final = 15
_ASKED_AFTER_DAYS: Final = 7
#: How long a reported end waits for the sender's word (DOMAIN 4.3): then it stays REPORTED.
LOOP_DAYS: Final = 30

#: The recipient has to answer: one clock for all of these, from the sending on.
ANSWERING: Final = frozenset({State.SENT, State.CONFLICT_CHECK, State.IN_REVIEW})
#: It is the sender's turn, and the recipient's clock stands still.
ASKING: Final = frozenset({State.INFO_REQUESTED, State.REDIRECT_OFFERED})
#: These begin the recipient's time anew.
_ANEW: Final = frozenset({MoveName.SEND, MoveName.CLAIM, MoveName.UNACCEPT})


@dataclass(frozen=True, slots=True)
class Bell:
    """`notice` is due to `to`, `after` the clock's beginning."""

    after: Span
    notice: Notice
    to: Party


@dataclass(frozen=True, slots=True)
class Clock:
    """A referral's clock: when it began, and the recipient's that is held meanwhile (`held_from`, `held_at`)."""

    began: datetime
    held_from: datetime | None = None
    held_at: datetime | None = None


def whose(state: State) -> Party:
    """In whose calendar the clock of `state` runs."""
    return Party.SENDER if state in ASKING else Party.RECIPIENT


def wound(
    before: Clock | None, move: MoveName, frm: State, to: State, now: datetime, calendar: Calendar
) -> Clock:
    """The clock after a move, in the recipient's `calendar`: it goes on, is held, goes on again, or begins anew."""
    if before is None or move in _ANEW:
        return Clock(now)
    if frm in ANSWERING and to in ANSWERING:
        return before
    if frm in ANSWERING and to in ASKING:
        return Clock(now, held_from=before.began, held_at=now)
    if frm in ASKING and to in ANSWERING and before.held_from and before.held_at:
        return Clock(calendar.resumed(before.held_from, before.held_at, now))
    return Clock(now)


def bells(state: State, loop: Loop, urgency: Urgency, limits: Limits) -> tuple[Bell, ...]:
    """What a clock in `state` rings, in the order of time."""
    if state in ANSWERING:
        return _answering(urgency, limits)
    if state in ASKING:
        last = limits.information_business_days
        return (*_reminders(Party.SENDER, last), Bell(business_days(last), Notice.EXPIRE, Party.SENDER))
    if state is State.ACCEPTED:
        first = _contact_days(urgency, limits)
        return (
            Bell(business_days(first), Notice.REMINDER, Party.RECIPIENT),
            Bell(business_days(first + _ESCALATION), Notice.ESCALATION, Party.COORDINATOR),
        )
    if state is State.WAITLISTED:
        return _kept_up(Notice.REVALIDATE, limits.revalidate_days)
    if state in (State.SCHEDULED, State.IN_SERVICE, State.ON_HOLD):
        return _kept_up(Notice.HEARTBEAT, limits.heartbeat_days)
    if state in TERMINAL and loop is Loop.REPORTED:
        return (
            Bell(days(_ASKED_AFTER_DAYS), Notice.CONFIRM_OUTCOME, Party.SENDER),
            Bell(days(LOOP_DAYS), Notice.LOOP_SILENT, Party.SENDER),
        )
    return ()


def due(state: State, urgency: Urgency, limits: Limits) -> Span | None:
    """Within which time of the clock's beginning the next step is due; None where no clock runs."""
    urgent = urgency is Urgency.URGENT
    if state is State.SENT:
        hours = business_hours(limits.urgent_business_hours)
        return hours if urgent else business_days(limits.acknowledge_business_days)
    if state in (State.CONFLICT_CHECK, State.IN_REVIEW):
        return business_days(1 if urgent else limits.respond_business_days)
    if state in ASKING:
        return business_days(limits.information_business_days)
    if state is State.ACCEPTED:
        return business_days(_contact_days(urgency, limits))
    if state is State.WAITLISTED:
        return days(limits.revalidate_days)
    return days(limits.heartbeat_days) if state in (State.IN_SERVICE, State.ON_HOLD) else None


def next_bell(
    calendar: Calendar, began: datetime, ringing: Sequence[Bell], rung: int
) -> tuple[datetime, Bell] | None:
    """When the bell after the first `rung` ones rings, and which it is; None when all have rung."""
    return (calendar.after(began, ringing[rung].after), ringing[rung]) if rung < len(ringing) else None


def rung_by(calendar: Calendar, began: datetime, ringing: Sequence[Bell], now: datetime) -> int:
    """How many bells of a clock lie before `now`: after a pause those that had rung."""
    for number, bell in enumerate(ringing):
        if calendar.after(began, bell.after) >= now:
            return number
    return len(ringing)


def _answering(urgency: Urgency, limits: Limits) -> tuple[Bell, ...]:
    last = limits.expire_business_days
    urgent = Bell(business_hours(limits.urgent_business_hours), Notice.REMINDER, Party.RECIPIENT)
    return (
        *((urgent,) if urgency is Urgency.URGENT else ()),
        *_reminders(Party.RECIPIENT, last),
        *(
            (Bell(business_days(_ESCALATION), Notice.ESCALATION, Party.COORDINATOR),)
            if last > _ESCALATION
            else ()
        ),
        Bell(business_days(last), Notice.EXPIRE, Party.SENDER),
    )


def _reminders(to: Party, before: int) -> tuple[Bell, ...]:
    return tuple(Bell(business_days(n), Notice.REMINDER, to) for n in _REMINDERS if n < before)


def _kept_up(notice: Notice, every_days: int) -> tuple[Bell, ...]:
    return (
        Bell(days(every_days), notice, Party.RECIPIENT),
        Bell(days(every_days + _GRACE_DAYS), Notice.ESCALATION, Party.COORDINATOR),
    )


def _contact_days(urgency: Urgency, limits: Limits) -> int:
    return 1 if urgency is Urgency.URGENT else limits.contact_business_days


def problems(limits: Limits) -> dict[str, str]:
    """What is wrong with a partner's own limits, by field."""
    wrong = {
        name: f"must be from {least} to {most}"
        for name, (least, most) in _RANGES.items()
        if not least <= getattr(limits, name) <= most
    }
    if limits.respond_business_days >= limits.expire_business_days:
        wrong["expire_business_days"] = "must be more than `respondBusinessDays`"
    return wrong


_RANGES: Final = {
    "acknowledge_business_days": (1, 10),
    "respond_business_days": (1, 20),
    "contact_business_days": (1, 20),
    "information_business_days": (2, 20),
    "expire_business_days": (3, 40),
    "urgent_business_hours": (1, 8),
    "heartbeat_days": (7, 90),
    "revalidate_days": (7, 90),
}
