"""Seats of a training cohort (DOMAIN 4.9): the one after the last waits, and moves up while the course is young."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Season(StrEnum):
    FALL_WINTER = "FALL_WINTER"
    SPRING_SUMMER = "SPRING_SUMMER"


class CohortStatus(StrEnum):
    OPEN = "OPEN"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"


class ParticipantStatus(StrEnum):
    ADMITTED = "ADMITTED"
    WAITLISTED = "WAITLISTED"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    WITHDRAWN = "WITHDRAWN"
    DROPPED = "DROPPED"


#: Who of these takes a seat.
SEATED: Final = frozenset({ParticipantStatus.ADMITTED, ParticipantStatus.ACTIVE, ParticipantStatus.COMPLETED})
#: What the host may say of a participant, and after which state.
MOVES: Final = {
    ParticipantStatus.ADMITTED: frozenset({ParticipantStatus.ACTIVE, ParticipantStatus.WITHDRAWN}),
    ParticipantStatus.WAITLISTED: frozenset({ParticipantStatus.WITHDRAWN}),
    ParticipantStatus.ACTIVE: frozenset(
        {ParticipantStatus.COMPLETED, ParticipantStatus.WITHDRAWN, ParticipantStatus.DROPPED}
    ),
    ParticipantStatus.COMPLETED: frozenset[ParticipantStatus](),
    ParticipantStatus.WITHDRAWN: frozenset[ParticipantStatus](),
    ParticipantStatus.DROPPED: frozenset[ParticipantStatus](),
}
_PROMOTED_UNTIL: Final = timedelta(weeks=3)


def promotes_waitlist(starts_on: date, today: date) -> bool:
    """Whether a seat that becomes free goes to the next on the waiting list: until three weeks into the course."""
    return today <= starts_on + _PROMOTED_UNTIL


def frees_seat(before: ParticipantStatus, after: ParticipantStatus) -> bool:
    return before in SEATED and after not in SEATED
