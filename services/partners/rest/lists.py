"""Which objects a list holds, and in which order. Each function gives a statement of ids, to be counted and paged."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from services.partners.models import (
    Address,
    Contact,
    LanguageOffer,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    TaxonomyTerm,
)
from services.partners.operations import search
from services.partners.rest.asked import Asked
from vereda.database import among

_METRES_PER_MILE: Final = 1609.344
#: What hangs on a service, and what at a place: a change of one of them is a change of what is told.
_PARTS: Final = (Contact, Phone, Schedule, LanguageOffer, ServiceArea, ServiceAtLocation)
_PARTS_OF_PLACE: Final = (Contact, Phone, Schedule, LanguageOffer, Address)


def organizations(asked: Asked) -> Select[UUID]:
    conditions: list[ColumnElement[bool]] = []
    if asked.search:
        found = search.organizations(search.OrganizationSearch(text=asked.search))
        conditions.append(Organization.id.in_(found.with_only_columns(Organization.id)))
    return select(Organization.id).where(*conditions).order_by(Organization.name, Organization.id)


def services(asked: Asked) -> Select[UUID]:
    """Served by the indexes on `term_codes` and `organization_id`; (`name`, `id`) gives the order."""
    conditions = _of_services(asked)
    if asked.modified_after:
        conditions.append(or_(Service.updated_at >= asked.modified_after, *_changed_parts(asked)))
    return select(Service.id).where(*conditions).order_by(Service.name, Service.id)


def services_at_locations(asked: Asked) -> Select[UUID]:
    """`postcode` alone: for people there, as far as the service areas say so. With `proximity`: at places near it."""
    conditions = _of_services(asked)
    order: list[Any] = [Service.name, ServiceAtLocation.id]
    if asked.modified_after:
        changed = (
            ServiceAtLocation.updated_at >= asked.modified_after,
            Service.updated_at >= asked.modified_after,
            Location.updated_at >= asked.modified_after,
        )
        conditions.append(or_(*changed, *_changed_parts(asked), *_changed_at_place(asked)))
    if asked.postcode:
        conditions.append(_serves(asked.postcode.county))
    if asked.postcode and asked.proximity_m:
        near = search.Near(asked.postcode.centre, asked.proximity_m / _METRES_PER_MILE)
        conditions += [Location.latitude.is_not(None), search.within(near)]
        order = [search.miles_from(near.point), *order]
    return (
        select(ServiceAtLocation.id)
        .join(Service, Service.id == ServiceAtLocation.service_id)
        .join(Location, Location.id == ServiceAtLocation.location_id)
        .where(*conditions)
        .order_by(*order)
    )


def taxonomy_terms(asked: Asked) -> Select[UUID]:
    """`top_only`: those that nothing is below, as the description of that parameter says."""
    conditions: list[ColumnElement[bool]] = []
    if asked.search:
        conditions.append(_says(asked.search, TaxonomyTerm.name, TaxonomyTerm.name_es))
    if asked.scheme is not None:
        conditions.append(TaxonomyTerm.scheme == asked.scheme)
    child, parent = aliased(TaxonomyTerm), aliased(TaxonomyTerm)
    if asked.top_only:
        conditions.append(~exists().where(child.parent_code == TaxonomyTerm.code))
    if asked.parent_id:
        of_parent = select(parent.code).where(parent.id == asked.parent_id)
        conditions.append(TaxonomyTerm.parent_code.in_(of_parent))
    return select(TaxonomyTerm.id).where(*conditions).order_by(TaxonomyTerm.scheme, TaxonomyTerm.code)


def _of_services(asked: Asked) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.found is not None:
        conditions.append(among(Service.id, asked.found))
    if asked.organization_id:
        conditions.append(Service.organization_id == asked.organization_id)
    if asked.taxonomy_term_id:
        conditions.append(_carries(_below(asked.taxonomy_term_id)))
    if asked.scheme is not None:
        conditions.append(_carries(select(TaxonomyTerm.code).where(TaxonomyTerm.scheme == asked.scheme)))
    return conditions


def _carries(codes: Select[str]) -> ColumnElement[bool]:
    """A service with one of these terms: by the GIN index on `term_codes`."""
    found: ColumnElement[bool] = Service.term_codes.overlap(
        func.array(select(cast(codes.subquery().c.code, Text)).scalar_subquery(), type_=ARRAY(Text()))
    )
    return found


def _below(term_id: UUID) -> Select[str]:
    """The code of the term and those of all that are under it: who does asylum cases does immigration law."""
    tree = select(TaxonomyTerm.code).where(TaxonomyTerm.id == term_id).cte("tree", recursive=True)
    tree = tree.union(select(TaxonomyTerm.code).where(TaxonomyTerm.parent_code == tree.c.code))
    return select(tree.c.code)


def _changed_parts(asked: Asked) -> list[ColumnElement[bool]]:
    return [
        exists().where(part.service_id == Service.id, part.updated_at >= asked.modified_after)
        for part in _PARTS
    ]


def _changed_at_place(asked: Asked) -> list[ColumnElement[bool]]:
    return [
        exists().where(part.location_id == Location.id, part.updated_at >= asked.modified_after)
        for part in _PARTS_OF_PLACE
    ]


def _serves(county: str | None) -> ColumnElement[bool]:
    """No area that is known shuts the county out: an area in free text may or may not hold it, and is let pass."""
    area = and_(ServiceArea.service_id == Service.id)
    known = exists().where(area)
    there = exists().where(area, or_(ServiceArea.county_fips == county, ServiceArea.county_fips.is_(None)))
    return or_(~known, there)


def _says(words: str, *columns: Any) -> ColumnElement[bool]:
    """Every word is in one of the columns, whatever its case."""
    found = [
        or_(*(func.strpos(func.lower(func.coalesce(column, "")), word.lower()) > 0 for column in columns))
        for word in words.split()
    ]
    return and_(*found)


def newest_change() -> ColumnElement[Any]:
    """When a service, or anything that hangs on it, was last changed."""
    parts = [
        select(func.max(part.updated_at)).where(part.service_id == Service.id).scalar_subquery()
        for part in _PARTS
    ]
    return func.greatest(Service.updated_at, *parts)
