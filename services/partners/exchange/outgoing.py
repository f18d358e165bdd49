"""Rows of the directory as objects of HSDS: their fields, and the objects that are kept with them or that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from services.partners.domain.taxonomy import SCHEME
from services.partners.exchange.hsds import BY_NAME
from services.partners.exchange.outlines import Outline
from services.partners.exchange.reading import identity

Cells = Mapping[str, Any]


_OWN: Final = "The network's own taxonomy of services."


class Outgoing:
    """Turns rows that `outlines.statement` gives into objects. `source`: whose own identifiers they go out under; None
    for the network's."""

    def __init__(self, source: str | None) -> None:
        self._source = source
        #: A term's code -> its identifier.
        self._terms: dict[str, str] = {}
        self._taxonomies: dict[str, dict[str, Any]] = {}

    def know(self, term: Cells) -> None:
        """Of a row of `outlines.term_rows`: what refers to the term is given out from now on."""
        self._terms[term["full_code"]] = term["id"]

    def know_taxonomy(self, row: Cells) -> None:
        """Of a row of `outlines.taxonomy_rows`."""
        self._taxonomies[row["scheme"]] = self.cells("taxonomy", row)

    def taxonomy(self, scheme: str) -> dict[str, Any]:
        """The taxonomy of a scheme; one of which nothing is known is known by its terms."""
        made = {"id": str(identity(scheme, "taxonomy", "")), "name": scheme}
        if scheme == SCHEME:
            made["description"] = _OWN
        return self._taxonomies.get(scheme) or _whole("taxonomy", made)

    def term(self, term: Cells) -> dict[str, Any]:
        code = term["full_code"].removeprefix(f"{term['taxonomy']}:")
        said = {**term["source_fields"], **term}
        taxonomy_id = self.taxonomy(term["taxonomy"])["id"]
        return _whole("taxonomy_term", {**said, "code": code, "taxonomy_id": taxonomy_id})

    def room(self, row: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
        """Of a row of `outlines.room_rows`: HSDS 3.1 service_capacity and its unit. What its source said of them stands,
        as long as no newer report does."""
        updated = row["reported_at"].isoformat()
        kept = [
            one for one in row["kept"] or () if one.get("unit", {}).get("name", "case")[:40] == row["unit"]
        ]
        said: Cells = kept[0] if kept else {}
        unit: Cells = said.get("unit") or {"name": row["unit"]}
        made = str(identity(str(row["row_source"]), "unit", str(unit.get("id", row["unit"]))))
        unit_id = unit["id"] if self._source is not None and "id" in unit else made
        same = said.get("updated") == updated and said.get("available") == str(row["available"])
        id_ = said["id"] if same and self._source is not None else row["report"]
        found = {
            "id": id_,
            "service_id": row["service_id"],
            "unit_id": unit_id,
            "available": row["available"],
            "maximum": row["maximum"],
            "description": said.get("description") if same else None,
            "updated": updated,
        }
        return found, {**unit, "id": unit_id}

    def cells(self, kind: str, row: Cells) -> dict[str, Any]:
        """The object's own fields; what is kept of a place that is not to be found is left out (R17)."""
        more = row["source_fields"] if row["open"] else {}
        fields = {name: value for name, value in more.items() if not isinstance(value, list)}
        return _whole(kind, {**self._translated(kind, row, fields), **{k: _cell(v) for k, v in row.items()}})

    def children(self, kind: str, outline: Outline, row: Cells) -> Iterator[tuple[str, Cells]]:
        """Objects that are kept with the record, and those that a list of it stands for, each with its kind."""
        more = row["source_fields"] if row["open"] else {}
        yield from self._kept(kind, row, more)
        for column, (child_kind, field) in outline.lists.items():
            if child_kind not in more and row["open"]:
                yield from self._listed(kind, child_kind, field, row, row[column])
        if kind == "service":
            said = {self._term_of(child) for child in more.get("attribute", ())}
            yield from self._attributes(row, said)

    def _kept(self, kind: str, row: Cells, more: Cells) -> Iterator[tuple[str, Cells]]:
        """Kept objects, then those that are kept with them."""
        for child_kind, kept in more.items():
            for child in kept if isinstance(kept, list) and child_kind != "service_capacity" else ():
                held = self._held(kind, child_kind, row, child)
                if held is not None:
                    own = {name: value for name, value in child.items() if not isinstance(value, list)}
                    yield child_kind, {**self._translated(child_kind, row, own), **held}
                    yield from self._kept(child_kind, {**row, "id": held["id"]}, child)

    def _translated(self, kind: str, row: Cells, fields: Mapping[str, str]) -> dict[str, str]:
        """Kept fields; those that refer to another record by the source's identifier, by the one that it has here."""
        if self._source is not None:
            return dict(fields)
        parents = BY_NAME[kind].parents
        known = {f: v for f, v in fields.items() if f not in parents}
        for field in parents.keys() & fields.keys() - {"service_at_location_id"}:
            known[field] = str(identity(str(row["row_source"]), parents[field], fields[field]))
        return known

    def _held(self, kind: str, child_kind: str, row: Cells, child: Cells) -> dict[str, Any] | None:
        """What says of which record a kept object is. None for a term that is not known."""
        held = {"id": child["id"], f"{kind}_id": row["id"]}
        if self._source is None:
            held["id"] = str(identity(str(row["row_source"]), child_kind, child["id"]))
        if child_kind == "metadata":
            held |= {"resource_id": row["id"], "resource_type": kind}
        if child_kind == "attribute":
            term = self._term_of(child)
            if term is None:
                return None
            held |= {"link_id": row["id"], "link_entity": kind, "taxonomy_term_id": term}
        return held

    def _term_of(self, attribute: Cells) -> str | None:
        return self._terms.get(attribute.get("term") or "")

    def _listed(
        self, kind: str, child_kind: str, field: str, row: Cells, values: Iterable[str]
    ) -> Iterator[tuple[str, Cells]]:
        for value in values:
            id_ = str(identity(str(row["id"]), child_kind, value))
            yield child_kind, {"id": id_, f"{kind}_id": row["id"], field: value}

    def _attributes(self, row: Cells, said: set[str | None]) -> Iterator[tuple[str, Cells]]:
        for code in row["term_codes"]:
            term = self._terms.get(code)
            if term is not None and term not in said:
                id_ = str(identity(str(row["id"]), "attribute", code))
                link = {"link_id": row["id"], "link_entity": "service", "link_type": "taxonomy"}
                yield "attribute", {"id": id_, "taxonomy_term_id": term, **link}


def _whole(kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """With the description that HSDS requires of some kinds: where there is none, the name (see `Reading.said`)."""
    if not said.get("description") and "description" in BY_NAME[kind].required:
        said["description"] = said.get("name")
    return said


def _cell(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
