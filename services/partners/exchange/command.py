"""What `vereda import hsds` and `vereda export hsds` do: open the directory's database, and tell people how it went."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from services.partners.exchange.doj import import_doj
from services.partners.exchange.exporting import export_hsds
from services.partners.exchange.icalendar import announced, feed
from services.partners.exchange.importing import import_hsds
from services.partners.exchange.mapping import ColumnMap
from services.partners.exchange.report import ImportReport, Severity
from services.partners.exchange.suggesting import suggest, write
from services.partners.operations.applications import business_day
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.settings import database_url

OK: Final = 0
NOTHING_IMPORTED: Final = 1
IMPORTED_WITH_PROBLEMS: Final = 2

_MOST_SHOWN: Final = 200
_STATEMENT_TIMEOUT_S: Final = 60.0


async def run_import(
    path: Path,
    source: str | None,
    strict: bool,
    dry_run: bool,
    as_json: bool,
    columns: Path | None = None,
) -> int:
    """Import, print a report, and return the exit status: 0 every row went in (some perhaps with a cell left empty),
    1 nothing did, 2 some rows were refused.

    Raises: OperatorError when there is no database, no package, or no map in `columns`.
    """
    known = await asyncio.to_thread(ColumnMap.read, columns) if columns is not None else None
    database = _database()
    told = Console(stderr=True)
    try:
        with told.status("Reading the package") as status:
            report = await import_hsds(
                database,
                path,
                source=source,
                strict=strict,
                dry_run=dry_run,
                progress=lambda what, rows: _show(status, what, rows),
                columns=known,
            )
    finally:
        await database.close()
    if as_json:
        Console(soft_wrap=True).print_json(json.dumps(report.as_dict()))
    else:
        print_report(report, Console())
    return exit_status(report)


def run_suggest(path: Path, written_to: Path) -> int:
    """Write a map of columns with suggestions, and print them.

    Raises: OperatorError when there is nothing to map, or the file cannot be written.
    """
    suggested = suggest(path)
    write(suggested, written_to)
    console = Console()
    for name, columns in suggested.items():
        table = Table("column", "suggested", title=escape(name), title_justify="left")
        for column, target in columns.items():
            table.add_row(escape(column), target or "-")
        console.print(table)
    console.print(
        f"Look {escape(str(written_to))} over, then import with --columns {escape(str(written_to))}.",
        soft_wrap=True,
    )
    return OK


async def run_import_doj(path: Path, dry_run: bool, as_json: bool) -> int:
    """Match a roster with the members, print what became of it, and return the exit status: 0, or 2 where rows could not be
    read.

    Raises: OperatorError when there is no database, or the file is no roster.
    """
    database = _database()
    try:
        report = await import_doj(database, path, business_day(datetime.now(UTC)), dry_run=dry_run)
    finally:
        await database.close()
    console = Console(soft_wrap=True)
    if as_json:
        console.print_json(json.dumps(report.as_dict()))
    else:
        done = "Would confirm" if dry_run else "Confirmed"
        console.print(
            f"{done} {report.confirmed} of {report.rows} rows; {report.elsewhere} are of organisations that are no members."
        )
        for title, listed in (
            ("Added", report.added),
            ("Changed", report.changed),
            ("No such representative here", report.unknown),
            ("Could not be read", [str(one) for one in report.problems.found]),
        ):
            for one in listed:
                console.print(f"{title}: {escape(one)}")
    return IMPORTED_WITH_PROBLEMS if report.problems.found else OK


async def run_export(path: Path, source: str | None, version: str = "3.0") -> int:
    """Export to a folder and print what was written.

    Raises: OperatorError when there is no database, or the folder cannot be written.
    """
    database = _database()
    try:
        with Console(stderr=True).status("Writing the package"):
            report = await export_hsds(database, path, source=source, version=version)
    finally:
        await database.close()
    console = Console()
    table = Table(
        "file", "rows", title=f"HSDS {version} package in {escape(str(path))}", title_justify="left"
    )
    for name, rows in report.rows.items():
        table.add_row(name, str(rows))
    console.print(table)
    if report.withheld:
        console.print(f"The addresses of {report.withheld} confidential places were withheld.")
    for name, count in report.incomplete.items():
        console.print(f"{name}: {count} rows lack what HSDS requires, because nobody said it.")
    return OK


async def run_export_ics(path: Path) -> int:
    """Write the announced workshops as an iCalendar file, and say how many there are.

    Raises: OperatorError when there is no database, or the file cannot be written.
    """
    database = _database()
    try:
        entries = await announced(database)
    finally:
        await database.close()
    try:
        await asyncio.to_thread(path.write_bytes, feed(entries).encode())
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from error
    Console().print(f"{len(entries)} workshops in {escape(str(path))}", soft_wrap=True)
    return OK


def exit_status(report: ImportReport) -> int:
    if not report.rows or (not report.written and not report.dry_run):
        return NOTHING_IMPORTED
    return OK if report.ok else IMPORTED_WITH_PROBLEMS


def print_report(report: ImportReport, console: Console) -> None:
    """Counts by table, then each problem with its file, row, column and reason."""
    tables = dict.fromkeys([*report.added, *report.changed, *report.unchanged])
    counts = Table("table", "added", "changed", "unchanged", title=_headline(report), title_justify="left")
    for name in tables:
        counts.add_row(name, *(str(c.get(name, 0)) for c in (report.added, report.changed, report.unchanged)))
    console.print(counts)
    if not report.problems:
        return
    listed = Table("", "file", "row", "column", "what", title="Problems", title_justify="left")
    worst_first = sorted(report.problems, key=lambda p: p.severity is not Severity.ERROR)
    for p in worst_first[:_MOST_SHOWN]:
        style = "red" if p.severity is Severity.ERROR else "yellow"
        what = "refused" if p.severity is Severity.ERROR else "warning"
        cells = (p.file, str(p.row), p.column or "", p.reason)
        listed.add_row(f"[{style}]{what}[/]", *(escape(cell) for cell in cells))
    console.print(listed)
    if len(report.problems) > _MOST_SHOWN:
        console.print(f"... and {len(report.problems) - _MOST_SHOWN} more: all of them with --json.")


def _headline(report: ImportReport) -> str:
    source = escape(report.source)
    refused = len(report.errors)
    if report.dry_run:
        return f"Would import from {source} ({refused} rows refused); nothing was written"
    if not report.written:
        return (
            f"Nothing was imported from {source}: {refused} rows are refused, and strict means all or nothing"
        )
    return f"Imported from {source}" + (f"; {refused} rows were refused" if refused else "")


def _show(status: Status, what: str, rows: int) -> None:
    status.update(f"{escape(what)}: {rows} rows")


def _database() -> Database:
    url = database_url("partners")
    return Database(
        url, pool_size=2, statement_timeout_s=_STATEMENT_TIMEOUT_S, name="vereda-partners-exchange"
    )
