"""What `vereda report` does: a form or the dashboard, from the public graph into a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Final

from vereda.demo.caller import PartnerSystem
from vereda.errors import OperatorError
from vereda.reporting.asking import Wish, report
from vereda.reporting.document import Report


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


#: Loaded when they are asked for: who wants a CSV needs no library of workbooks.
_WRITERS: Final = {one: f"vereda.reporting.as_{one.value}" for one in Format}


def written(found: Report, as_: Format) -> bytes:
    write: Callable[[Report], bytes] = import_module(_WRITERS[as_]).written
    return write(found)


async def save(system: PartnerSystem, wish: Wish, as_: Format, out: Path) -> Report:
    """Ask, and write the file. Raises: OperatorError where it cannot be read or written."""
    found = await report(system, wish)
    await asyncio.to_thread(_write, out, found, as_)
    return found


def _write(out: Path, found: Report, as_: Format) -> None:
    try:
        out.write_bytes(written(found, as_))
    except OSError as error:
        raise OperatorError(f"{out} cannot be written: {error.strerror}.") from None
