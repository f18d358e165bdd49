"""HSDS objects as rows of the directory: the great ones, which the others hang on."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from services.partners.domain.geography import postal_code
from services.partners.domain.taxonomy import BY_CODE, SCHEME, is_legal
from services.partners.domain.terms import (
    LocationType,
    OrganizationStatus,
    ServiceStatus,
    Visibility,
)
from services.partners.exchange import cells
from services.partners.exchange.carried import Carried
from services.partners.exchange.meaning import (
    organization_kind,
    organization_refusal,
    own_terms,
    term_refusal,
)
from services.partners.exchange.reading import Reading, identity, refers_to
from services.partners.exchange.records import Record
from services.partners.exchange.stage import Accepted, Stage
from services.partners.operations.directory import sensitivity_of

Row = dict[str, Any]

_LONGEST_SCHEME = 80
_LONGEST_CODE = 200


class Shapes:
    """Makes rows of one package's records. Each method gives the row, and what later records need to know of it;
    a row that is in the directory already under another record is None."""

    def __init__(self, stage: Stage, source: str) -> None:
        self.stage = stage
        self.source = source
        self.carried = Carried(stage)
        self._codes: set[str] = set()
        self._schemes: set[str] = set()

    def taxonomy(self, reading: Reading) -> tuple[Row | None, Accepted]:
        """Known by the scheme that its terms are of; the network's own is described by nobody else."""
        record = reading.record
        name = reading.need("name")
        scheme = self._scheme_of(record, name)
        if len(scheme) > _LONGEST_SCHEME:
            reading.refuse("name", f"is longer than {_LONGEST_SCHEME} characters")
        id_ = identity(scheme, "taxonomy", "")
        # Where nothing is known of a taxonomy, an export makes one up, under this very identifier.
        if scheme == SCHEME or scheme in self._schemes or record.id == str(id_):
            return None, Accepted(id_, None)
        self._schemes.add(scheme)
        row = {
            **self._basis(reading, id_),
            "scheme": scheme,
            "name": name,
            "description": reading.said("description", name),
            "uri": reading.read("uri", cells.uri),
            "version": reading.text("version"),
        }
        return row, Accepted(id_, None)

    def taxonomy_term(self, reading: Reading) -> tuple[Row | None, Accepted]:
        record = reading.record
        name = reading.need("name")
        refusal = term_refusal(record.cells.get("code", record.id), name)
        if refusal:
            reading.refuse("name", refusal)
        scheme, code = self._scheme(record), self._code(record)
        id_ = identity(scheme, "taxonomy_term", code)
        if scheme == SCHEME:
            if code not in BY_CODE:
                reading.refuse("code", f"is not a term of the scheme `{SCHEME}`, which is the network's own")
            return None, Accepted(id_, None, code)
        if len(scheme) > _LONGEST_SCHEME or len(code) > _LONGEST_CODE:
            reading.refuse("code", f"is too long: with its taxonomy it may have {_LONGEST_CODE} characters")
        if code in self._codes:
            reading.warn("code", "is used before in this taxonomy: the first term was kept")
            return None, Accepted(id_, None, code)
        self._codes.add(code)
        row = {
            **self._basis(reading, id_),
            "scheme": scheme,
            "code": code,
            "name": name,
            "description": reading.said("description", name),
            "parent_code": self._parent_code(reading),
        }
        return row, Accepted(id_, None, code)

    def organization(self, reading: Reading) -> tuple[Row | None, Accepted]:
        record = reading.record
        name = reading.need("name")
        refusal = organization_refusal(name)
        if refusal:
            reading.refuse("name", refusal)
        id_ = identity(self.source, "organization", record.id)
        parent = reading.text("parent_organization_id")
        if parent and self.stage.get("organization", parent) is None:
            lost = refers_to("organization", "is not in the package")
            reading.warn("parent_organization_id", f"{lost}; the cell was left empty")
        legal = [is_legal(self._terms(service)) for service in self.stage.referring(record, ("service",))]
        row = {
            **self._basis(reading, id_),
            "slug": _slug(name, id_),
            "name": name,
            "alternate_name": reading.text("alternate_name"),
            "description": reading.said("description", name),
            "kind": organization_kind(name, legal),
            "status": OrganizationStatus.ACTIVE,
            "website": reading.read("website", cells.url),
            "email": reading.read("email", cells.email),
            "counties": [],
            "year_incorporated": reading.read("year_incorporated", cells.year),
        }
        return row, Accepted(id_, id_)

    def program(self, reading: Reading) -> tuple[Row | None, Accepted]:
        record = reading.record
        owner = self._owner(reading, self._users_of_program(record))
        id_ = identity(self.source, "program", record.id)
        row = {
            **self._basis(reading, id_),
            "organization_id": owner,
            "name": reading.need("name"),
            "alternate_name": reading.text("alternate_name"),
            "description": reading.said("description", reading.need("name")),
        }
        return row, Accepted(id_, owner)

    def location(self, reading: Reading) -> tuple[Row | None, Accepted]:
        record = reading.record
        owner = self._owner(reading, self._services_at(record))
        id_ = identity(self.source, "location", record.id)
        kind = reading.read("location_type", cells.location_type) or LocationType.PHYSICAL
        row = {
            **self._basis(reading, id_),
            "organization_id": owner,
            "name": reading.text("name"),
            "alternate_name": reading.text("alternate_name"),
            "description": reading.text("description"),
            "location_type": kind,
            "visibility": Visibility.PUBLIC,
            "transportation": reading.text("transportation"),
            "accessibility": self.carried.texts(record, "accessibility", "description"),
            **self._whereabouts(reading),
        }
        return row, Accepted(id_, owner)

    def service(self, reading: Reading) -> tuple[Row | None, Accepted]:
        record = reading.record
        owner = self._owner(reading, self._locations_of(record))
        program = reading.parent("program_id", "program")
        id_ = identity(self.source, "service", record.id)
        terms = self._terms(record)
        sensitivity = sensitivity_of(terms)
        reading = self._with_eligibility(reading)
        assured = reading.read("assured_date", cells.day)
        row = {
            **self._basis(reading, id_),
            "organization_id": owner,
            "program_id": program.row_id if program else None,
            "name": reading.need("name"),
            "status": reading.read("status", cells.status) or ServiceStatus.ACTIVE,
            "sensitivity": sensitivity,
            "term_codes": terms,
            "url": reading.read("url", cells.url),
            "email": reading.read("email", cells.email),
            **_ages(reading),
            **{column: reading.text(column) for column in _SERVICE_TEXTS},
            "fees_description": reading.text("fees_description") or reading.text("fees"),
            "required_documents": self.carried.texts(record, "required_document", "document"),
            "verified_at": datetime.combine(assured, time(), UTC) if assured else None,
        }
        return row, Accepted(id_, owner, sensitivity.value)

    def _with_eligibility(self, reading: Reading) -> Reading:
        """With what older versions say of eligibility in a table of its own: the text, once each, and ages."""
        record = reading.record
        rules = self.stage.referring(record, ("eligibility",))
        if not rules:
            return reading
        own = dict(record.cells)
        texts = [own.get("eligibility_description"), *(rule.cells.get("eligibility") for rule in rules)]
        said = "\n".join(text for text in dict.fromkeys(texts) if text)
        if said:
            own["eligibility_description"] = said
        for field in ("minimum_age", "maximum_age"):
            age = next((rule.cells[field] for rule in rules if field in rule.cells), None)
            if age is not None:
                own.setdefault(field, age)
        return reading.of(replace(record, cells=own))

    def service_at_location(self, reading: Reading) -> tuple[Row | None, Accepted]:
        record = reading.record
        service = reading.need_parent("service_id", "service")
        location = reading.need_parent("location_id", "location")
        # By the pair and not by its own identifier: publishers renumber this table, and the pair is unique.
        pair = f"{record.cells['service_id']}\x00{record.cells['location_id']}"
        id_ = identity(self.source, "service_at_location", pair)
        accepted = Accepted(id_, service.owner)
        if pair in self._codes:
            reading.warn(None, "says again that this service is at this location")
            return None, accepted
        self._codes.add(pair)
        row = {
            **self._basis(reading, id_),
            "organization_id": service.owner,
            "service_id": service.row_id,
            "location_id": location.row_id,
            "description": reading.text("description"),
        }
        return row, accepted

    def _basis(self, reading: Reading, id_: UUID) -> Row:
        return {
            "id": id_,
            "source": self.source,
            "source_id": reading.record.id,
            "source_fields": self.carried.fields(reading),
        }

    def _owner(self, reading: Reading, others: list[Record]) -> UUID:
        """The organisation that a record names; one that names none belongs to that of `others`, which use it."""
        found = reading.parent("organization_id", "organization")
        # Only of a location HSDS does not require that it names its organisation: a wrong name is no more than none.
        unnamed = reading.text("organization_id") is None or reading.record.kind == "location"
        for other in others if found is None and unnamed else ():
            found = self.stage.accepted("organization", other.cells.get("organization_id"))
            if found is not None:
                break
        if found is None:
            reading.refuse_as_lost("organization_id", "is empty, and nothing else says whose it is")
        return found.row_id

    def _users_of_program(self, record: Record) -> list[Record]:
        return self.stage.referring(record, ("service",))

    def _services_at(self, record: Record) -> list[Record]:
        places = self.stage.referring(record, ("service_at_location",))
        services = (self.stage.get("service", place.cells.get("service_id")) for place in places)
        return [service for service in services if service]

    def _locations_of(self, record: Record) -> list[Record]:
        places = self.stage.referring(record, ("service_at_location",))
        locations = (self.stage.get("location", place.cells.get("location_id")) for place in places)
        return [location for location in locations if location]

    def _terms(self, service: Record) -> list[str]:
        """Codes of the service's terms, and of ours that mean the same."""
        codes: set[str] = set()
        names = []
        for attribute in self.stage.referring(service, ("attribute",)):
            term = attribute.cells.get("taxonomy_term_id")
            accepted = self.stage.accepted("taxonomy_term", term)
            found = self.stage.get("taxonomy_term", term)
            if accepted and accepted.code and found:
                codes.add(accepted.code)
                names.append(found.cells.get("name", ""))
        return sorted(codes | own_terms(names, legal_aid="legal_aid" in service.cells))

    def _scheme(self, record: Record) -> str:
        detail = self.stage.get("taxonomy", record.cells.get("taxonomy_id"))
        return record.cells.get("taxonomy") or (detail.cells.get("name") if detail else None) or self.source

    def _scheme_of(self, taxonomy: Record, name: str) -> str:
        terms = self.stage.referring(taxonomy, ("taxonomy_term",))
        return next((term.cells["taxonomy"] for term in terms if "taxonomy" in term.cells), name)

    def _code(self, record: Record) -> str:
        """A term's code in the graph: those of other taxonomies carry the taxonomy's name, so that they stay apart."""
        scheme, code = self._scheme(record), record.cells.get("code") or record.id
        return code if scheme == SCHEME else f"{scheme}:{code}"

    def _parent_code(self, reading: Reading) -> str | None:
        id_ = reading.text("parent_id")
        parent = self.stage.get("taxonomy_term", id_)
        refused = parent is None or term_refusal(
            parent.cells.get("code", parent.id), parent.cells.get("name", "")
        )
        if id_ is not None and refused:
            reading.warn(
                "parent_id", "refers to a term that is not in the directory; the cell was left empty"
            )
        return self._code(parent) if parent is not None and not refused else None

    def _whereabouts(self, reading: Reading) -> Row:
        """Town, county and coordinates: its own, or those of the ZIP code of its address."""
        addresses = self.stage.referring(reading.record, ("address",))
        # By their identifiers, and not by the order of a file: that is another when the package comes back.
        addresses.sort(key=lambda one: (one.cells.get("address_type", "physical") != "physical", one.id))
        given = addresses[0].cells if addresses else {}
        latitude, longitude = (
            reading.read("latitude", cells.latitude),
            reading.read("longitude", cells.longitude),
        )
        if (latitude is None) != (longitude is None):
            latitude = longitude = None
            reading.warn(
                "longitude", "latitude and longitude count only together; both cells were left empty"
            )
        zip_code = postal_code(given.get("postal_code", ""))
        if latitude is None and zip_code is not None:
            latitude, longitude = zip_code.centre.latitude, zip_code.centre.longitude
        return {
            "city": given.get("city"),
            "state_province": given.get("state_province"),
            "postal_code": given.get("postal_code", "")[:20] or None,
            "county_fips": zip_code.county if zip_code else None,
            "latitude": latitude,
            "longitude": longitude,
        }


_SERVICE_TEXTS = (
    "alternate_name",
    "description",
    "eligibility_description",
    "application_process",
    "interpretation_services",
    "alert",
)


def _ages(reading: Reading) -> Row:
    lowest, highest = reading.read("minimum_age", cells.age), reading.read("maximum_age", cells.age)
    if lowest is not None and highest is not None and lowest > highest:
        reading.warn("maximum_age", "is lower than the minimum age; the cell was left empty")
        highest = None
    return {"minimum_age": lowest, "maximum_age": highest}


def _slug(name: str, id_: UUID) -> str:
    """Words of the name, and enough of the id to be nobody else's."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-")
    return f"{words or 'organization'}-{id_.hex[-10:]}"
