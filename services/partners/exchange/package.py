"""Opening a package as others publish it: a folder, a zip of one, or a single file. Nothing is unpacked to disk.

A zip is read where it lies: names that lead out of it, links, encrypted members and zip bombs are refused.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import ijson

from services.partners.exchange.hsds import TABLES, Table
from services.partners.exchange.mapping import ColumnMap, Columns
from services.partners.exchange.workbooks import is_workbook, sheets
from services.partners.exchange.zips import BROKEN_ZIP, safe_members
from vereda.errors import OperatorError

_DESCRIPTION: Final = "datapackage.json"
_LARGEST_DESCRIPTION: Final = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a package, or one sheet of a workbook. `table` says what it holds where its name or the package's
    description tells; `columns` what its columns are, where a map of columns says so."""

    name: str
    open: Callable[[], IO[bytes]]
    table: Table | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    columns: Columns | None = None

    @property
    def holds_records(self) -> bool:
        return self.table is not None or self.columns is not None or self.is_json

    @property
    def is_json(self) -> bool:
        return self.name.lower().endswith(".json")


@contextmanager
def open_package(path: Path, columns: ColumnMap | None = None) -> Iterator[list[Part]]:
    """The package's files that may hold records, tables before documents of the same records. `columns` says of tables
    that are not as HSDS has them what their columns are.

    Raises: OperatorError when there is no such path, or it is not a package, or not one that is safe to read.
    """
    if not path.exists():
        raise OperatorError(f"There is no file or folder {path}.")
    if is_workbook(path.name):
        yield _parts(path.name, _opener(path), {}, columns)
    elif path.is_dir():
        yield _chosen(path, {name: _opener(path / name) for name in _listed(path)}, columns)
    elif zipfile.is_zipfile(path):
        with _opened_zip(path) as archive:
            names = safe_members(path, archive)
            yield _chosen(path, {name: _member(archive, name) for name in names}, columns)
    elif path.suffix.lower() == ".zip":
        raise OperatorError(f"{path} cannot be read as a zip file: it is damaged, or something else.")
    elif path.suffix.lower() in (".csv", ".json"):
        yield _parts(path.name, _opener(path), {}, columns)
    else:
        raise OperatorError(
            f"{path} is not an HSDS package: give a folder, a zip, a CSV, a JSON file or a spreadsheet (.xlsx)."
        )


@contextmanager
def open_tables(path: Path) -> Iterator[list[Part]]:
    """All of its tables, whatever they hold. Raises: OperatorError, as `open_package`."""
    if path.is_dir():
        names = [name for name in _listed(path) if _is_table(name)]
        yield [part for name in names for part in _parts(name, _opener(path / name), {}, None)]
    else:
        with open_package(path) as parts:
            yield [part for part in parts if not part.is_json]


@contextmanager
def readable(path: str) -> Iterator[None]:
    """Turns what a damaged zip raises while it is read into a sentence for the operator."""
    try:
        yield
    except BROKEN_ZIP as error:
        if isinstance(error, RuntimeError) and not isinstance(error, NotImplementedError):
            raise
        raise OperatorError(
            f"{path} is damaged inside the zip ({type(error).__name__}): fetch it again."
        ) from None
    except (PermissionError, IsADirectoryError) as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.") from None


def _listed(folder: Path) -> list[str]:
    """Files of the folder and of the folders in it; links that lead out of it are left aside."""
    root = folder.resolve()
    found = [*folder.glob("*"), *folder.glob("*/*")]
    inside = [file for file in found if file.is_file() and file.resolve().is_relative_to(root)]
    return sorted(file.relative_to(folder).as_posix() for file in inside)


def _opener(file: Path) -> Callable[[], IO[bytes]]:
    return lambda: file.open("rb")


def _opened_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (*BROKEN_ZIP, OSError):
        raise OperatorError(
            f"{path} cannot be read as a zip file: it is damaged, or something else."
        ) from None


def _member(archive: zipfile.ZipFile, name: str) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(name)


def _chosen(
    path: Path, files: Mapping[str, Callable[[], IO[bytes]]], columns: ColumnMap | None
) -> list[Part]:
    """The one folder of the package that holds its records: CSV tables before JSON, the shallowest before deeper."""
    folders: dict[str, list[str]] = {}
    for name in files:
        folders.setdefault(str(PurePosixPath(name).parent), []).append(name)
    described = _described(files)

    @cache
    def parts_of(folder: str) -> list[Part]:
        return [part for name in folders[folder] for part in _parts(name, files[name], described, columns)]

    def tables(folder: str) -> int:
        return sum(part.holds_records and not part.is_json for part in parts_of(folder))

    def documents(folder: str) -> int:
        return sum(_is_document(name) for name in folders[folder])

    for worth, taken in ((tables, _is_table), (documents, _is_document)):
        worthy = [folder for folder in folders if worth(folder)]
        if worthy:
            best = min(worthy, key=lambda folder: (len(PurePosixPath(folder).parts), -worth(folder), folder))
            return [part for part in parts_of(best) if taken(part.name)]
    raise OperatorError(
        f"{path} is not an HSDS package: it holds neither tables such as organizations.csv nor JSON documents."
        " Tables of other names need a map of their columns."
    )


def _is_table(name: str) -> bool:
    return name.lower().endswith(".csv") or is_workbook(name.partition("#")[0])


def _is_document(name: str) -> bool:
    return name.lower().endswith(".json") and PurePosixPath(name).name != _DESCRIPTION


def _described(files: Mapping[str, Callable[[], IO[bytes]]]) -> dict[str, Mapping[str, Any]]:
    """What `datapackage.json` (Frictionless Tabular Data Package) says of each file, by the file's name."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in files:
        if PurePosixPath(name).name == _DESCRIPTION:
            with readable(name), files[name]() as stream:
                try:
                    for resource in ijson.items(_Bounded(stream), "resources.item"):
                        if isinstance(resource, dict) and isinstance(resource.get("path"), str):
                            found.setdefault(PurePosixPath(resource["path"]).name, resource)
                except ijson.JSONError:
                    raise OperatorError(f"{name} is not valid JSON: mend it, or take it away.") from None
    return found


class _Bounded:
    """The first part of a stream: a description that is longer than any ends early and is told as broken."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = _LARGEST_DESCRIPTION

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(chunk)
        return chunk


def _parts(
    name: str,
    opener: Callable[[], IO[bytes]],
    described: Mapping[str, Mapping[str, Any]],
    columns: ColumnMap | None,
) -> list[Part]:
    """What a file holds: itself, or its sheets, under the names that a map of columns calls them by."""
    base = PurePosixPath(name).name
    if not is_workbook(base):
        found = [_part(base, opener, described)]
    else:
        found = [
            replace(_part(f"{sheet}.csv", opener, {}), name=f"{base}#{sheet}", sheet=sheet)
            for sheet in sheets(base, opener)
        ]
    return [replace(part, columns=columns.of(part.name)) for part in found] if columns else found


def _part(base: str, opener: Callable[[], IO[bytes]], described: Mapping[str, Mapping[str, Any]]) -> Part:
    resource = described.get(base, {})
    stem = re.sub(r"[^a-z]+", "_", base.lower().rsplit(".", 1)[0]).strip("_")
    table = TABLES.get(stem) or TABLES.get(str(resource.get("name", "")))
    dialect = resource.get("dialect")
    delimiter = dialect.get("delimiter") if isinstance(dialect, dict) else None
    encoding = resource.get("encoding")
    if encoding is not None:
        _check_encoding(base, str(encoding))
    single = delimiter if isinstance(delimiter, str) and len(delimiter) == 1 else None
    return Part(base, opener, table, str(encoding) if encoding else None, single)


def _check_encoding(name: str, encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise OperatorError(
            f"{name} is said to be in the encoding {encoding!r}, which is not known here."
        ) from None
