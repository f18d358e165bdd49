"""HSDS objects as rows of the directory: the small ones, which hang on an organisation, a service or a location."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.partners.domain.capacity import CapacitySource, CapacityStatus, expires_at
from services.partners.domain.geography import BY_FIPS, COUNTIES
from services.partners.domain.recurrence import in_weeks_or_months
from services.partners.domain.terms import LanguageModality, LanguageVia, Sensitivity
from services.partners.exchange import cells
from services.partners.exchange.hsds import HOLIDAYS
from services.partners.exchange.reading import Reading, identity
from services.partners.exchange.shapes import Row, Shapes
from services.partners.exchange.stage import Accepted

_MOST = 1_000_000_000
#: Only a name with its state is a county of ours where another state has one of the same name.
_SHARED_NAMES = frozenset({"Kings"})
_BY_COUNTY_NAME = {
    f"{county.name} county{ending}".lower(): county.fips
    for county in COUNTIES
    for ending in (", ca", ", california", "")
    if ending or county.name not in _SHARED_NAMES
}


class Details(Shapes):
    """Makes rows of the small objects as well."""

    def address(self, reading: Reading) -> tuple[Row | None, Accepted]:
        location = reading.need_parent("location_id", "location")
        id_, row = self._start(reading, location.owner)
        kind = (reading.text("address_type") or "physical").lower()
        if kind not in ("physical", "postal", "virtual"):
            reading.warn("address_type", "is not physical, postal or virtual, and was read as physical")
            kind = "physical"
        row |= {
            "location_id": location.row_id,
            "address_1": reading.need("address_1"),
            "country": reading.read("country", cells.country) or "US",
            "address_type": kind,
        }
        for column in ("attention", "address_2", "city", "region", "state_province", "postal_code"):
            row[column] = reading.text(column)
        return row, Accepted(id_, location.owner)

    def contact(self, reading: Reading) -> tuple[Row | None, Accepted]:
        owner, attached = self._attached(reading)
        id_, row = self._start(reading, owner)
        row |= attached | {"email": reading.read("email", cells.email)}
        for column in ("name", "title", "department"):
            row[column] = reading.text(column)
        return row, Accepted(id_, owner)

    def phone(self, reading: Reading) -> tuple[Row | None, Accepted]:
        contact = reading.parent("contact_id", "contact")
        owner, attached = self._attached(reading, contact)
        id_, row = self._start(reading, owner)
        row |= attached | {
            "contact_id": contact.row_id if contact else None,
            "number": reading.need_read("number", cells.phone),
            "extension": reading.read("extension", cells.extension),
            "type": reading.text("type"),
            "description": reading.text("description"),
        }
        return row, Accepted(id_, owner)

    def schedule(self, reading: Reading) -> tuple[Row | None, Accepted]:
        owner, attached = self._attached(reading)
        id_, row = self._start(reading, owner)
        valid_from = reading.read("valid_from", cells.day)
        if valid_from is None and reading.record.id.startswith(HOLIDAYS):
            reading.refuse("valid_from", "is no date: a holiday without one would close the place every day")
        freq, interval, byday = in_weeks_or_months(
            reading.read("freq", cells.frequency),
            reading.read("interval", cells.whole(1, 1000)),
            reading.read("byday", cells.weekdays),
        )
        row |= attached | {
            "freq": freq,
            "interval": interval,
            "byday": byday,
            "bymonthday": reading.text("bymonthday"),
            "opens_at": reading.read("opens_at", cells.clock),
            "closes_at": reading.read("closes_at", cells.clock),
            "valid_from": valid_from,
            "valid_to": reading.read("valid_to", cells.day),
            "description": reading.text("description"),
        }
        return row, Accepted(id_, owner)

    def service_area(self, reading: Reading) -> tuple[Row | None, Accepted]:
        reading.parent("service_at_location_id", "service_at_location")
        service = reading.parent("service_id", "service") or self._at(reading, "service")
        if service is None:
            reading.refuse_as_lost("service_id", "is empty, and a row cannot do without it")
        id_, row = self._start(reading, service.owner)
        name, extent = reading.text("name"), reading.text("extent")
        row |= {
            "service_id": service.row_id,
            "name": name,
            "description": reading.text("description"),
            "extent": extent,
            "county_fips": extent if extent in BY_FIPS else _BY_COUNTY_NAME.get((name or "").strip().lower()),
        }
        return row, Accepted(id_, service.owner)

    def language(self, reading: Reading) -> tuple[Row | None, Accepted]:
        phone = reading.parent("phone_id", "phone")
        by_phone = phone is not None and not {"service_id", "location_id"} & reading.record.cells.keys()
        owner, attached = self._attached(reading, phone)
        id_, row = self._start(reading, owner)
        name = reading.text("name")
        column = "code" if reading.text("code") else "name"
        if column == "name" and name is None:
            reading.refuse("code", "is empty, and so is the name: one of them says which language it is")
        row |= attached | {
            "code": reading.read(column, cells.language) or "und",
            "name": name or reading.text("code"),
            "modality": LanguageModality.SPOKEN,
            "via": LanguageVia.PHONE_LINE if by_phone else LanguageVia.STAFF,
            "note": reading.text("note"),
        }
        return row, Accepted(id_, owner)

    def service_capacity(self, reading: Reading) -> tuple[Row | None, Accepted]:
        """HSDS 3.1: a report of room at a moment. It holds as long as any report of that kind of service."""
        service = reading.need_parent("service_id", "service")
        available = reading.need_read("available", cells.whole(0, _MOST))
        maximum = reading.read("maximum", cells.whole(0, _MOST))
        if maximum is not None and available > maximum:
            reading.warn("maximum", "is lower than what is available; the cell was left empty")
            maximum = None
        reported_at = reading.need_read("updated", cells.moment)
        unit = self.stage.get("unit", reading.text("unit_id"))
        id_ = identity(
            self.source,
            "service_capacity",
            f"{reading.record.id}\x00{reported_at.isoformat()}\x00{available}",
        )
        row: dict[str, Any] = {
            "id": id_,
            "organization_id": service.owner,
            "service_id": service.row_id,
            "status": CapacityStatus.CAPACITY if available else CapacityStatus.NO_CAPACITY,
            "available": available,
            "maximum": maximum,
            "unit": unit.cells.get("name", "case")[:40] if unit else "case",
            "source": CapacitySource.REPORTED,
            "reported_at": reported_at,
            "expires_at": expires_at(Sensitivity(service.code or "NORMAL"), reported_at),
        }
        return row, Accepted(id_, service.owner)

    def _start(self, reading: Reading, owner: UUID | None) -> tuple[UUID, Row]:
        id_ = identity(self.source, reading.record.kind, reading.record.id)
        return id_, {**self._basis(reading, id_), "organization_id": owner}

    def _attached(self, reading: Reading, also: Accepted | None = None) -> tuple[UUID, Row]:
        """Whose it is, and what it hangs on. A service at a location stands for its service and its location."""
        organization = reading.parent("organization_id", "organization")
        reading.parent("service_at_location_id", "service_at_location")
        service = reading.parent("service_id", "service") or self._at(reading, "service")
        location = reading.parent("location_id", "location") or self._at(reading, "location")
        owners = [found.owner for found in (organization, service, location, also) if found]
        owner = next((one for one in owners if one), None)
        if owner is None:
            reading.refuse_as_lost(None, "says of no organization, service or location that it is theirs")
        row = {
            "service_id": service.row_id if service else None,
            "location_id": location.row_id if location else None,
        }
        return owner, row

    def _at(self, reading: Reading, kind: str) -> Accepted | None:
        place = self.stage.get("service_at_location", reading.text("service_at_location_id"))
        return self.stage.accepted(kind, place.cells.get(f"{kind}_id")) if place else None
