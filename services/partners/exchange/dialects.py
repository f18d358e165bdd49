"""How older versions of HSDS, and directories that never were quite HSDS, name their columns.

Known here: HSDS 1.x and 2.0, the Ohana API's CSV, the Florida legal-aid directory and Illinois Legal Aid Online. A cell
that holds several things (languages, phones, problem codes) becomes the records that HSDS 3.0 has for them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.partners.exchange.records import Record

#: Kind -> a column's name in small letters -> the HSDS 3.0 field. Not used where the file has the field itself.
_ALIASES: Final[Mapping[str, Mapping[str, str]]] = {
    "organization": {
        "organization_uuid": "id",
        "organization_id": "id",
        "organization_name": "name",
        "title": "name",
        "body": "description",
        "organization_alternate_name": "alternate_name",
        "organization_description": "description",
        "organization_email": "email",
        "organization_url": "website",
        "url": "website",
        "website_address": "website",
        "organization_tax_id": "tax_id",
        "organization_legal_status": "legal_status",
        "organization_year_incorporated": "year_incorporated",
        "date_incorporated": "year_incorporated",
    },
    "service": {
        "service_uuid": "id",
        "services_id": "id",
        "organization_uuid": "organization_id",
        "service_name": "name",
        "title": "name",
        "service_alternate_name": "alternate_name",
        "service_description": "description",
        "service_email": "email",
        "service_url": "url",
        "website": "url",
        "website_address": "url",
        "service_min_age": "minimum_age",
        "service_max_age": "maximum_age",
        "is_this_service_open": "status",
        "eligibility": "eligibility_description",
        "an_individual_must_be_one_of_these_to_qualify": "eligibility_description",
        "income_eligibility_and_fees": "fees_description",
        "last_verified": "assured_date",
        "last_verified_on": "assured_date",
    },
    "location": {
        "location_uuid": "id",
        "location_id": "id",
        "organization_uuid": "organization_id",
        "location_name": "name",
        "field_2": "name",
        "location_url": "url",
        "website": "url",
        "virtual": "location_type",
        "short_desc": "description",
    },
    "address": {"state": "state_province", "street": "address_1", "type": "address_type"},
    "phone": {"number_type": "type", "department": "description", "phone_number": "number"},
    "schedule": {
        "weekday": "byday",
        "start_date": "valid_from",
        "end_date": "valid_to",
        "original_text": "description",
    },
    "service_area": {"service_area": "name"},
    "language": {"language": "name"},
    "funding": {"funding_source": "source"},
    "accessibility": {"accessibility": "description"},
    "cost_option": {"payment": "option"},
    "attribute": {
        "service_id": "link_id",
        "taxonomy_id": "taxonomy_term_id",
        "taxonomy_detail": "value",
    },
    "eligibility": {"description": "eligibility", "min_age": "minimum_age", "max_age": "maximum_age"},
    "taxonomy_term": {
        "taxonomy_id": "id",
        "title": "name",
        "vocabulary": "taxonomy",
        "parent_code": "parent_id",
    },
}


@dataclass(frozen=True, slots=True)
class _Split:
    """A cell that holds several values becomes one record each, of `kind`, with the value in `field`."""

    kind: str
    field: str
    separator: str


_COMMA: Final = r"[,;\n]"
_SPLITS: Final[Mapping[tuple[str, str], _Split]] = {
    ("service", "languages"): _Split("language", "name", _COMMA),
    ("location", "languages"): _Split("language", "name", _COMMA),
    ("location", "accessibility"): _Split("accessibility", "description", _COMMA),
    ("service", "required_documents"): _Split("required_document", "document", r"[;\n]"),
    ("service", "service_areas"): _Split("service_area", "name", _COMMA),
    ("service", "funding_sources"): _Split("funding", "source", _COMMA),
    ("organization", "funding_sources"): _Split("funding", "source", _COMMA),
    ("service", "taxonomy_ids"): _Split("attribute", "taxonomy_term_id", _COMMA),
    ("service", "service_problem_codes"): _Split("attribute", "taxonomy_term_id", r"[;\n]"),
    ("service", "phone_number"): _Split("phone", "number", r"\n"),
    ("location", "phone_number"): _Split("phone", "number", r"\n"),
    ("organization", "phone_number"): _Split("phone", "number", r"\n"),
    ("location", "toll_free_phone_number"): _Split("phone", "number", r"\n"),
    ("location", "tty_phone_number"): _Split("phone", "number", r"\n"),
    ("location", "phones"): _Split("phone", "number", _COMMA),
    ("service", "hours_of_operation"): _Split("schedule", "description", "\0"),
    ("location", "hours_of_operation"): _Split("schedule", "description", "\0"),
}
_PHONE_TYPES: Final = {"toll_free_phone_number": "tollfree", "tty_phone_number": "tty"}
#: Columns by which a directory of legal aid is known: all of its services are legal.
_LEGAL_AID: Final = frozenset({"service_problem_codes", "is_this_service_an_advice_desk_or_walk_in_clinic"})
PROBLEM_CODES: Final = "legal-problem-codes"

#: What the provider requires of those whom the service is for: text of the service, shown as the provider wrote it (R4).
_ELIGIBILITY: Final = {
    "service_income_limit": "Household income limit (% of the federal poverty level): {}.",
    "max_percentage_of_income_standard": "Household income limit: {}.",
    "service_military_status": "Military status: {}.",
    "service_immigration_status": "Immigration status, as the provider states it: {}.",
    "service_incarceration_status": "Custody: {}.",
    "audience": "For: {}.",
}
_FEES: Final = ("flat_fee_description", "sliding_scale_fees_description")
_ADDRESS: Final = re.compile(r"(.+),\s*([^,]+),\s*([A-Z]{2})\s+(\d{5}(?:-\d{4})?)", re.DOTALL)

_OTHERS: Final[Mapping[str, frozenset[str]]] = {
    "service": frozenset(
        {"location_id", "service_additional_information", "service_program", "organization_name", *_LEGAL_AID}
        | set(_ELIGIBILITY)
        | set(_FEES)
    ),
    "location": frozenset({"location_address", "organization_name"}),
    "phone": frozenset({"country_prefix"}),
    "schedule": frozenset({"closed"}),
    "taxonomy_term": frozenset({"parent_name"}),
}


def translated(kind: str, columns: Sequence[str]) -> list[str]:
    """The columns by their HSDS names; one that is named by another column already keeps its own."""
    aliases = _ALIASES.get(kind, {})
    present = set(columns)
    return [aliases[c] if c in aliases and aliases[c] not in present else c for c in columns]


def implied(kind: str, columns: Sequence[str]) -> dict[str, str]:
    """Cells that a table's columns imply for each of its rows."""
    return {"legal_aid": "true"} if kind == "service" and _LEGAL_AID & set(columns) else {}


def understood(kind: str) -> frozenset[str]:
    """Columns that are no fields of HSDS 3.0 but are read nevertheless."""
    return _OTHERS.get(kind, frozenset()) | splits(kind)


def splits(kind: str) -> frozenset[str]:
    """Columns whose cells hold several values."""
    return frozenset(column for of, column in _SPLITS if of == kind)


def derived(record: Record) -> Iterator[Record]:
    """The record in HSDS 3.0's fields, then the records that its other cells become."""
    own = dict(record.cells)
    more: list[Record] = []
    for column in [c for c in own if (record.kind, c) in _SPLITS]:
        more += _split(record, column, own.pop(column))
    if record.kind == "service":
        more += _of_service(record, own)
    elif record.kind == "location":
        more += _of_location(record, own)
    elif record.kind == "phone" and (prefix := own.pop("country_prefix", None)) and "number" in own:
        own["number"] = f"{prefix} {own['number']}"
    elif record.kind == "schedule" and own.pop("closed", "").lower() == "true":
        own.setdefault("description", "Closed")
    yield replace(record, cells=own)
    yield from more


def _split(record: Record, column: str, raw: str) -> Iterator[Record]:
    split = _SPLITS[record.kind, column]
    for value in dict.fromkeys(part.strip() for part in re.split(split.separator, raw)):
        if not value:
            continue
        found = {split.field: value}
        if split.kind == "phone":
            label, _, number = value.rpartition(":")
            found = {"number": number.strip(), "type": label.strip() or _PHONE_TYPES.get(column, "voice")}
        if column == "service_problem_codes":
            term = {"name": value, "code": value, "taxonomy": PROBLEM_CODES}
            yield _child(record, "taxonomy_term", column, value, term, id_=f"{PROBLEM_CODES}/{value}")
            found = {"taxonomy_term_id": f"{PROBLEM_CODES}/{value}"}
        yield _child(record, split.kind, column, value, found)


def _of_service(record: Record, own: dict[str, str]) -> Iterator[Record]:
    for column in _LEGAL_AID | {"organization_name"}:
        own.pop(column, None)
    _gather(own, "description", [own.pop("service_additional_information", None)])
    rules = [text.format(own.pop(column)) for column, text in _ELIGIBILITY.items() if column in own]
    _gather(own, "eligibility_description", rules)
    _gather(own, "fees_description", [own.pop(column, None) for column in _FEES])
    program = own.pop("service_program", None)
    if program and "organization_id" in own:
        id_ = f"{own['organization_id']}/{program}"
        cells = {"name": program, "organization_id": own["organization_id"]}
        own.setdefault("program_id", id_[:200])
        yield _child(record, "program", "service_program", program, cells, id_=id_[:200])
    location = own.pop("location_id", None)
    if location:
        cells = {"service_id": record.id, "location_id": location}
        yield _child(record, "service_at_location", "location_id", location, cells)


def _of_location(record: Record, own: dict[str, str]) -> Iterator[Record]:
    own.pop("organization_name", None)
    matched = _ADDRESS.fullmatch(own.pop("location_address", "").strip())
    if matched:
        street, city, state, zip_code = (part.strip() for part in matched.groups())
        cells = {"address_1": street, "city": city, "state_province": state, "postal_code": zip_code}
        yield _child(record, "address", "location_address", "", {**cells, "address_type": "physical"})


def _gather(own: dict[str, str], column: str, others: Sequence[str | None]) -> None:
    """Add to a text what other columns say, once each."""
    texts = [text for text in dict.fromkeys([own.get(column), *others]) if text]
    if texts:
        own[column] = "\n".join(texts)


def _child(
    record: Record, kind: str, column: str, value: str, found: dict[str, str], *, id_: str | None = None
) -> Record:
    if id_ is None:
        seed = repr((record.kind, record.id, column, value)).encode()
        id_ = f"{kind}-{hashlib.sha256(seed).hexdigest()[:24]}"
        if kind == "attribute":
            found = {**found, "link_id": record.id, "link_entity": record.kind}
        elif kind != "service_at_location":
            found = {**found, f"{record.kind}_id": record.id}
    return Record(kind, id_, found, replace(record.at, path=f"{column}."))
