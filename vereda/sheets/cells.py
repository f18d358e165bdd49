"""CSV as spreadsheets write and read it (RFC 4180, with the byte order mark by which they know UTF-8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vereda.errors import OperatorError

#: Bytes of the largest file, and its rows: a spreadsheet that somebody looked through.
MOST_BYTES: Final = 4 * 1024 * 1024
MOST_ROWS: Final = 5_000
_LONGEST_CELL: Final = 8_000
#: What a spreadsheet takes for a formula, and would work out, wherever it came from.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARD: Final = "'"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, by the columns that we know; `line` as a spreadsheet numbers it."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"{_GUARD}{cell}" if cell.startswith(_FORMULA) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(tuple(f"{_GUARD}{one}" for one in _FORMULA)) else cell


def write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Write a file, for its owner's eyes alone. Raises: OperatorError where it cannot be written, or is there already."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: guarded(row.get(name, "")) for name in columns})
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(text.getvalue().encode("utf-8-sig"))
    except FileExistsError:
        raise OperatorError(f"{path} is there already: name another file.") from None
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from None


def read(path: Path, columns: Sequence[str], names: Mapping[str, str]) -> list[Row]:
    """The rows of a file that have something in them. `columns`: what we know; `names`: what the file calls them, where
    that is something else. Columns that are neither are passed over.

    Raises: OperatorError for a file that is none, too large, or lacks a column that was named.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > MOST_BYTES:
        raise OperatorError(f"{path} has more than {MOST_BYTES} bytes: send it in parts.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OperatorError(f"{path} is not UTF-8: save it as 'CSV UTF-8'.") from None
    header, *lines = _parsed(path, text) or [(1, [])]
    places = _places(path, header[1], columns, names)
    rows = [
        Row(line, {name: unguarded(cells[at].strip()) for name, at in places.items() if at < len(cells)})
        for line, cells in lines
        if any(cell.strip() for cell in cells)
    ]
    if len(rows) > MOST_ROWS:
        raise OperatorError(f"{path} has more than {MOST_ROWS} rows: send it in parts.")
    return rows


def _parsed(path: Path, text: str) -> list[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        return list(_numbered(reader))
    except csv.Error as error:
        raise OperatorError(f"{path}, line {reader.line_num}: this is no CSV ({error}).") from None


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    yield from enumerate(reader, 1)


def _places(
    path: Path, header: Sequence[str], columns: Sequence[str], names: Mapping[str, str]
) -> dict[str, int]:
    """Where each known column stands, whatever its case and spaces."""
    unknown = names.keys() - set(columns)
    if unknown:
        raise OperatorError(
            f"There is no column {', '.join(sorted(unknown))}: there are {', '.join(columns)}."
        )
    called = [_plain(one) for one in header]
    found = {}
    for column in columns:
        name = _plain(names.get(column, column))
        if called.count(name) > 1:
            raise OperatorError(f"{path} has several columns {names.get(column, column)!r}.")
        if name in called:
            found[column] = called.index(name)
        elif column in names:
            raise OperatorError(f"{path} has no column {names[column]!r}.")
    return found


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")
