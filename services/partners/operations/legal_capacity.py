"""What a county or the region can take on in immigration law, on a day; and what it could (DOMAIN 4.6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.geography import BY_FIPS
from services.partners.domain.languages import GROUPS
from services.partners.domain.legal_capacity import (
    MATTERS,
    Addition,
    Loss,
    Office,
    Person,
    Standing,
    deserts,
    loss,
    standing,
    with_others,
    without,
)
from services.partners.domain.populations import REGION, STATED, Population, population_problems
from services.partners.domain.practice import Credential
from services.partners.domain.terms import (
    AccreditationLevel,
    OrganizationStatus,
    PractitionerRole,
    ServiceStatus,
)
from services.partners.events import tell
from services.partners.models import (
    IdempotencyRecord,
    LanguageOffer,
    Organization,
    PopulationFigure,
    Service,
)
from services.partners.operations.applications import business_day
from services.partners.operations.calendar import REGION_TIME
from services.partners.operations.practices import (
    matters_of,
    people_of,
    recognitions_of,
    reserved_hours,
)
from services.partners.operations.search import among
from vereda.caller import Scope, system_caller
from vereda.context import RequestContext
from vereda.errors import ClientError, ErrorCode
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, invalid

_LEGAL: Final = (PractitionerRole.ATTORNEY, PractitionerRole.FULL_REP, PractitionerRole.PARTIAL_REP)
_REPRESENTATIVES: Final = _LEGAL[1:]
_MOST_ADDED: Final = 20
_MOST_PEOPLE: Final = 100
_FULL_WEEK: Final = 60
_LOWEST: Final = AccreditationLevel.PARTIAL
_MOST_LANGUAGES: Final = 30
#: Deserts of one answer.
MOST_DESERTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Lapse:
    """What is lost where one representative's accreditation ends on `expires_on`, as its end or a renewal's refusal has it."""

    practitioner: UUID
    organization: UUID
    expires_on: date
    pending_renewal: bool
    lost: Loss


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who may help on the day, and where."""

    practitioner: UUID
    weekly_hours: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """A county's, or the region's where `county` is None, on a day."""

    county: str | None
    on: date
    standing: Standing
    helpers: tuple[Helper, ...]
    lapses: tuple[Lapse, ...]
    population: Population | None


@dataclass(frozen=True, slots=True)
class Question:
    """What if: `before` as it is, `after` with those who there might be."""

    before: Capacity
    after: Standing


@dataclass(frozen=True, slots=True)
class Desert:
    county: str
    language: str
    term: str


async def capacity(context: RequestContext[Any], county: str | None, on: date | None) -> Capacity:
    """What can be taken on, who may help, what each representative's lapse would cost, the first to end first.

    Raises: ClientError BAD_USER_INPUT where there is no such county.
    """
    context.caller.require(Scope.DIRECTORY_READ)
    day = on or business_day(context.now)
    async with context.read() as session:
        offices = await _offices(session, _known(county), day)
        found = await _populations(session)
    return _capacity(county, day, offices, found)


async def what_if(
    context: RequestContext[Any], additions: Sequence[Addition], county: str | None, on: date | None
) -> Question:
    """The same with others; of what there is not nothing is kept.

    Raises: ClientError BAD_USER_INPUT naming what is wrong with an addition.
    """
    context.caller.require(Scope.DIRECTORY_READ)
    _check(additions)
    day = on or business_day(context.now)
    named = [one.organization for one in additions if one.organization is not None]
    async with context.read() as session:
        known = set(await session.scalars(select(Organization.id).where(among(Organization.id, named))))
        if known != set(named):
            raise ClientError(
                ErrorCode.BAD_USER_INPUT, "`organization` must be an organisation of the network."
            )
        offices = await _offices(session, _known(county), day, also=named)
        found = await _populations(session)
    here = [one for one in offices if county is None or county in one.counties]
    return Question(
        _capacity(county, day, here, found), standing(with_others(here, _of(offices, here, additions)), day)
    )


def _of(
    offices: Iterable[Office], here: Collection[Office], additions: Sequence[Addition]
) -> Sequence[Addition]:
    """The additions that are of the area: somebody added to an organisation that does not serve it changes nothing there."""
    elsewhere = {one.organization for one in offices} - {one.organization for one in here}
    return [one for one in additions if one.organization not in elsewhere]


async def legal_deserts(
    context: RequestContext[Any],
    county: str | None,
    languages: Sequence[str] | None,
    matters: Sequence[str] | None,
    on: date | None,
) -> list[Desert]:
    """County, language and matter for which nobody authorised there speaks the language. Languages: those that are given, or
    all that services of the network are offered in.

    Raises: ClientError BAD_USER_INPUT.
    """
    context.caller.require(Scope.DIRECTORY_READ)
    counties = [_known(county)] if county else list(BY_FIPS)
    if matters is not None and not set(matters) <= set(MATTERS):
        raise ClientError(ErrorCode.BAD_USER_INPUT, f"`terms` must be of {', '.join(MATTERS)}.")
    if languages is not None and (
        len(languages) > _MOST_LANGUAGES or not all(one in GROUPS or len(one) == 3 for one in languages)
    ):
        raise ClientError(
            ErrorCode.BAD_USER_INPUT,
            f"`languages` must be at most {_MOST_LANGUAGES} ISO 639-3 codes, or groups such as `mixtec`.",
        )
    day = on or business_day(context.now)
    async with context.read() as session:
        offices = await _offices(session, county, day)
        if languages is None:
            offered = (
                select(LanguageOffer.code).distinct().order_by(LanguageOffer.code).limit(_MOST_LANGUAGES)
            )
            languages = list(await session.scalars(offered))
    found = deserts(offices, map(str, filter(None, counties)), languages, matters or MATTERS, day)
    return [Desert(*one) for one in found]


async def legal_services(context: RequestContext[Any], county: str | None) -> list[Service]:
    """The active services of immigration law of the area's organisations, by name."""
    async with context.read() as session:
        statement = (
            select(Service)
            .join(Organization, Organization.id == Service.organization_id)
            .where(Service.status == ServiceStatus.ACTIVE, Organization.status == OrganizationStatus.ACTIVE)
            .order_by(Service.name, Service.id)
        )
        if county is not None:
            statement = statement.where(Organization.counties.contains([county]))
        return [row for row in await session.scalars(statement) if matters_of(row)]


async def set_population(
    context: RequestContext[Any], county: str | None, given: Population, key: str
) -> Population | InvalidInput:
    """Set what representatives are counted against, with its source; the figure before is replaced."""
    context.caller.require(Scope.ADMIN_NETWORK)
    wrong = population_problems(given, context.now.year)
    if county is not None and county not in BY_FIPS:
        wrong["county"] = "must be a FIPS code that `counties` lists"
    if wrong:
        return invalid(**wrong)
    values = {"immigrants": given.immigrants, "year": given.year, "source": given.source.strip()}
    caller = system_caller(context.caller.organization, context.caller.subject)
    async with context.write(caller) as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "setPopulation", key, [county, values]
        )
        if claim.earlier is None:
            await session.execute(
                insert(PopulationFigure)
                .values(area=county or REGION, set_at=context.now, **values)
                .on_conflict_do_update(
                    index_elements=[PopulationFigure.area], set_={"set_at": context.now, **values}
                )
            )
            own = context.caller.organization
            tell(session, context.caller, "population.set", own, area=county or REGION)
            claim.record({})
    return given


def _capacity(
    county: str | None, day: date, offices: Sequence[Office], populations: dict[str, Population]
) -> Capacity:
    now = standing(offices, day)
    helpers, lapses = [], []
    for office in offices:
        for one in office.authorised(day, _LOWEST):
            assert one.id is not None
            helpers.append(Helper(one.id, one.staff.weekly_hours))
            held = [c for c in one.staff.credentials if c.valid_on(day)]
            if one.staff.role in _REPRESENTATIVES and held:
                last = max(held, key=_end)
                gone = loss(now, standing(without(offices, one.id), day))
                lapses.append(Lapse(one.id, office.organization, last.expires_on, last.pending_renewal, gone))
    return Capacity(
        county,
        day,
        now,
        tuple(helpers),
        tuple(sorted(lapses, key=lambda one: (one.expires_on, one.practitioner))),
        populations.get(county or REGION),
    )


def _end(one: Credential) -> tuple[bool, date]:
    return one.pending_renewal, one.expires_on


async def _offices(
    session: AsyncSession, county: str | None, day: date, also: Collection[UUID] = ()
) -> list[Office]:
    """The organisations that serve the county, or all, as far as they have people for legal help, and `also` those that are
    named: a fixed number of statements."""
    statement = select(Organization.id, Organization.counties).where(
        Organization.status == OrganizationStatus.ACTIVE
    )
    if county is not None:
        serves = Organization.counties.contains([county])
        statement = statement.where(serves | among(Organization.id, also))
    counties = {id_: frozenset(codes) for id_, codes in await session.execute(statement)}
    people: dict[UUID, list[Person]] = {}
    for row, staff in await people_of(session, counties):
        if row.role in _LEGAL:
            people.setdefault(row.organization_id, []).append(Person(row.id, staff, tuple(row.languages)))
    wanted = sorted({*people, *(one for one in also if one in counties)})
    recognitions = await recognitions_of(session, wanted)
    noon = datetime.combine(day, time(12), REGION_TIME)
    reserved = await reserved_hours(session, wanted, noon)
    return [
        Office(
            one,
            counties[one],
            tuple(recognitions.get(one, ())),
            tuple(people.get(one, ())),
            reserved.get(one, 0.0),
        )
        for one in wanted
    ]


async def _populations(session: AsyncSession) -> dict[str, Population]:
    """What the coordinator set goes before what was stated once."""
    rows = await session.scalars(select(PopulationFigure))
    return STATED | {row.area: Population(row.immigrants, row.year, row.source) for row in rows}


def _known(county: str | None) -> str | None:
    if county is not None and county not in BY_FIPS:
        raise ClientError(ErrorCode.BAD_USER_INPUT, "`county` must be a FIPS code that `counties` lists.")
    return county


def _check(additions: Sequence[Addition]) -> None:
    if not 1 <= len(additions) <= _MOST_ADDED:
        raise ClientError(ErrorCode.BAD_USER_INPUT, f"`added` must have 1 to {_MOST_ADDED} entries.")
    for one in additions:
        if one.role not in _LEGAL:
            raise ClientError(
                ErrorCode.BAD_USER_INPUT,
                "`role` must be ATTORNEY, FULL_REP or PARTIAL_REP: others may not help.",
            )
        if not (1 <= one.people <= _MOST_PEOPLE and 1 <= one.weekly_hours <= _FULL_WEEK):
            raise ClientError(
                ErrorCode.BAD_USER_INPUT,
                f"`people` must be from 1 to {_MOST_PEOPLE}, `weeklyHours` from 1 to {_FULL_WEEK}.",
            )
