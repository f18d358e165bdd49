"""Giving out the directory as an HSDS 3.0 tabular data package: CSV files and their `datapackage.json`.

It is a publication, so it is read in the name of a stranger: row-level security withholds the addresses of confidential
places (R17), and the statements below withhold what else would tell where they are.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.taxonomy import SCHEME
from services.partners.exchange.described import FILES, description
from services.partners.exchange.hsds import BY_NAME
from services.partners.exchange.outlines import OUTLINES, Outline, statement, term_rows
from services.partners.exchange.reading import identity
from services.partners.exchange.report import ExportReport
from services.partners.models import Location
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id

Cells = Mapping[str, Any]

_PAGE: Final = 500


async def export_hsds(database: Database, path: Path, *, source: str | None = None) -> ExportReport:
    """Write the directory to the folder `path`, made where there is none; an earlier export in it is replaced.

    `source`: only what was imported from it, under its own identifiers, so that it can be read back as the same source.
    Without it everything, under the network's identifiers.

    Raises: OperatorError when `path` is not a folder that can be written, or holds something else.
    """
    _check_folder(path)
    stranger = Caller("hsds-export", new_id(), frozenset({Scope.DIRECTORY_READ.value}))
    async with database.transaction(stranger, read_only=True) as session:
        with _Writer(path) as writer:
            exporting = _Exporting(session, writer, source)
            await exporting.run()
        withheld = await _withheld(session, source)
    (path / "datapackage.json").write_text(
        json.dumps(description(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return ExportReport(str(path), dict(writer.rows), withheld)


def _check_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        others = {file.name for file in path.iterdir()} - {*FILES.values(), "datapackage.json"}
    except OSError as error:
        raise OperatorError(f"{path} is not a folder that can be written: {error.strerror}.") from None
    if others:
        raise OperatorError(f"{path} holds other files already: name a new or an empty folder.")


class _Writer:
    """The package's CSV files, open side by side: one record of ours may add rows to several."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._files: dict[str, csv.DictWriter[str]] = {}
        self.rows: Counter[str] = Counter()

    def __enter__(self) -> _Writer:
        try:
            for kind, name in FILES.items():
                stream = self._stack.enter_context(
                    (self._path / name).open("w", newline="", encoding="utf-8")
                )
                self._files[kind] = csv.DictWriter(stream, BY_NAME[kind].fields, extrasaction="ignore")
                self._files[kind].writeheader()
                self.rows[name] = 0
        except OSError as error:
            self._stack.close()
            raise OperatorError(f"{self._path} cannot be written: {error.strerror}.") from None
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def write(self, kind: str, row: Cells) -> None:
        self._files[kind].writerow(row)
        self.rows[FILES[kind]] += 1


class _Exporting:
    """One export, in one unchanging snapshot of the directory."""

    def __init__(self, session: AsyncSession, writer: _Writer, source: str | None) -> None:
        self.session = session
        self.writer = writer
        self.source = source
        #: A term's code -> its identifier in the package.
        self.terms: dict[str, str] = {}
        #: (source, a term's identifier there) -> its identifier in the package.
        self.terms_of_sources: dict[tuple[str, str], str] = {}

    async def run(self) -> None:
        await self._write_terms()
        for kind, outline in OUTLINES.items():
            async for row in self._rows(outline):
                self._write(kind, outline, row)

    async def _rows(self, outline: Outline) -> AsyncIterator[Cells]:
        found = await self.session.stream(
            statement(outline, self.source), execution_options={"yield_per": _PAGE}
        )
        async for row in found.mappings():
            yield row

    async def _write_terms(self) -> None:
        """Terms of this source's taxonomies, and ours that its services carry; each taxonomy once."""
        schemes: set[str] = set()
        for term in (await self.session.execute(term_rows(self.source))).mappings():
            self.terms[term["full_code"]] = term["id"]
            self.terms_of_sources[term["row_source"], term["source_id"]] = term["id"]
            schemes.add(term["taxonomy"])
            code = term["full_code"].removeprefix(f"{term['taxonomy']}:")
            taxonomy_id = str(identity(term["taxonomy"], "taxonomy", ""))
            self.writer.write(
                "taxonomy_term", {**term["source_fields"], **term, "code": code, "taxonomy_id": taxonomy_id}
            )
        for scheme in sorted(schemes):
            said = "The network's own taxonomy of services." if scheme == SCHEME else scheme
            id_ = str(identity(scheme, "taxonomy", ""))
            self.writer.write("taxonomy", {"id": id_, "name": scheme, "description": said})

    def _write(self, kind: str, outline: Outline, row: Cells) -> None:
        more = row["source_fields"] if row["open"] else {}
        fields = {name: value for name, value in more.items() if not isinstance(value, list)}
        cells = {**self._translated(kind, row, fields), **{k: _cell(v) for k, v in row.items()}}
        self.writer.write(kind, cells)
        for child_kind, child in self._children(kind, outline, row, more):
            self.writer.write(child_kind, child)

    def _translated(self, kind: str, row: Cells, fields: Mapping[str, str]) -> dict[str, str]:
        """Kept fields; those that refer to another record by the source's identifier, by the one that it has here."""
        if self.source is not None:
            return dict(fields)
        parents = BY_NAME[kind].parents
        known = {f: v for f, v in fields.items() if f not in parents}
        for field in parents.keys() & fields.keys() - {"service_at_location_id"}:
            known[field] = str(identity(str(row["row_source"]), parents[field], fields[field]))
        return known

    def _children(
        self, kind: str, outline: Outline, row: Cells, more: Mapping[str, Any]
    ) -> Iterator[tuple[str, Cells]]:
        """Objects that are kept with the record, and those that a list of it stands for."""
        for child_kind, kept in more.items():
            for child in kept if isinstance(kept, list) else ():
                held = self._held(kind, child_kind, row, child)
                if held is not None:
                    yield child_kind, {**child, **held}
        for column, (child_kind, field) in outline.lists.items():
            if child_kind not in more and row["open"]:
                yield from self._listed(kind, child_kind, field, row, row[column])
        if kind == "service":
            said = {self._term(row, child) for child in more.get("attribute", ())}
            yield from self._attributes(row, said)

    def _held(self, kind: str, child_kind: str, row: Cells, child: Cells) -> dict[str, Any] | None:
        """What says of which record a kept object is. None for a term that is not in the package."""
        held = {"id": child["id"], f"{kind}_id": row["id"]}
        if self.source is None:
            held["id"] = str(identity(str(row["row_source"]), child_kind, child["id"]))
        if child_kind == "metadata":
            held |= {"resource_id": row["id"], "resource_type": kind}
        if child_kind == "attribute":
            term = self._term(row, child)
            if term is None:
                return None
            held |= {"link_id": row["id"], "link_entity": kind, "taxonomy_term_id": term}
        return held

    def _term(self, row: Cells, attribute: Cells) -> str | None:
        return self.terms_of_sources.get((row["row_source"], attribute.get("taxonomy_term_id", "")))

    def _listed(
        self, kind: str, child_kind: str, field: str, row: Cells, values: Iterable[str]
    ) -> Iterator[tuple[str, Cells]]:
        for value in values:
            id_ = str(identity(str(row["id"]), child_kind, value))
            yield child_kind, {"id": id_, f"{kind}_id": row["id"], field: value}

    def _attributes(self, row: Cells, said: set[str | None]) -> Iterator[tuple[str, Cells]]:
        for code in row["term_codes"]:
            term = self.terms.get(code)
            if term is not None and term not in said:
                id_ = str(identity(str(row["id"]), "attribute", code))
                link = {"link_id": row["id"], "link_entity": "service", "link_type": "taxonomy"}
                yield "attribute", {"id": id_, "taxonomy_term_id": term, **link}


async def _withheld(session: AsyncSession, source: str | None) -> int:
    own = () if source is None else (Location.source == source,)
    count = select(func.count()).where(Location.visibility.in_(("TRUSTED", "OWNER")), *own)
    return int(await session.scalar(count) or 0)


def _cell(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
