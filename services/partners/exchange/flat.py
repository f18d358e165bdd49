"""Rows that hold several objects at once, as people keep directories in spreadsheets: taken apart by a map of columns.

What is said of the same organisation, service or place in several rows is said of one: they are told apart by what they
are called, and where.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.partners.exchange import cells, dialects
from services.partners.exchange.hsds import BY_NAME
from services.partners.exchange.mapping import Columns, plain
from services.partners.exchange.records import Record
from services.partners.exchange.report import Place, Problems

Row = dict[str, dict[str, str]]

#: In the order in which they are made: what is referred to before what refers to it.
_ORDER: Final = ("organization", "program", "service", "location", "taxonomy_term")
#: What an object hangs on where it may hang on several: the first that the row holds.
_CLOSEST: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("contact", "service", "location", "organization"),
    "contact": ("service", "organization", "location"),
    "schedule": ("service", "location"),
    "language": ("service", "location"),
    "funding": ("service", "organization"),
    "url": ("service", "organization"),
}
#: By what objects without an identifier of their own are told apart, beside what they hang on; others by all of it.
_NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "organization": ("name",),
    "program": ("name",),
    "service": ("name",),
    "location": ("name",),
    "taxonomy_term": ("taxonomy", "name"),
}
_SEVERAL: Final = re.compile(r"[;|\n]")


def mapped(
    columns: Columns,
    names: Sequence[str],
    rows: Iterator[tuple[int, list[str]]],
    file: str,
    problems: Problems,
) -> Iterator[Record]:
    """The records of a table whose columns a map explains."""
    targets = [columns.get(plain(name)) for name in names]
    unknown = [name for name in names if name.strip() and plain(name) not in columns]
    if unknown:
        listed = ", ".join(f"`{name.strip()}`" for name in unknown)
        problems.warning(Place(file, 1), None, f"the map says nothing of these columns: {listed}")
    for column in columns.keys() - {plain(name) for name in names}:
        problems.warning(Place(file, 1), None, f"has no column `{column}`, which the map names")
    for line, row in rows:
        found: Row = {}
        for target, raw in zip(targets, row, strict=False):
            value = cells.clean(raw)
            if target is not None and value:
                kind, field = target
                held = found.setdefault(kind, {})
                held[field] = f"{held[field]}\n{value}" if field in held else value
        if found:
            yield from _objects(found, Place(file, line))


def _objects(row: Row, at: Place) -> Iterator[Record]:
    if "address" in row:
        row.setdefault("location", {})
    ids: dict[str, str] = {}
    for kind in (*_ORDER, "contact", *row):
        if kind in row and kind not in ids:
            for one in _several(kind, row[kind]):
                record = _record(kind, one, row, ids, at)
                ids[kind] = record.id
                yield from dialects.derived(record)
                if kind == "taxonomy_term" and "service" in ids:
                    link = {
                        "link_id": ids["service"],
                        "link_entity": "service",
                        "taxonomy_term_id": record.id,
                    }
                    yield Record("attribute", _made_up("attribute", link), link, record.at)
    if "service" in ids and "location" in ids:
        pair = {"service_id": ids["service"], "location_id": ids["location"]}
        yield Record(
            "service_at_location",
            _made_up("service_at_location", pair),
            pair,
            _inside(at, "service_at_location"),
        )


def _several(kind: str, said: dict[str, str]) -> Iterator[dict[str, str]]:
    """A cell of categories or phones may hold several."""
    field = {"taxonomy_term": "name", "phone": "number"}.get(kind)
    if field is None or field not in said:
        yield said
        return
    for part in dict.fromkeys(part.strip() for part in _SEVERAL.split(said[field])):
        if part:
            yield {**said, field: part}


def _record(kind: str, said: dict[str, str], row: Row, ids: Mapping[str, str], at: Place) -> Record:
    own = dict(said)
    id_ = own.pop("id", None)
    parents = BY_NAME[kind].parents
    wanted = _CLOSEST.get(kind, tuple(dict.fromkeys(parents.values())))
    linked = [parent for parent in wanted if parent in ids and parent != kind]
    for parent in linked[:1] if kind in _CLOSEST else linked:
        field = f"{parent}_id"
        if field in parents:
            own.setdefault(field, ids[parent])
    if id_ is None:
        by = {name: own[name].lower() for name in _NAMED_BY.get(kind, tuple(own)) if name in own}
        if kind == "location":  # two offices of one name are at two addresses
            by |= {name: value.lower() for name, value in row.get("address", {}).items()}
        id_ = _made_up(kind, by | {name: own[name] for name in own if name in parents})
    return Record(kind, id_, own, _inside(at, kind))


def _made_up(kind: str, by: Mapping[str, str]) -> str:
    return "row-" + hashlib.sha256(repr((kind, sorted(by.items()))).encode()).hexdigest()[:24]


def _inside(at: Place, kind: str) -> Place:
    return Place(at.file, at.row, f"{kind}.")
