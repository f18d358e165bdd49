"""What became of each row of a file that was taken in, or would become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    DONE = "done"
    WOULD = "would be done"
    NOTHING = "nothing to do"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """`column`: the one that it is about, where it is about one. `text` repeats no cell (R34)."""

    line: int
    fate: Fate
    text: str = ""
    column: str | None = None

    def printed(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.fate}{f' ({self.text})' if self.text else ''}"


@dataclass(slots=True)
class Report:
    lines: list[Line] = field(default_factory=list)

    def add(self, line: int, fate: Fate, text: str = "", column: str | None = None) -> None:
        self.lines.append(Line(line, fate, text, column))

    @property
    def refused(self) -> int:
        return self.count(Fate.REFUSED)

    def count(self, fate: Fate) -> int:
        return sum(1 for one in self.lines if one.fate is fate)

    def printed(self, loud: Sequence[Fate] = (Fate.REFUSED, Fate.WOULD)) -> str:
        """Rows that somebody has to look at, in the file's order, then how many of each kind."""
        told = [one.printed() for one in sorted(self.lines, key=lambda one: one.line) if one.fate in loud]
        counts = ", ".join(f"{self.count(fate)} {fate}" for fate in Fate if self.count(fate))
        return "\n".join([*told, f"{counts or 'no rows'}."])
