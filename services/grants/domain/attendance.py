"""Who was there: what each mark counts for, and who is about to be lost (DOMAIN 4.9, section 1 row 9).

A session that somebody was excused from is not counted for or against them, and neither ends nor lengthens a run of misses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Mark(StrEnum):
    PRESENT = "PRESENT"
    LATE = "LATE"
    REMOTE = "REMOTE"
    EXCUSED = "EXCUSED"
    ABSENT = "ABSENT"


class Risk(StrEnum):
    MISSED_IN_A_ROW = "MISSED_IN_A_ROW"
    BELOW_MINIMUM = "BELOW_MINIMUM"


ATTENDED: Final = frozenset({Mark.PRESENT, Mark.LATE, Mark.REMOTE})
_MISSES_THAT_ALARM: Final = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """One participant's sessions so far. `in_a_row`: the sessions that were missed last, without one attended since."""

    attended: int = 0
    missed: int = 0
    excused: int = 0
    in_a_row: int = 0

    @property
    def counted(self) -> int:
        return self.attended + self.missed

    @property
    def percent(self) -> int | None:
        """Whole percent of what is counted, rounded down, so that 75 is never said of less; None where nothing is."""
        return self.attended * 100 // self.counted if self.counted else None

    def reaches(self, minimum_percent: int) -> bool:
        """Whether the attendance suffices; where nothing was counted it does only if nothing is asked."""
        return self.attended * 100 >= minimum_percent * self.counted if self.counted else minimum_percent <= 0

    def risks(self, minimum_percent: int) -> tuple[Risk, ...]:
        found = {
            Risk.MISSED_IN_A_ROW: self.in_a_row >= _MISSES_THAT_ALARM,
            Risk.BELOW_MINIMUM: self.counted > 0 and not self.reaches(minimum_percent),
        }
        return tuple(risk for risk, there in found.items() if there)


def standing(marks: Iterable[Mark]) -> Standing:
    """What the marks come to, in the order of the sessions."""
    attended = missed = excused = in_a_row = 0
    for mark in marks:
        if mark in ATTENDED:
            attended, in_a_row = attended + 1, 0
        elif mark is Mark.ABSENT:
            missed, in_a_row = missed + 1, in_a_row + 1
        else:
            excused += 1
    return Standing(attended, missed, excused, in_a_row)
