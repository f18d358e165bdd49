"""Reading a CSV table row by row: whatever is wrong with a row is told, and the next one is read."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, Final

from services.partners.exchange import cells, dialects, workbooks
from services.partners.exchange.flat import mapped
from services.partners.exchange.hsds import BY_NAME, Table
from services.partners.exchange.package import Part, readable
from services.partners.exchange.records import Record
from services.partners.exchange.report import Place, Problems
from vereda.errors import OperatorError

#: Longest cell. A quote that is never closed would otherwise swallow the rest of the file into memory.
LONGEST_CELL: Final = 256 * 1024
_LONGEST_LINE: Final = 1024 * 1024
_FOREIGN: Final = "*"
_SHIFTED: Final = "has cells under columns without a name, so its cells may have moved: only its identifiers and name were read"
_CHUNK: Final = 1024 * 1024
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def read_table(part: Part, table: Table | None, problems: Problems) -> Iterator[Record]:
    """The records of a CSV file or a sheet, in its order. `table`: what it holds, where that is known without a map of
    its columns.

    Raises: OperatorError when the file is not text in its encoding.
    """
    rows = rows_of(part, problems)
    _, names = next(rows, (1, []))
    if part.columns is not None:
        yield from mapped(part.columns, names, rows, part.name, problems)
    elif table is not None:
        yield from _records(part, table, names, rows, problems)


def rows_of(part: Part, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table as text, each with the line on which it begins; the first are the names of its columns.

    Raises: OperatorError when the file is not text in its encoding, or not a spreadsheet.
    """
    if part.sheet is not None:
        yield from workbooks.rows(part.name.partition("#")[0], part.open, part.sheet)
        return
    csv.field_size_limit(LONGEST_CELL)
    with readable(part.name), part.open() as stream:
        encoding = part.encoding or _encoding(part, stream, problems)
        text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        try:
            lines = _lines(text)
            first = next(lines, "")
            delimiter = part.delimiter or max(",;\t", key=first.count)
            yield from _rows(csv.reader(_chain(first, lines), delimiter=delimiter), part, problems)
        except UnicodeError:
            raise OperatorError(
                f"{part.name} is not text in {part.encoding or 'UTF-8'}: save it as UTF-8, or name its encoding in"
                " datapackage.json."
            ) from None


def _encoding(part: Part, stream: IO[bytes], problems: Problems) -> str:
    """By its byte order mark; UTF-8 where the whole file can be that; else what Excel writes."""
    start = stream.read(3)
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        if marked is None:
            decoder.decode(start)
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        marked = "windows-1252"
        problems.warning(Place(part.name, 1), None, "is not UTF-8, and was read as Windows-1252")
    stream.seek(0)
    return marked or "utf-8"


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        yield line


def _records(
    part: Part,
    table: Table,
    names: Sequence[str],
    rows: Iterator[tuple[int, list[str]]],
    problems: Problems,
) -> Iterator[Record]:
    header = _header(part, table, names, problems)
    table = replace(table, constants={**table.constants, **dialects.implied(table.kind, header)})
    for line, row in rows:
        at = Place(part.name, line)
        if any(cell.strip() for cell in row[len(header) :]):
            problems.error(at, None, f"has {len(row)} cells where the header has {len(header)} columns")
        elif any(cell.strip() for cell in row):
            if any(cell.strip() for name, cell in zip(header, row, strict=False) if not name):
                problems.warning(at, None, _SHIFTED)
                record = _record(table, header, _sure_cells(header, row), at, problems)
            else:
                record = _record(table, header, row, at, problems)
            if record is not None:
                yield from dialects.derived(record)


def _sure_cells(header: Sequence[str], row: Sequence[str]) -> list[str]:
    pairs = zip(header, row, strict=False)
    return [cell if name in ("id", "name") or name.endswith("_id") else "" for name, cell in pairs]


def _chain(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _rows(reader: Iterator[list[str]], part: Part, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; cells may run over several lines."""
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.error(Place(part.name, line), None, _explained(error))
            continue
        yield line, row


def _explained(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"has a cell longer than {LONGEST_CELL // 1024} KiB: is a quotation mark missing?"
    return "is not a row of CSV: is a quotation mark missing?"


def _header(part: Part, table: Table, names: Sequence[str], problems: Problems) -> list[str]:
    """The columns by their HSDS names; those that are none are told of once, and not read."""
    plain = [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in names]
    columns = dialects.translated(table.kind, plain)
    known = BY_NAME[table.kind].known | dialects.understood(table.kind)
    foreign = [name for name, column in zip(names, columns, strict=True) if column and column not in known]
    if foreign:
        listed = ", ".join(f"`{name.strip()}`" for name in foreign)
        problems.warning(
            Place(part.name, 1), None, f"these columns are not of HSDS and were left aside: {listed}"
        )
    return [_FOREIGN if column and column not in known else column for column in columns]


def _record(
    table: Table, header: Sequence[str], row: Sequence[str], at: Place, problems: Problems
) -> Record | None:
    found = dict(table.constants)
    for column, raw in zip(header, row, strict=False):
        value = cells.clean(raw)
        first = column not in found or column in table.constants
        if value and column not in ("", _FOREIGN) and first:
            found[column] = value
    id_ = found.pop("id", None)
    if id_ is None and table.kind == "taxonomy_term":
        id_ = found.get("code")
    if id_ is None and "id" in header:
        problems.error(at, "id", "is empty: each row needs an identifier")
        return None
    if id_ is None:
        # Older packages give some tables no identifiers: what the row says is then what tells it from others.
        id_ = "row-" + hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:24]
    return Record(table.kind, table.prefix + id_, found, at)
