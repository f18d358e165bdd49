"""What HSDS says and the directory has no column or table for: kept with the record that it is about, for export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.partners.exchange.cells import UnreadableError
from services.partners.exchange.fields import TYPES, parser_of
from services.partners.exchange.hsds import BY_NAME, CARRIED
from services.partners.exchange.reading import Reading, RefusedError, identity, refers_to
from services.partners.exchange.records import Record, linked_kind
from services.partners.exchange.stage import Stage

#: Fields of HSDS without a column.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "organization": ("tax_status", "tax_id", "legal_status", "logo", "uri", "parent_organization_id"),
    "service": ("wait_time", "fees", "accreditations", "assurer_email", "licenses", "last_modified"),
    "location": ("url", "external_identifier", "external_identifier_type"),
    "contact": ("service_at_location_id",),
    "phone": ("service_at_location_id",),
    "schedule": (
        "service_at_location_id",
        "dtstart",
        "timezone",
        "until",
        "count",
        "wkst",
        "byweekno",
        "byyearday",
        "schedule_link",
        "attending_type",
        "notes",
    ),
    "service_area": ("service_at_location_id", "extent_type", "uri"),
    "language": ("phone_id",),
    "taxonomy_term": ("language", "term_uri"),
}
_LINKS: Final = {"attribute": ("link_id", "link_entity"), "metadata": ("resource_id", "resource_type")}


class Carried:
    """Gathers what is kept with a record."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def fields(self, reading: Reading) -> dict[str, Any]:
        """`source_fields` of the record's row: fields by their names, lists of objects by their kinds."""
        record = reading.record
        found: dict[str, Any] = {
            field: value
            for field in FIELDS.get(record.kind, ())
            if field in record.cells
            and self._leads(record, field)
            and (value := reading.read(field, parser_of(record.kind, field))) is not None
        }
        found |= self._kept_with(record)
        if record.kind == "service" and (rooms := self._rooms(record)):
            found["service_capacity"] = rooms
        return found

    def texts(self, record: Record, kind: str, field: str) -> list[str]:
        """One field of each object of `kind` that is kept with the record."""
        children = self._stage.referring(record, (kind,))
        return list(dict.fromkeys(child.cells[field] for child in children if field in child.cells))

    def check(self, reading: Reading) -> None:
        """Raises: RefusedError when an object has lost the record that it is about."""
        record = reading.record
        field = CARRIED[record.kind][0]
        if record.kind == "attribute":
            reading.need_parent("taxonomy_term_id", "taxonomy_term")
        held = self._holder(record)
        named = next((f for f in CARRIED[record.kind] if f in record.cells), None)
        if named is None:
            raise RefusedError(field, "is empty: nothing says of which record it is")
        if held is None:
            raise RefusedError(named, "refers to a record that is not in the package")
        if not self._is_kept(*held):
            raise RefusedError(named, refers_to(held[0], "was refused"), follows=True)
        for field in TYPES.get(record.kind, ()):
            reading.read(field, parser_of(record.kind, field))

    def _rooms(self, service: Record) -> list[dict[str, Any]]:
        """What a source says of a service's room beyond a report of it: the unit, a description."""
        found = []
        for child in self._stage.referring(service, ("service_capacity",)):
            room = _typed(child, {"service_id", "unit_id"})
            unit = self._stage.get("unit", child.cells.get("unit_id"))
            found.append(room | ({"unit": _typed(unit, set())} if unit else {}))
        return found

    def _kept_with(self, holder: Record) -> dict[str, list[dict[str, Any]]]:
        """Objects that are kept with a record, by their kinds, each with those that are kept with it."""
        found: dict[str, list[dict[str, Any]]] = {}
        for child in self._stage.referring(holder, tuple(CARRIED)):
            if self._holder(child) == (holder.kind, holder.id) and not self._is_made_up(holder, child):
                found.setdefault(child.kind, []).append(self._kept(holder, child))
        return found

    def _kept(self, holder: Record, child: Record) -> dict[str, Any]:
        """The object without its reference to the holder, which is said by where it is kept."""
        found = _typed(child, {f"{holder.kind}_id", "taxonomy_term_id", *_LINKS.get(child.kind, ())})
        if child.kind == "attribute":
            # By its code: a taxonomy that several sources share has its terms from the first that brought them.
            term = self._stage.accepted("taxonomy_term", child.cells.get("taxonomy_term_id"))
            found["term"] = term.code if term else None
        # An attribute says nothing more of attributes: no circle of them is followed.
        return found if child.kind in _LINKS else found | self._kept_with(child)

    def _is_made_up(self, holder: Record, child: Record) -> bool:
        """Whether an export made the attribute up, under this very identifier, of one of a service's terms."""
        if holder.kind != "service" or child.kind != "attribute":
            return False
        term = self._stage.accepted("taxonomy_term", child.cells.get("taxonomy_term_id"))
        return term is not None and child.id == str(identity(holder.id, "attribute", str(term.code)))

    def _is_kept(self, kind: str, id_: str) -> bool:
        """Whether a record is in the directory: as a row, or with one."""
        if kind not in CARRIED:
            return self._stage.accepted(kind, id_) is not None
        found = self._stage.get(kind, id_)
        holder = self._holder(found) if found is not None and kind not in _LINKS else None
        return holder is not None and self._is_kept(*holder)

    def _leads(self, record: Record, field: str) -> bool:
        """Whether a field, where it is a reference, leads to a record of the package."""
        kind = BY_NAME[record.kind].parents.get(field)
        return kind is None or self._stage.get(kind, record.cells[field]) is not None

    def _holder(self, child: Record) -> tuple[str, str] | None:
        """The record that an object is kept with."""
        if child.kind in _LINKS:
            id_field, kind_field = _LINKS[child.kind]
            named = (linked_kind(child.cells.get(kind_field, "")), child.cells.get(id_field, ""))
            return named if named[0] in BY_NAME and self._stage.get(*named) else None
        for field in CARRIED[child.kind]:
            held = (field.removesuffix("_id"), child.cells.get(field, ""))
            if self._stage.get(*held):
                return held
        return None


def _typed(child: Record, without: set[str]) -> dict[str, Any]:
    """The fields of an object that can be read; of the others it is told when the object itself is looked at."""
    found: dict[str, Any] = {"id": child.id}
    for field in sorted((BY_NAME[child.kind].known - without) & child.cells.keys()):
        try:
            found[field] = parser_of(child.kind, field)(child.cells[field]).value
        except UnreadableError:
            continue
    return found
