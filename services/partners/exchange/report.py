"""What became of an import or an export, row by row where something was wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """ERROR: the row was refused. WARNING: the row went in with a cell corrected or left empty, or a part left aside."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """`row` is the line of the file on which the row begins (the header is line 1); in JSON, the number of the object.
    `column` is the column's name in the file, or the path inside the JSON object. The value itself is not repeated."""

    file: str
    row: int
    column: str | None
    reason: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.file}, row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a package something stands."""

    file: str
    row: int
    path: str = ""


class Problems:
    """The problems found so far."""

    def __init__(self) -> None:
        self.found: list[RowProblem] = []

    def error(self, at: Place, column: str | None, reason: str) -> None:
        self._add(at, column, reason, Severity.ERROR)

    def warning(self, at: Place, column: str | None, reason: str) -> None:
        self._add(at, column, reason, Severity.WARNING)

    def any_error(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.found)

    def _add(self, at: Place, column: str | None, reason: str, severity: Severity) -> None:
        named = f"{at.path}{column or ''}".rstrip(".") or None
        self.found.append(RowProblem(at.file, at.row, named, reason, severity))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Rows by the directory's table. `written` is False after a dry run and after a strict import that was refused."""

    source: str
    added: Mapping[str, int] = field(default_factory=Counter)
    changed: Mapping[str, int] = field(default_factory=Counter)
    unchanged: Mapping[str, int] = field(default_factory=Counter)
    problems: tuple[RowProblem, ...] = ()
    dry_run: bool = False
    written: bool = True

    @property
    def errors(self) -> tuple[RowProblem, ...]:
        """The problems for which a row was refused."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def ok(self) -> bool:
        """No row was refused."""
        return not self.errors

    @property
    def rows(self) -> int:
        """Rows that are in the directory now, or would be."""
        return sum(sum(counts.values()) for counts in (self.added, self.changed, self.unchanged))

    def as_dict(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "ok": self.ok,
            "written": self.written,
            "dryRun": self.dry_run,
            "added": dict(self.added),
            "changed": dict(self.changed),
            "unchanged": dict(self.unchanged),
            "problems": [
                {
                    "file": p.file,
                    "row": p.row,
                    "column": p.column,
                    "reason": p.reason,
                    "severity": p.severity.value,
                }
                for p in self.problems
            ],
        }


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Rows by file of the package of HSDS `version` that was written to `path`; `withheld` counts confidential places
    (R17), `incomplete` rows by file that lack what HSDS requires, because nobody said it."""

    path: str
    rows: Mapping[str, int]
    withheld: int = 0
    incomplete: Mapping[str, int] = field(default_factory=dict)
    version: str = "3.0"
