"""Finding who can help: all that decides is read in a fixed number of statements, however many services there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from services.partners.domain.candidates import Candidate, Place, Request, Spoken
from services.partners.domain.eligibility import Facts, Rule
from services.partners.domain.geography import Point
from services.partners.domain.matching import Matching, rank
from services.partners.domain.practice import Practice
from services.partners.domain.terms import (
    AgeBand,
    LanguageModality,
    LocationType,
    OrganizationStatus,
    RuleKind,
    ServiceStatus,
    Urgency,
    Visibility,
)
from services.partners.domain.visibility import kept_back
from services.partners.models import (
    EligibilityRule,
    LanguageOffer,
    Location,
    Organization,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceStanding,
    TaxonomyTerm,
)
from services.partners.operations.capacity import rooms
from services.partners.operations.places import trusting
from services.partners.operations.practices import matters_of, practices
from services.partners.operations.search import among, miles_from
from vereda.caller import Scope
from vereda.context import RequestContext

#: So many services are looked at: those that serve the county first, then the nearest.
MOST_CONSIDERED: Final = 200
#: What a service's own row has to say; the rest of it is loaded of those that are shown.
_DECIDING: Final = (
    Service.organization_id,
    Service.status,
    Service.sensitivity,
    Service.term_codes,
    Service.minimum_age,
    Service.maximum_age,
    Service.verified_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is looked for, as it was asked. `attests` and `attests_not` are ids of rules, used here and kept nowhere (R4)."""

    needs: tuple[str, ...]
    county: str | None = None
    point: Point | None = None
    language: str | None = None
    modality: LanguageModality = LanguageModality.SPOKEN
    age: AgeBand | None = None
    attests: frozenset[UUID] = field(default_factory=frozenset)
    attests_not: frozenset[UUID] = field(default_factory=frozenset)
    urgency: Urgency = Urgency.ROUTINE
    travel_miles: float | None = None
    day: date


async def match_services(context: RequestContext[Any], need: Need) -> Matching | None:
    """The services that answer a need, ranked, and those that do not, with why. None where a need is no known term."""
    context.caller.require(Scope.DIRECTORY_READ)
    async with context.read() as session:
        known, wanted = await _wanted(session, need.needs)
        if known != set(need.needs):
            return None
        facts = Facts(age=need.age, county=need.county, attests=need.attests, attests_not=need.attests_not)
        request = Request(
            wanted=wanted,
            facts=facts,
            now=context.now,
            day=need.day,
            point=need.point,
            language=need.language,
            modality=need.modality,
            urgency=need.urgency,
            travel_miles=need.travel_miles,
        )
        services = (await session.scalars(_pool(request))).all()
        return rank(request, await _candidates(session, services, context.now, context.caller.organization))


async def _wanted(session: AsyncSession, needs: Sequence[str]) -> tuple[set[str], frozenset[str]]:
    """Which of the needs there are in the taxonomy; and with them the codes of all that is under them."""
    tree = select(TaxonomyTerm.code).where(TaxonomyTerm.code.in_(needs)).cte("tree", recursive=True)
    tree = tree.union(select(TaxonomyTerm.code).where(TaxonomyTerm.parent_code == tree.c.code))
    codes = frozenset((await session.execute(select(tree.c.code))).scalars())
    return set(needs) & codes, codes


def _pool(request: Request) -> Select[Service]:
    """Services of these terms, by the GIN index on `term_codes`; what is active first, then near, then as they were made."""
    area = exists().where(
        ServiceArea.service_id == Service.id, ServiceArea.county_fips == request.facts.county
    )
    here = select(Location.id).where(
        ServiceAtLocation.service_id == Service.id,
        ServiceAtLocation.location_id == Location.id,
        Location.county_fips == request.facts.county,
    )
    order: list[Any] = [Service.status != ServiceStatus.ACTIVE, ~or_(area, here.exists())]
    if request.point is not None:
        nearest = (
            select(func.min(miles_from(request.point)))
            .where(ServiceAtLocation.service_id == Service.id, ServiceAtLocation.location_id == Location.id)
            .scalar_subquery()
        )
        order.append(nearest.asc().nulls_last())
    return (
        select(Service)
        .where(Service.term_codes.overlap(sorted(request.wanted)))
        .order_by(*order, Service.id)
        .limit(MOST_CONSIDERED)
        .options(load_only(*_DECIDING))
    )


async def _candidates(
    session: AsyncSession, services: Sequence[Service], now: datetime, reader: UUID
) -> list[Candidate]:
    ids = [service.id for service in services]
    owners = {service.organization_id for service in services}
    working = await _working(session, owners)
    places = await _places(session, ids, reader)
    areas = await _areas(session, ids)
    spoken = await _spoken(session, ids, owners)
    rules = await _rules(session, ids)
    known = await practices(session, {one.organization_id for one in services if matters_of(one)})
    room = await rooms(session, services, now)
    standings = {
        row.service_id: row
        for row in await session.scalars(
            select(ServiceStanding).where(
                among(ServiceStanding.service_id, ids), ServiceStanding.expires_at > now
            )
        )
    }
    found = []
    for one in services:
        standing = standings.get(one.id)
        found.append(
            Candidate(
                id=one.id,
                active=one.status is ServiceStatus.ACTIVE and one.organization_id in working,
                terms=tuple(one.term_codes),
                spoken=(*spoken.get(one.id, ()), *spoken.get(one.organization_id, ())),
                places=tuple(places.get(one.id, ())),
                areas=tuple(areas.get(one.id, ())),
                rules=(*_by_age(one), *rules.get(one.id, ())),
                matters=matters_of(one),
                practice=known.get(one.organization_id, Practice()),
                room=room.get(one.id),
                accept_rate=standing.accept_rate if standing else None,
                above_share=standing.above_share if standing else False,
                verified_at=one.verified_at,
            )
        )
    return found


async def _working(session: AsyncSession, organizations: Collection[UUID]) -> set[UUID]:
    active = select(Organization.id).where(
        among(Organization.id, organizations), Organization.status == OrganizationStatus.ACTIVE
    )
    return set(await session.scalars(active))


async def _places(session: AsyncSession, services: Collection[UUID], reader: UUID) -> dict[UUID, list[Place]]:
    """Where each service is. A place that is kept back counts by its town's centre, and is told to whom it may be (R17)."""
    rows = (
        await session.execute(
            select(ServiceAtLocation.service_id, Location)
            .join(Location, Location.id == ServiceAtLocation.location_id)
            .where(
                among(ServiceAtLocation.service_id, services), Location.location_type != LocationType.POSTAL
            )
            .order_by(Location.id)
        )
    ).all()
    trusted = await trusting(session, {location.organization_id for _, location in rows}, reader)
    found: dict[UUID, list[Place]] = defaultdict(list)
    for service, location in rows:
        latitude, longitude = location.latitude, location.longitude
        found[service].append(
            Place(
                id=location.id,
                virtual=location.location_type is LocationType.VIRTUAL,
                shown=not kept_back(location.visibility)
                or location.organization_id == reader
                or (location.visibility is Visibility.TRUSTED and location.organization_id in trusted),
                point=None if latitude is None or longitude is None else Point(latitude, longitude),
                county=location.county_fips,
                rural=location.rural,
            )
        )
    return found


async def _areas(session: AsyncSession, services: Collection[UUID]) -> dict[UUID, list[str | None]]:
    found: dict[UUID, list[str | None]] = defaultdict(list)
    rows = select(ServiceArea.service_id, ServiceArea.county_fips).where(
        among(ServiceArea.service_id, services)
    )
    for service, county in await session.execute(rows):
        found[service].append(county)
    return found


async def _spoken(
    session: AsyncSession, services: Collection[UUID], organizations: Collection[UUID]
) -> dict[UUID, list[Spoken]]:
    """Languages by the service that offers them, or by the organisation that does as a whole."""
    whole = and_(
        among(LanguageOffer.organization_id, organizations),
        LanguageOffer.service_id.is_(None),
        LanguageOffer.location_id.is_(None),
    )
    rows = await session.scalars(
        select(LanguageOffer)
        .where(or_(among(LanguageOffer.service_id, services), whole))
        .order_by(LanguageOffer.id)
    )
    found: dict[UUID, list[Spoken]] = defaultdict(list)
    for row in rows:
        found[row.service_id or row.organization_id].append(Spoken(row.code, row.modality, row.via))
    return found


async def _rules(session: AsyncSession, services: Collection[UUID]) -> dict[UUID, list[Rule]]:
    rows = await session.scalars(
        select(EligibilityRule)
        .where(among(EligibilityRule.service_id, services))
        .order_by(EligibilityRule.position, EligibilityRule.id)
    )
    found: dict[UUID, list[Rule]] = defaultdict(list)
    for row in rows:
        found[row.service_id].append(
            Rule(
                id=row.id,
                kind=row.kind,
                minimum=row.minimum,
                maximum=row.maximum,
                counties=tuple(row.counties),
                percent=row.percent,
            )
        )
    return found


def _by_age(service: Service) -> tuple[Rule, ...]:
    """The ages that a service's own record names, as HSDS has them."""
    if service.minimum_age is None and service.maximum_age is None:
        return ()
    return (Rule(id=None, kind=RuleKind.AGE, minimum=service.minimum_age, maximum=service.maximum_age),)
