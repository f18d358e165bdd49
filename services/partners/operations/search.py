"""Finding organisations and workshops. Each function gives a statement to be paged; the caller pages it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG
from sqlalchemy.orm import InstrumentedAttribute

from services.partners.domain.geography import EARTH_RADIUS_MILES, Point
from services.partners.domain.terms import OrganizationKind, WorkshopStatus
from services.partners.domain.words import ACCENTED, PLAIN
from services.partners.models import (
    Location,
    Organization,
    TaxonomyTerm,
    Workshop,
)
from vereda.pagination import Order

_MILES_PER_DEGREE: Final = 69.0

ORGANIZATION_ORDER: Final = (Order(Organization.name), Order(Organization.id))
WORKSHOP_ORDER: Final = (Order(Workshop.starts_at), Order(Workshop.id))


@dataclass(frozen=True, slots=True)
class Near:
    """Within `miles` of `point`, as the crow flies."""

    point: Point
    miles: float


@dataclass(frozen=True, slots=True)
class OrganizationSearch:
    text: str | None = None
    kinds: tuple[OrganizationKind, ...] = ()
    county: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class WorkshopSearch:
    county: str | None = None
    starting_from: datetime | None = None
    starting_before: datetime | None = None
    statuses: tuple[WorkshopStatus, ...] = ()
    rural: bool | None = None


def organizations(search: OrganizationSearch) -> Select[Organization]:
    """Served by the indexes on `search` (GIN), `kind`, and (`name`, `id`) for the order."""
    conditions: list[ColumnElement[bool]] = []
    if search.text:
        conditions.append(_matches(Organization.search, search.text))
    if search.kinds:
        conditions.append(Organization.kind.in_(search.kinds))
    if search.county:
        conditions.append(literal(search.county) == any_(Organization.counties))
    if search.source:
        conditions.append(Organization.source == search.source)
    return select(Organization).where(*conditions)


def workshops(search: WorkshopSearch) -> Select[Workshop]:
    conditions: list[ColumnElement[bool]] = []
    if search.county:
        conditions.append(Workshop.county_fips == search.county)
    if search.starting_from:
        conditions.append(Workshop.starts_at >= search.starting_from)
    if search.starting_before:
        conditions.append(Workshop.starts_at < search.starting_before)
    if search.statuses:
        conditions.append(Workshop.status.in_(search.statuses))
    if search.rural is not None:
        conditions.append(Workshop.rural == search.rural)
    return select(Workshop).where(*conditions)


def terms_of(scheme: str) -> Select[TaxonomyTerm]:
    return select(TaxonomyTerm).where(TaxonomyTerm.scheme == scheme)


def miles_from(point: Point) -> ColumnElement[float]:
    """Distance of a location in miles (haversine), NULL where it has no coordinates."""
    half_dlat = func.radians(Location.latitude - point.latitude) / 2
    half_dlon = func.radians(Location.longitude - point.longitude) / 2
    chord = func.power(func.sin(half_dlat), 2) + func.cos(func.radians(point.latitude)) * func.cos(
        func.radians(Location.latitude)
    ) * func.power(func.sin(half_dlon), 2)
    return 2 * EARTH_RADIUS_MILES * func.asin(func.least(1, func.sqrt(chord)))


def within(near: Near) -> ColumnElement[bool]:
    """A box that the index on latitude and longitude can serve, then the circle inside it."""
    degrees = near.miles / _MILES_PER_DEGREE
    return and_(
        Location.latitude.between(near.point.latitude - degrees, near.point.latitude + degrees),
        miles_from(near.point) <= near.miles,
    )


def among(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Collection[UUID]
) -> ColumnElement[bool]:
    """One of these, as one array: a statement that is the same text however many there are, and is prepared once."""
    return column == any_(cast(list(ids), ARRAY(Uuid())))


def _matches(vector: Any, words: str) -> ColumnElement[bool]:
    # The columns were folded in the same way; a phrase in quotes, OR and a leading minus work as in web search.
    folded = func.translate(func.lower(words), ACCENTED, PLAIN)
    english = func.websearch_to_tsquery(cast("english", REGCONFIG), folded)
    spanish = func.websearch_to_tsquery(cast("spanish", REGCONFIG), folded)
    matched: ColumnElement[bool] = vector.op("@@")(english.op("||")(spanish))
    return matched
