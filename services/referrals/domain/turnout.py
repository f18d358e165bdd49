"""What came of a workshop, in numbers: who came of those who had booked, who came without, and what was done (DOMAIN 4.7).

Nobody is recorded by it. Counts of one workshop are small, and its host's alone; the region's are published as all figures
are (R31).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.referrals.domain.tallies import FORMS, Form, Line

#: The measure of the network's published figures: a line for each of the counts, by county and quarter.
MEASURE: Final = "WORKSHOPS"
TURNOUT: Final = Form(
    MEASURE,
    "Turnout of workshops",
    "Asistencia a los talleres",
    (
        Line("ATTENDED", "Came of those who had booked", "Asistieron con cita"),
        Line("NO_SHOWS", "Did not come, and had booked", "No asistieron, con cita"),
        Line("WALK_INS", "Came without having booked", "Asistieron sin cita"),
        Line("TAKEN_ON", "Taken on for full representation", "Con representación completa"),
    ),
)
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Turnout:
    """`attended` and `no_shows` are of those who had booked; `taken_on` of all who came."""

    attended: int
    no_shows: int
    walk_ins: int
    taken_on: int

    @property
    def booked(self) -> int:
        return self.attended + self.no_shows

    @property
    def came(self) -> int:
        return self.attended + self.walk_ins

    @property
    def no_show_rate(self) -> float | None:
        return round(self.no_shows / self.booked, 3) if self.booked else None

    @property
    def taken_on_rate(self) -> float | None:
        return round(self.taken_on / self.came, 3) if self.came else None

    def lines(self) -> dict[str, int]:
        """By the codes of `TURNOUT`."""
        return {
            "ATTENDED": self.attended,
            "NO_SHOWS": self.no_shows,
            "WALK_INS": self.walk_ins,
            "TAKEN_ON": self.taken_on,
        }


def together(all_of: Iterable[Turnout]) -> Turnout:
    listed = list(all_of)
    return Turnout(
        sum(one.attended for one in listed),
        sum(one.no_shows for one in listed),
        sum(one.walk_ins for one in listed),
        sum(one.taken_on for one in listed),
    )


def closing_problems(turnout: Turnout, lines: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """What is wrong with the counts of a workshop, by field; lines are (form, line, count), and nobody is on one twice."""
    wrong, seen = {}, set()
    if not 0 <= turnout.walk_ins <= _MOST:
        wrong["walk_ins"] = f"must be from 0 to {_MOST}"
    if not 0 <= turnout.taken_on <= turnout.came:
        wrong["taken_on"] = "must not be more than came"
    for form, line, count in lines:
        found = FORMS.get(form)
        if found is None or found.yearly or line not in {one.code for one in found.lines}:
            wrong["lines"] = "must be lines of the quarterly forms that `tallyForms` lists"
        elif (form, line) in seen:
            wrong["lines"] = "must name each line once"
        elif not 0 <= count <= turnout.came:
            wrong["lines"] = "must not count more than came: each person is counted once on a line"
        seen.add((form, line))
    return wrong
