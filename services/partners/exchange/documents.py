"""Reading JSON: single objects, lists, the pages of an HSDS API, and tables as JSON; nested objects become records.

Read as a stream: what is held in memory is one object of a list, never the list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import IO, Any, Final

import ijson

from services.partners.exchange import cells
from services.partners.exchange.hsds import BY_NAME, TABLES, Table
from services.partners.exchange.package import Part, readable
from services.partners.exchange.records import Record
from services.partners.exchange.report import Place, Problems
from vereda.errors import OperatorError

_DEEPEST: Final = 12
_LARGEST_OBJECT: Final = 64 * 1024**2

#: What tells a single object's kind, in order: the first of which it has a member.
_SIGNS: Final = (
    ("service_at_location", {"service", "location"}),
    ("taxonomy_term", {"taxonomy_detail", "term_uri", "parent_id"}),
    ("location", {"location_type", "latitude", "addresses", "accessibility", "external_identifier"}),
    ("service", {"organization", "service_at_locations", "service_areas", "application_process", "program"}),
    (
        "organization",
        {"year_incorporated", "legal_status", "tax_status", "organization_identifiers", "services"},
    ),
    ("service", {"status", "organization_id"}),
    ("organization", {"website", "locations", "programs"}),
    ("taxonomy", {"version", "uri"}),
)
#: Objects that stand inside another as one, and the field of the outer one that then refers to them.
_SINGLE: Final = {
    "organization": "organization_id",
    "program": "program_id",
    "service": "service_id",
    "location": "location_id",
    "taxonomy_term": "taxonomy_term_id",
    "taxonomy_detail": "taxonomy_id",
    "unit": "unit_id",
}


def read_document(part: Part, problems: Problems) -> Iterator[Record]:
    """The records of a JSON file, in its order."""
    number = 0
    try:
        with readable(part.name):
            for number, key, item in _items(part):
                at = Place(part.name, number)
                table = _table_of(part, key, item)
                if table is None or not isinstance(item, dict):
                    problems.warning(at, None, "is not an object of HSDS and was left aside")
                else:
                    yield from _flattened(table, item, at, {}, problems)
    except (ijson.JSONError, UnicodeDecodeError):
        problems.error(Place(part.name, number + 1), None, "from here on the file is not valid JSON")


def _items(part: Part) -> Iterator[tuple[int, str | None, Any]]:
    """(number, the key under which its list stands, object)."""
    with part.open() as stream:
        lists = _lists(stream)
        size = stream.tell()
    if lists == [] and size > _LARGEST_OBJECT:
        raise OperatorError(
            f"{part.name} is one JSON object of more than 64 MiB: give a list, or tables as CSV."
        )
    if lists is None:
        with part.open() as stream:
            for number, item in enumerate(ijson.items(stream, "item"), 1):
                yield number, None, item
    elif lists:
        for key in lists:
            with part.open() as stream:
                for number, item in enumerate(ijson.items(stream, f"{key}.item"), 1):
                    yield number, key, item
    else:
        with part.open() as stream:
            for item in ijson.items(stream, ""):
                yield 1, None, item


def _lists(stream: IO[bytes]) -> list[str] | None:
    """Keys of the top object whose values are tables, or the objects of a page; none for a single object.

    None when the document is a list itself.
    """
    found: list[str] = []
    waiting: str | None = None
    single = False
    for prefix, event, value in ijson.parse(stream):
        if prefix == "" and event == "start_array":
            return None
        if prefix == "" and event == "map_key":
            waiting = str(value)
            single = single or waiting == "id"
        elif waiting is not None:
            if (
                prefix == waiting
                and event == "start_array"
                and (_stem(waiting) in TABLES or waiting == "contents")
            ):
                found.append(waiting)
            waiting = None
    return [] if single else found


def _stem(name: str) -> str:
    return re.sub(r"\.(csv|json)$", "", name.lower())


def _table_of(part: Part, key: str | None, item: Any) -> Table | None:
    if key is not None and key != "contents":
        return TABLES[_stem(key)]
    if not isinstance(item, dict) or ("name" not in item and "id" not in item):
        return None
    stem = re.sub(r"_(list|full|minimal)$", "", _stem(part.name))
    named = part.table or TABLES.get(stem)
    if named and stem != "taxonomy":
        return named
    signed = next((kind for kind, signs in _SIGNS if signs & item.keys()), None)
    return Table(signed) if signed and "id" in item else None


def _flattened(
    table: Table, item: Mapping[str, Any], at: Place, around: Mapping[str, str], problems: Problems
) -> Iterator[Record]:
    """The object as a record, then those inside it; `around` holds the identifiers of those that it is inside of."""
    if at.path.count(".") > _DEEPEST:
        problems.error(at, None, "is nested too deep")
        return
    found = {**table.constants, **_cells(item)}
    id_ = found.pop("id", None) or _made_up_id(table.kind, found, around)
    if id_ is None:
        problems.error(at, "id", "is missing: each object needs an identifier")
        return
    inside = list(_inside(item, at))
    for key, child, _table, _at in inside:
        reference = _SINGLE.get(key)
        if reference and reference in BY_NAME[table.kind].known and child.get("id") is not None:
            found[reference] = cells.clean(str(child["id"]))
    _refer(table.kind, found, around)
    yield Record(table.kind, id_, found, at)
    kept = {**around, **{k: found[k] for k in ("organization_id",) if k in found}, "kind": table.kind}
    for _key, child, child_table, child_at in inside:
        yield from _flattened(
            child_table, child, child_at, {**kept, f"{table.kind}_id": id_, "id": id_}, problems
        )


def _made_up_id(kind: str, found: Mapping[str, str], around: Mapping[str, str]) -> str | None:
    """Small parts of older documents have no identifiers: what one says, and of what, then tells it from others."""
    if kind in ("organization", "service", "location", "service_at_location") or not around or not found:
        return None
    seed = repr((around.get("kind"), around.get("id"), sorted(found.items())))
    return "row-" + hashlib.sha256(seed.encode()).hexdigest()[:24]


def _refer(kind: str, found: dict[str, str], around: Mapping[str, str]) -> None:
    """Refer to the object that this one is inside of."""
    if not around:
        return
    if kind in ("attribute", "metadata"):
        id_field, kind_field = (
            ("link_id", "link_entity") if kind == "attribute" else ("resource_id", "resource_type")
        )
        found[id_field], found[kind_field] = around["id"], around["kind"]
        return
    known = BY_NAME[kind].known
    direct = f"{around['kind']}_id"
    if direct in known and BY_NAME[kind].parents.get(direct) == around["kind"]:
        found.setdefault(direct, around["id"])
    if kind == "program" and "organization_id" in around:
        found.setdefault("organization_id", around["organization_id"])


def _inside(item: Mapping[str, Any], at: Place) -> Iterator[tuple[str, Mapping[str, Any], Table, Place]]:
    for key, value in item.items():
        table = TABLES.get(key)
        if table is None:
            continue
        if isinstance(value, dict):
            yield key, value, table, Place(at.file, at.row, f"{at.path}{key}.")
        elif isinstance(value, list):
            for number, one in enumerate(value):
                if isinstance(one, dict):
                    yield key, one, table, Place(at.file, at.row, f"{at.path}{key}[{number}].")


def _cells(item: Mapping[str, Any]) -> dict[str, str]:
    texts = {key: _text(value) for key, value in item.items()}
    return {key: text for key, text in texts.items() if text}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if -20 < value.adjusted() < 20 else ""
    if isinstance(value, str | int):
        return cells.clean(str(value))
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return cells.clean(",".join(str(one) for one in value))
    return ""
