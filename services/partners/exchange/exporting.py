"""Giving out the directory as an HSDS tabular data package: CSV files and their `datapackage.json`.

It is a publication, so it is read in the name of a stranger: row-level security withholds the addresses of confidential
places (R17), and the statements below withhold what else would tell where they are.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.terms import Visibility
from services.partners.exchange.described import ALL_FILES, VERSIONS, description, fields, files
from services.partners.exchange.fields import as_cells
from services.partners.exchange.hsds import BY_NAME
from services.partners.exchange.outgoing import Outgoing
from services.partners.exchange.outlines import (
    OUTLINES,
    Outline,
    room_rows,
    statement,
    taxonomy_rows,
    term_rows,
)
from services.partners.exchange.report import ExportReport
from services.partners.models import Location
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id

Cells = Mapping[str, Any]

_PAGE: Final = 500


async def export_hsds(
    database: Database, path: Path, *, source: str | None = None, version: str = "3.0"
) -> ExportReport:
    """Write the directory to the folder `path`, made where there is none; an earlier export in it is replaced.

    `source`: only what was imported from it, under its own identifiers, so that it can be read back as the same source.
    Without it everything, under the network's identifiers. `version`: 3.0, or 3.1, which has tables for rooms, their units
    and further websites.

    Raises: OperatorError when there is no such version, or `path` is not a folder that can be written, or holds something else.
    """
    if version not in VERSIONS:
        raise OperatorError(f"The versions of HSDS that can be written are {' and '.join(VERSIONS)}.")
    _check_folder(path)
    stranger = Caller("hsds-export", new_id(), frozenset({Scope.DIRECTORY_READ.value}))
    async with database.transaction(stranger, read_only=True) as session:
        with _Writer(path, version) as writer:
            await _Exporting(session, writer, source).run()
        withheld = await _withheld(session, source)
    (path / "datapackage.json").write_text(
        json.dumps(description(version, own_identifiers=source is not None), indent=2, ensure_ascii=False)
        + "\n",
        encoding="utf-8",
    )
    return ExportReport(str(path), dict(writer.rows), withheld, dict(writer.incomplete), version)


def _check_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        others = {file.name for file in path.iterdir()} - ALL_FILES
    except OSError as error:
        raise OperatorError(f"{path} is not a folder that can be written: {error.strerror}.") from None
    if others:
        raise OperatorError(f"{path} holds other files already: name a new or an empty folder.")


class _Writer:
    """The package's CSV files, open side by side: one record of ours may add rows to several."""

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version
        self._names = files(version)
        self._stack = ExitStack()
        self._files: dict[str, csv.DictWriter[str]] = {}
        self.rows: Counter[str] = Counter()
        #: Rows without what HSDS requires of them, because nobody said it.
        self.incomplete: Counter[str] = Counter()

    def __enter__(self) -> _Writer:
        try:
            for kind, name in self._names.items():
                stream = self._stack.enter_context(
                    (self._path / name).open("w", newline="", encoding="utf-8")
                )
                columns = fields(BY_NAME[kind], self._version)
                self._files[kind] = csv.DictWriter(stream, columns, extrasaction="ignore")
                self._files[kind].writeheader()
                self.rows[name] = 0
        except OSError as error:
            self._stack.close()
            raise OperatorError(f"{self._path} cannot be written: {error.strerror}.") from None
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def write(self, kind: str, row: Cells) -> None:
        """Write what HSDS of this version has a place for."""
        if kind not in self._files:
            return
        cells = as_cells(kind, row)
        self._files[kind].writerow(cells)
        name = self._names[kind]
        self.rows[name] += 1
        if not all(cells.get(field) for field in BY_NAME[kind].required):
            self.incomplete[name] += 1


class _Exporting:
    """One export, in one unchanging snapshot of the directory."""

    def __init__(self, session: AsyncSession, writer: _Writer, source: str | None) -> None:
        self.session = session
        self.writer = writer
        self.source = source
        self.outgoing = Outgoing(source)

    async def run(self) -> None:
        await self._write_terms()
        for kind, outline in OUTLINES.items():
            async for row in self._rows(outline):
                self._write(kind, outline, row)
        await self._write_rooms()

    async def _rows(self, outline: Outline) -> AsyncIterator[Cells]:
        found = await self.session.stream(
            statement(outline, self.source), execution_options={"yield_per": _PAGE}
        )
        async for row in found.mappings():
            yield row

    async def _write_terms(self) -> None:
        """Terms of this source's taxonomies, and ours that its services carry; each taxonomy once."""
        schemes: set[str] = set()
        for row in (await self.session.execute(taxonomy_rows(self.source))).mappings():
            self.outgoing.know_taxonomy(row)
            if self.source in (None, row["row_source"]):
                schemes.add(row["scheme"])
        for term in (await self.session.execute(term_rows(self.source))).mappings():
            self.outgoing.know(term)
            schemes.add(term["taxonomy"])
            self.writer.write("taxonomy_term", self.outgoing.term(term))
        for scheme in sorted(schemes):
            self.writer.write("taxonomy", self.outgoing.taxonomy(scheme))

    async def _write_rooms(self) -> None:
        """HSDS 3.1 service_capacity: how much room services have, by the newest report of each unit."""
        units: set[str] = set()
        for row in (await self.session.execute(room_rows(self.source))).mappings():
            room, unit = self.outgoing.room(row)
            self.writer.write("service_capacity", room)
            if unit["id"] not in units:
                units.add(unit["id"])
                self.writer.write("unit", unit)

    def _write(self, kind: str, outline: Outline, row: Cells) -> None:
        self.writer.write(kind, self.outgoing.cells(kind, row))
        for child_kind, child in self.outgoing.children(kind, outline, row):
            self.writer.write(child_kind, child)


async def _withheld(session: AsyncSession, source: str | None) -> int:
    own = () if source is None else (Location.source == source,)
    count = select(func.count()).where(Location.visibility != Visibility.PUBLIC, *own)
    return int(await session.scalar(count) or 0)
