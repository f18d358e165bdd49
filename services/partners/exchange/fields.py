"""What kind of value each field of HSDS holds: of tables (`datapackage.json`), of JSON (its schemas), and of cells read.

HSDS 3.0 and 3.1. Identifiers are text here: publishers' own need not be UUIDs, and the network's are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from services.partners.exchange import cells
from services.partners.exchange.cells import Parser, Read, UnreadableError
from services.partners.exchange.hsds import BY_NAME


class Type(StrEnum):
    """Of a field. The value is the type's name in a Frictionless table schema."""

    TEXT = "string"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    URI = "uri"
    EMAIL = "email"


def _typed(**fields: str) -> dict[str, Type]:
    return {name: Type[kind.upper()] for kind, names in fields.items() for name in names.split()}


TYPES: Final[Mapping[str, Mapping[str, Type]]] = {
    "organization": _typed(email="email", uri="website uri", number="year_incorporated"),
    "service": _typed(
        uri="url",
        email="email assurer_email",
        number="minimum_age maximum_age",
        date="assured_date",
        datetime="last_modified",
    ),
    "location": _typed(uri="url", number="latitude longitude"),
    "phone": _typed(number="extension"),
    "contact": _typed(email="email"),
    "schedule": _typed(
        date="valid_from valid_to dtstart until",
        number="timezone count interval",
        time="opens_at closes_at",
        uri="schedule_link",
    ),
    "required_document": _typed(uri="uri"),
    "accessibility": _typed(uri="url"),
    "taxonomy_term": _typed(uri="term_uri"),
    "metadata": _typed(date="last_action_date"),
    "cost_option": _typed(date="valid_from valid_to", number="amount"),
    "taxonomy": _typed(uri="uri"),
    "service_capacity": _typed(number="available maximum", datetime="updated"),
    "unit": _typed(uri="uri"),
    "url": _typed(uri="url"),
}

#: Fields of which HSDS lists the values.
VALUES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("service", "status"): ("active", "inactive", "defunct", "temporarily closed"),
    ("location", "location_type"): ("physical", "postal", "virtual"),
    ("address", "address_type"): ("physical", "postal", "virtual"),
    ("schedule", "wkst"): ("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
    ("schedule", "freq"): ("WEEKLY", "MONTHLY"),
}


def type_of(kind: str, field: str) -> Type:
    return TYPES.get(kind, {}).get(field, Type.TEXT)


def _number(raw: str) -> Read[str]:
    text = raw.strip().removeprefix("$").replace(",", "")
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,12})?", text, re.ASCII):
        raise UnreadableError("is not a number")
    return Read(text)


def _offset(raw: str) -> Read[str]:
    """Hours from UTC, which HSDS has for a time zone."""
    matched = re.fullmatch(r"(?:UTC|GMT)?\s*([+-]?\d{1,2})(?:\.(\d+)|:(\d{2}))?", raw.strip(), re.ASCII)
    if not matched:
        raise UnreadableError("is not a number of hours from UTC")
    hours, tenths, minutes = matched.groups()
    fraction = (
        f".{tenths}"
        if tenths
        else f".{int(minutes) * 100 // 60:02d}".rstrip("0").rstrip(".")
        if minutes
        else ""
    )
    return Read(f"{int(hours)}{fraction}")


def _iso(parser: Parser[Any]) -> Parser[str]:
    def parse(raw: str) -> Read[str]:
        found = parser(raw)
        return Read(found.value.isoformat(), found.note)

    return parse


_PARSERS: Final[Mapping[Type, Parser[str]]] = {
    Type.NUMBER: _number,
    Type.DATE: _iso(cells.day),
    Type.TIME: _iso(cells.clock),
    Type.DATETIME: _iso(cells.moment),
    Type.URI: cells.uri,
    Type.EMAIL: cells.email,
}


def parser_of(kind: str, field: str) -> Parser[str]:
    """What reads a cell of this field into the text that goes out again."""
    if (kind, field) == ("schedule", "timezone"):
        return _offset
    if (kind, field) in VALUES:
        return _listed(VALUES[kind, field])
    return _PARSERS.get(type_of(kind, field), Read)


def _listed(values: tuple[str, ...]) -> Parser[str]:
    by_name = {value.lower(): value for value in values}

    def parse(raw: str) -> Read[str]:
        found = by_name.get(raw.strip().lower())
        if found is None:
            raise UnreadableError(f"is not one of {', '.join(values)}")
        return Read(found)

    return parse


def as_json(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of HSDS 3.0 that an object has, as its JSON schema wants them: numbers as numbers, and no cell that is
    empty or, being of another type, would not fit."""
    return {
        field: value
        for field in BY_NAME[kind].fields
        if (value := _value(kind, field, said.get(field))) is not None
    }


def as_cells(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """All fields that an object has, as a table wants them: as `as_json`, and those of 3.1 as well."""
    found = {field: _value(kind, field, said.get(field)) for field in BY_NAME[kind].known}
    return {field: value for field, value in found.items() if value is not None}


def _value(kind: str, field: str, value: Any) -> Any:
    if value is None or value == "":
        return None
    if type_of(kind, field) is Type.NUMBER:
        return _as_number(value)
    try:
        return parser_of(kind, field)(str(value)).value
    except UnreadableError:
        return None


def _as_number(value: Any) -> int | float | None:
    if isinstance(value, int | float):
        return value
    try:
        text = _number(str(value)).value
    except UnreadableError:
        return None
    return float(text) if "." in text else int(text)
