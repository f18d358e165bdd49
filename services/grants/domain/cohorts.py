"""Who is in a training cohort, and in what state (DOMAIN 4.9). Seats are counted by the database (policies/training.sql)."""

from __future__ import annotations

from dataclasses import dataclass
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


class CohortMoveName(StrEnum):
    START = "START"
    FINISH = "FINISH"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class CohortMove:
    """One row of a cohort's life: from these to that."""

    name: CohortMoveName
    frm: frozenset[CohortStatus]
    to: CohortStatus
    #: Its first day has come.
    from_first_day: bool = False
    #: Of everybody who had a seat it is said what became of them.
    all_decided: bool = False
    #: Nobody has completed it: what was completed cannot be as if it had not been.
    none_completed: bool = False


_C: Final = CohortStatus
COHORT_LIFE: Final = (
    CohortMove(CohortMoveName.START, frozenset({_C.OPEN}), _C.RUNNING, from_first_day=True),
    CohortMove(CohortMoveName.FINISH, frozenset({_C.RUNNING}), _C.FINISHED, all_decided=True),
    CohortMove(CohortMoveName.CANCEL, frozenset({_C.OPEN, _C.RUNNING}), _C.CANCELLED, none_completed=True),
)
#: In these it takes people, and a seat that becomes free goes on.
TAKES_PEOPLE: Final = frozenset({_C.OPEN, _C.RUNNING})


def cohort_moves(status: CohortStatus) -> tuple[CohortMove, ...]:
    """What its host can do with a cohort now."""
    return tuple(move for move in COHORT_LIFE if status in move.frm)


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
#: Of these it is not said yet what became of them.
UNDECIDED: Final = frozenset({ParticipantStatus.ADMITTED, ParticipantStatus.ACTIVE})
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
