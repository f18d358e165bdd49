"""A report as CSV (RFC 4180), for a spreadsheet: UTF-8 with a byte order mark, one figure a line."""

from __future__ import annotations

import csv
import io
from typing import Final

from vereda.reporting.document import Report
from vereda.reporting.words import word

#: What a spreadsheet may take for the beginning of a formula, in ASCII and in full width (OWASP, CSV injection).
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_COLUMNS: Final = (
    "measure",
    "name",
    "of",
    "figure",
    "unit",
    "mark",
    "why",
    "target",
    "period",
    "source",
    "as of",
    "definition",
)


def inert(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def written(report: Report) -> bytes:
    """The file's content. Numbers are plain, shares from 0 to 1; a figure that is not shown is empty, with its mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([word(name, report.language) for name in _COLUMNS])
    for gap in report.gaps:
        writer.writerow(["", inert(gap), *[""] * (len(_COLUMNS) - 2)])
    for row in report.rows:
        said = (row.mark, row.why, row.target, row.period, row.source, row.as_of, row.definition)
        number = "" if row.number is None else f"{row.number:.10g}"
        writer.writerow(
            [*map(inert, (row.measure, row.name, row.of)), number, inert(row.unit), *map(inert, said)]
        )
    return text.getvalue().encode("utf-8-sig")
