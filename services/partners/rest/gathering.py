"""Objects of HSDS with all that hangs on them: a few statements for a whole page, whatever it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.exchange.fields import as_json
from services.partners.exchange.hsds import KINDS, NEWER
from services.partners.exchange.outgoing import Outgoing
from services.partners.exchange.outlines import SHOWN, statement, taxonomy_rows, term_rows
from services.partners.models import (
    Address,
    Contact,
    LanguageOffer,
    Location,
    Organization,
    Phone,
    Program,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    TaxonomyTerm,
)
from services.partners.rest.lists import newest_change
from vereda.database import among

Object = dict[str, Any]
Objects = dict[str, Object]

#: The kinds that may hang on an organisation, a service, a place, or a service at a place.
_ATTACHED: Final[Mapping[str, Any]] = {
    "contact": Contact,
    "phone": Phone,
    "schedule": Schedule,
    "language": LanguageOffer,
}
#: Where objects stand in another: as their table is called, but for one.
_LISTS: Final = {kind.name: kind.file for kind in KINDS} | {"service_at_location": "service_at_locations"}
#: Said by where an object stands.
_IMPLIED: Final = (
    "organization_id",
    "service_id",
    "location_id",
    "service_at_location_id",
    "contact_id",
    "phone_id",
)


class Gathering:
    """Reads one answer's objects in the session of its caller: what the caller may not see is not there."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._outgoing = Outgoing(None)
        self._terms: Objects = {}
        self._schemes: set[str] | None = None
        #: (kind of an object, its id) -> what hangs on it, by its kind.
        self._hanging: dict[tuple[str, str], dict[str, list[Object]]] = defaultdict(lambda: defaultdict(list))

    async def organizations(
        self, ids: Collection[UUID], *, full: bool = False, full_services: bool = False
    ) -> Objects:
        """By their ids. `full`: with what hangs on them, and their services: whole ones, or their own fields alone."""
        found = await self._objects("organization", among(Organization.id, ids))
        if not full:
            return found
        services = await self._services(among(Service.organization_id, ids))
        places = await self._objects("location", among(Location.organization_id, ids))
        if full_services:
            at = await self._at_places(services)
            others = _ids(one["location_id"] for one in at.values()) - _ids(places)
            elsewhere = await self._objects("location", among(Location.id, others)) if others else {}
            await self._hang_on(found, services, {**places, **elsewhere}, at)
            self._nest_places(services, {**places, **elsewhere}, at)
        else:
            await self._hang_on(found, {}, places, {})
        for program in (await self._objects("program", among(Program.organization_id, ids))).values():
            self._hanging["organization", program["organization_id"]]["program"].append(program)
        for kind, objects in (("location", places), ("service", services)):
            self._finish(kind, objects)
            for one in objects.values():
                self._hanging["organization", one["organization_id"]][kind].append(one)
        self._finish("organization", found)
        return found

    async def services(self, ids: Collection[UUID], *, full: bool = False) -> Objects:
        """By their ids, each in its organisation and program; `full`: with what hangs on them, and the places they are at."""
        found = await self._services(among(Service.id, ids))
        await self._nest_owners(found)
        if full:
            at = await self._at_places(found)
            places = await self._objects(
                "location", among(Location.id, _ids(one["location_id"] for one in at.values()))
            )
            await self._hang_on({}, found, places, at)
            self._nest_places(found, places, at)
        self._finish("service", found)
        return found

    async def services_at_locations(self, ids: Collection[UUID], *, full: bool = False) -> Objects:
        """By their ids, each with its service and its place; `full`: with what hangs on all three."""
        found = await self._objects("service_at_location", among(ServiceAtLocation.id, ids))
        services = await self._services(among(Service.id, _ids(one["service_id"] for one in found.values())))
        places = await self._objects(
            "location", among(Location.id, _ids(one["location_id"] for one in found.values()))
        )
        await self._nest_owners(services)
        if full:
            await self._hang_on({}, services, places, found)
        for kind, objects in (("location", places), ("service", services), ("service_at_location", found)):
            self._finish(kind, objects)
        for one in found.values():
            one["location"], one["service"] = places[one["location_id"]], services[one["service_id"]]
        return found

    async def terms(self, ids: Collection[UUID]) -> Objects:
        await self._learn(among(TaxonomyTerm.id, ids))
        return self._terms

    async def taxonomies(self) -> dict[str, tuple[str, Object]]:
        """All of them by their ids, each with its scheme, in the order of schemes."""
        known = await self._known_schemes()
        schemes = known | set(await self._session.scalars(select(TaxonomyTerm.scheme).distinct()))
        found = ((scheme, self._outgoing.taxonomy(scheme)) for scheme in sorted(schemes))
        return {said["id"]: (scheme, as_json("taxonomy", said)) for scheme, said in found}

    async def _services(self, where: ColumnElement[bool]) -> Objects:
        found = await self._objects("service", where)
        changed = select(Service.id, newest_change()).where(where)
        for id_, when in await self._session.execute(changed):
            found[str(id_)]["last_modified"] = when.isoformat()
        return found

    async def _at_places(self, services: Objects) -> Objects:
        where = among(ServiceAtLocation.service_id, _ids(services))
        return await self._objects("service_at_location", where)

    async def _nest_owners(self, services: Objects) -> None:
        """The organisation and the program of each, with their own fields."""
        for kind, model in (("organization", Organization), ("program", Program)):
            ids = _ids(one[f"{kind}_id"] for one in services.values() if f"{kind}_id" in one)
            owners = await self._objects(kind, among(model.id, ids)) if ids else {}
            for one in services.values():
                if (owner := owners.get(one.get(f"{kind}_id", ""))) is not None:
                    one[kind] = owner

    def _nest_places(self, services: Objects, places: Objects, at: Objects) -> None:
        """What is at which place, in its service."""
        self._finish("location", places)
        self._finish("service_at_location", at)
        for one in at.values():
            one["location"] = places[one["location_id"]]
            self._hanging["service", one["service_id"]]["service_at_location"].append(one)

    async def _hang_on(self, organizations: Objects, services: Objects, places: Objects, at: Objects) -> None:
        """What hangs on these: each object on the closest thing that it is said to be of."""
        small: dict[str, Objects] = {}
        for kind, model in _ATTACHED.items():
            of_all = and_(
                among(model.organization_id, _ids(organizations)),
                model.service_id.is_(None),
                model.location_id.is_(None),
            )
            closer = among(model.service_id, _ids(services)), among(model.location_id, _ids(places))
            small[kind] = await self._objects(kind, or_(*closer, of_all))
        small["address"] = await self._objects("address", among(Address.location_id, _ids(places)))
        small["service_area"] = await self._objects(
            "service_area", among(ServiceArea.service_id, _ids(services))
        )
        known = {"organization": organizations, "service": services, "location": places, **small}
        pairs = {(one["service_id"], one["location_id"]): id_ for id_, one in at.items()}
        for kind, objects in small.items():
            for one in objects.values():
                for holder in _holders(kind, one, known, pairs):
                    self._hanging[holder][kind].append(one)
        for kind, objects in small.items():
            self._finish(kind, objects)
            for one in objects.values():
                for field in _IMPLIED:
                    one.pop(field, None)

    def _finish(self, kind: str, objects: Objects) -> None:
        """Put into each object what hangs on it."""
        for id_, one in objects.items():
            for child_kind, ones in self._hanging.pop((kind, id_), {}).items():
                one[_LISTS[child_kind]] = ones

    async def _objects(self, kind: str, where: ColumnElement[bool]) -> Objects:
        """The rows as objects of their own fields, in the order of their ids; what is kept with them hangs on them."""
        outline = SHOWN[kind]
        rows = (await self._session.execute(statement(outline, None).where(where))).mappings().all()
        await self._learn_of(rows)
        found: Objects = {}
        for row in rows:
            one = found[row["id"]] = as_json(kind, self._outgoing.cells(kind, row))
            inside: dict[str, Object] = {}
            for child_kind, child in self._outgoing.children(kind, outline, row):
                if child_kind not in NEWER:
                    told = inside[child["id"]] = self._kept(child_kind, child)
                    # What is kept with a kept object comes after it.
                    holder = inside.get(child.get("link_id") or child.get("resource_id") or "")
                    lists = self._hanging[kind, one["id"]] if holder is None else holder
                    lists.setdefault(child_kind if holder is None else _LISTS[child_kind], []).append(told)
        return found

    def _kept(self, kind: str, said: Mapping[str, Any]) -> Object:
        found = as_json(kind, said)
        if kind == "attribute":
            found["taxonomy_term"] = self._terms[found["taxonomy_term_id"]]
        return {name: value for name, value in found.items() if name not in _IMPLIED}

    async def _learn_of(self, rows: Collection[Mapping[str, Any]]) -> None:
        """The terms that rows carry, or that attributes kept with them name."""
        codes = {code for row in rows for code in row.get("term_codes", ())}
        codes |= {one["term"] for row in rows for one in _attributes(row["source_fields"]) if one.get("term")}
        if codes:
            await self._learn(among(TaxonomyTerm.code, codes))

    async def _learn(self, where: ColumnElement[bool]) -> None:
        await self._known_schemes()
        found: Select[Any] = term_rows(None).where(where)
        for row in (await self._session.execute(found)).mappings():
            self._outgoing.know(row)
            detail = as_json("taxonomy", self._outgoing.taxonomy(row["taxonomy"]))
            said = as_json("taxonomy_term", self._outgoing.term(row))
            self._terms[row["id"]] = {**said, "taxonomy_detail": detail}

    async def _known_schemes(self) -> set[str]:
        """Schemes of which more is known than their terms."""
        if self._schemes is None:
            self._schemes = set()
            for row in (await self._session.execute(taxonomy_rows(None))).mappings():
                self._outgoing.know_taxonomy(row)
                self._schemes.add(row["scheme"])
        return self._schemes


def _attributes(said: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those that are kept with a row, and with what is kept with it."""
    for kind, kept in said.items():
        for one in kept if isinstance(kept, list) else ():
            yield from (one,) if kind == "attribute" else _attributes(one)


def _ids(texts: Any) -> set[UUID]:
    return {UUID(text) for text in texts}


def _holders(
    of: str, one: Object, known: Mapping[str, Objects], pairs: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, str]]:
    """What it hangs on, of what is there: the phone, contact and service that it names, and the service's place; a location
    where it names no service, the organisation where it names nothing closer."""
    named = {kind: one.get(f"{kind}_id") for kind in ("phone", "contact", "service", "location")}
    pair = (named["service"] or "", named["location"] or "")
    if pair in pairs and of != "language":  # of which HSDS knows none there
        yield "service_at_location", pairs[pair]
    if named["service"]:
        del named["location"]
    if not any(named.values()):
        named["organization"] = one.get("organization_id")
    for kind, id_ in named.items():
        if id_ in known[kind]:
            yield kind, str(id_)
