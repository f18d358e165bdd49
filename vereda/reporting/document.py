"""A report before it is written: titled rows of figures in one language, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. It has a `number`, in `unit`, or says in `why` that and why it is not shown; `mark` is its stable code.

    `of`: what it is of, in words, such as "SPANISH"; empty for the whole. `target`: what it is to reach, at most or at least.
    """

    measure: str
    name: str
    of: str
    number: float | None
    unit: str
    mark: str
    why: str
    period: str
    source: str
    as_of: str
    definition: str
    target: str = ""

    @property
    def shown(self) -> str:
        """The figure as it is printed."""
        if self.number is None:
            return {"SMALL": "<11"}.get(self.mark, f"({self.mark})")
        if self.unit == "SHARE":
            return f"{100 * self.number:.1f} %"
        if self.unit == "MONEY":
            return f"${self.number:,.2f}"
        return f"{self.number:,.10g}"

    @property
    def label(self) -> str:
        return f"{self.name}: {self.of}" if self.of else self.name


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    rows: tuple[Row, ...]

    def charts(self) -> Iterator[tuple[Row, ...]]:
        """Rows that belong in one picture: neighbours of one measure and unit, at least two of which have a number."""
        for _, group in groupby(self.rows, key=lambda row: (row.measure, row.unit, row.name)):
            rows = tuple(row for row in group if row.of)
            if sum(row.number is not None for row in rows) > 1:
                yield rows


@dataclass(frozen=True, slots=True)
class Report:
    """`gaps`: services that did not answer, each in words; a report with gaps is incomplete, and says so."""

    title: str
    subtitle: str
    language: str
    sections: tuple[Section, ...]
    gaps: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for section in self.sections for row in section.rows)

    def definitions(self) -> list[tuple[str, str, str]]:
        """Each measure once: its id, name and definition."""
        found = {row.measure: (row.measure, row.name, row.definition) for row in reversed(self.rows)}
        return [found[measure] for measure in dict.fromkeys(row.measure for row in self.rows)]
