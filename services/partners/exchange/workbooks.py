"""Spreadsheets (.xlsx, ECMA-376) as tables of text: each sheet is read row by row, and nothing is computed.

A workbook is a zip of XML. What it says that it unpacks to is bounded before a byte is unpacked, and the zip's reader
gives no more than that; one list in it, of texts that cells share, is held whole and is bounded closer.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from services.partners.exchange.zips import safe_members
from vereda.errors import OperatorError

MOST_COLUMNS: Final = 500
_LARGEST: Final = 512 * 1024**2
_LARGEST_TEXTS: Final = 64 * 1024**2
_TEXTS: Final = "xl/sharedStrings.xml"
_BROKEN: Final = (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile)


def is_workbook(name: str) -> bool:
    return name.lower().endswith((".xlsx", ".xlsm"))


def sheets(name: str, opener: Callable[[], IO[bytes]]) -> list[str]:
    """The names of a workbook's visible sheets. Raises: OperatorError for what is not one, or not safe to open."""
    _check(name, opener)
    with opener() as stream:
        book = _loaded(name, stream)
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def rows(name: str, opener: Callable[[], IO[bytes]], sheet: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet, as text, each with its number; empty ones are left out. Raises: OperatorError."""
    with opener() as stream:
        book = _loaded(name, stream)
        try:
            found = book[sheet]
            found.reset_dimensions()  # what a file says of its own size is often wrong
            for number, cells in enumerate(found.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
                texts = [as_text(cell) for cell in cells]
                while texts and not texts[-1]:
                    texts.pop()
                if texts:
                    yield number, texts
        except _BROKEN:
            raise _damaged(name) from None
        finally:
            book.close()


def as_text(cell: Any) -> str:
    """A cell as a person would write it in a CSV: whole numbers without a point, days and times as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return (cell.date() if midnight else cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def header(found: Sequence[str]) -> bool:
    """Whether a row can be the names of columns: at least two, and no two the same."""
    named = [text.strip().lower() for text in found if text.strip()]
    return len(named) > 1 and len(set(named)) == len(named)


def _check(name: str, opener: Callable[[], IO[bytes]]) -> None:
    try:
        with opener() as stream, zipfile.ZipFile(stream) as archive:
            safe_members(name, archive)
            sizes = {member.filename: member.file_size for member in archive.infolist()}
    except (zipfile.BadZipFile, OSError):
        raise _damaged(name) from None
    if sum(sizes.values()) > _LARGEST or sizes.get(_TEXTS, 0) > _LARGEST_TEXTS:
        raise OperatorError(f"{name} is too large for a spreadsheet: save its sheets as CSV.")


def _loaded(name: str, stream: IO[bytes]) -> Any:
    try:
        return load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except _BROKEN:
        raise _damaged(name) from None


def _damaged(name: str) -> OperatorError:
    return OperatorError(
        f"{name} cannot be read as a spreadsheet: it is damaged, or in an older form than .xlsx."
    )
