"""Who is in a training cohort, and in what state (DOMAIN 4.9). Seats are counted by the database (policies/training.sql)."""

from __future__ import annotations

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
    ROLLED_OVER = "ROLLED_OVER"


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
    ParticipantStatus.ROLLED_OVER: frozenset[ParticipantStatus](),
}
