"""Taking in a package: read all of it into a stage on disk, then write it in batches, parents before children."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.exchange.details import Details
from services.partners.exchange.documents import read_document
from services.partners.exchange.hsds import CARRIED
from services.partners.exchange.mapping import ColumnMap
from services.partners.exchange.package import Part, open_package
from services.partners.exchange.reading import Reading, RefusedError
from services.partners.exchange.records import Record
from services.partners.exchange.report import ImportReport, Place, Problems
from services.partners.exchange.stage import Stage
from services.partners.exchange.tables import read_table
from services.partners.exchange.writing import TARGETS, Counts, add_counties, write
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id

Progress = Callable[[str, int], None]

_BATCH: Final = 400
_LONGEST_ID: Final = 180
_LONGEST_SOURCE: Final = 60
#: Folders whose own name says nothing of where their package comes from.
_PLAIN_NAMES: Final = frozenset({"csv", "json", "data", "examples", "tabular", "hsds"})


async def import_hsds(
    database: Database,
    path: Path,
    *,
    source: str | None = None,
    strict: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    columns: ColumnMap | None = None,
) -> ImportReport:
    """Take an Open Referral package (HSDS 3.x, or an older one) into the directory.

    `path`: a folder of CSV or JSON files or spreadsheets, a zip of one, or one file. `source`: the name under which its records are
    kept; the same one again changes what differs and adds nothing twice (default: from the path). `strict`: all rows
    or none. `columns`: what the columns of tables are that HSDS does not know. `dry_run`: say what would happen and write nothing. `progress`: called with a file or table and its rows
    so far.

    Raises: OperatorError in one sentence, when there is no package at `path` or it cannot be read.
    """
    named = _source(path, source)
    problems = Problems()
    tell = progress or (lambda _what, _rows: None)
    with open_package(path, columns) as parts, Stage() as stage:
        _stage(parts, stage, problems, tell)
        if not stage.count():
            raise OperatorError(f"{path} is not an HSDS package: no record of HSDS was found in it.")
        importing = _Importing(database, stage, named, problems, tell)
        written = await importing.run(whole=strict or dry_run, keep=not dry_run, strict=strict)
    refused = strict and problems.any_error()
    counts = Counts() if refused else importing.counts
    found = tuple(sorted(problems.found, key=lambda p: (p.file, p.row)))
    return ImportReport(named, counts.added, counts.changed, counts.unchanged, found, dry_run, written)


def _source(path: Path, source: str | None) -> str:
    if source is None:
        where = path.absolute()
        names = [where.stem if where.is_file() else where.name, *(folder.name for folder in where.parents)]
        named = next((name for name in names if name and name.lower() not in _PLAIN_NAMES), "")
        source = re.sub(r"[^a-z0-9.]+", "-", named.lower()).strip("-.")[:_LONGEST_SOURCE]
    if not source.strip() or len(source) > _LONGEST_SOURCE:
        raise OperatorError(
            f"The name of a source has 1 to {_LONGEST_SOURCE} characters: give one by --source."
        )
    return source.strip()


def _stage(parts: list[Part], stage: Stage, problems: Problems, tell: Progress) -> None:
    for part in parts:
        if not part.holds_records:
            problems.warning(Place(part.name, 1), None, "is not a table of HSDS and was left aside")
            continue
        rows = 0
        for record in _records(part, problems):
            if len(record.id) > _LONGEST_ID:
                problems.error(record.at, "id", f"is longer than {_LONGEST_ID} characters")
                continue
            stage.put(record, problems)
            rows += 1
            if rows % 1000 == 0:
                tell(part.name, rows)
        tell(part.name, rows)


def _records(part: Part, problems: Problems) -> Iterator[Record]:
    if part.is_json:
        return read_document(part, problems)
    return read_table(part, part.table, problems)


class _UndoneError(Exception):
    """Ends a transaction of which nothing is to stay."""


@dataclass(slots=True)
class _Importing:
    """One import: the stage is full, the directory is written."""

    database: Database
    stage: Stage
    source: str
    problems: Problems
    tell: Progress
    counts: Counts = field(default_factory=Counts)
    refused: set[tuple[str, int]] = field(default_factory=set)
    caller: Caller = field(default_factory=lambda: system_caller(new_id(), "hsds-import"))

    async def run(self, *, whole: bool, keep: bool, strict: bool) -> bool:
        """Write everything: in one transaction, or one for each batch. Returns whether anything was kept."""
        if not whole:
            await self._write_all(None)
            async with self.database.transaction(self.caller) as session:
                await add_counties(session, self.source)
            return True
        try:
            async with self.database.transaction(self.caller) as session:
                await self._write_all(session)
                await add_counties(session, self.source)
                if not keep or (strict and self.problems.any_error()):
                    raise _UndoneError
        except _UndoneError:
            return False
        return True

    async def _write_all(self, session: AsyncSession | None) -> None:
        shapes = Details(self.stage, self.source)
        for kind in TARGETS:
            rows = 0
            for records in self.stage.batches(kind, _BATCH):
                shaped = [(record, row) for record in records if (row := self._shaped(shapes, record))]
                if shaped:
                    await self._write(session, kind, shaped)
                rows += len(records)
                self.tell(TARGETS[kind].table.name, rows)
        for kind in (*CARRIED, "eligibility"):
            for records in self.stage.batches(kind, _BATCH):
                for record in records:
                    self._checked(shapes, record)

    def _shaped(self, shapes: Details, record: Record) -> dict[str, Any] | None:
        """The record's row, or None where it was refused or has its row already."""
        reading = Reading(record, self.stage)
        try:
            row, accepted = getattr(shapes, record.kind)(reading)
        except RefusedError as refusal:
            self._refused(record, refusal)
            return None
        reading.tell(self.problems)
        self.stage.accept(record, accepted)
        return dict(row) if row is not None else None

    def _checked(self, shapes: Details, record: Record) -> None:
        reading = Reading(record, self.stage)
        try:
            if record.kind == "eligibility":
                reading.need_parent("service_id", "service")
            else:
                shapes.carried.check(reading)
        except RefusedError as refusal:
            self._refused(record, refusal)
            return
        reading.tell(self.problems)

    def _refused(self, record: Record, refusal: RefusedError) -> None:
        """Told once for each row: what a refused row holds besides, inside it or in its other cells, goes with it."""
        row = (record.at.file, record.at.row)
        if not (refusal.follows and record.at.path and row in self.refused):
            self.problems.error(record.at, refusal.column, refusal.reason)
        self.refused.add(row)

    async def _write(
        self, session: AsyncSession | None, kind: str, shaped: list[tuple[Record, dict[str, Any]]]
    ) -> None:
        """One batch; where the database refuses it, its rows one by one, so that one bad row costs no other."""
        try:
            await self._write_rows(session, kind, [row for _, row in shaped])
        except DBAPIError as error:
            if not _is_about_data(error):
                raise
            for record, row in shaped:
                try:
                    await self._write_rows(session, kind, [row])
                except DBAPIError as refused:
                    if not _is_about_data(refused):
                        raise
                    self.stage.refuse(record)
                    self.problems.error(record.at, None, "cannot be stored: a value does not fit its column")

    async def _write_rows(self, session: AsyncSession | None, kind: str, rows: list[dict[str, Any]]) -> None:
        async with AsyncExitStack() as stack:
            if session is None:
                session = await stack.enter_async_context(self.database.transaction(self.caller))
            else:
                await stack.enter_async_context(session.begin_nested())
            await write(session, self.caller, TARGETS[kind], rows, self.counts)


def _is_about_data(error: DBAPIError) -> bool:
    """Whether the values are at fault (SQLSTATE classes 22, 23, and 54: too long), and not the connection or the server."""
    return str(getattr(error.orig, "sqlstate", "") or "")[:2] in ("22", "23", "54")
