"""Keeping the directory: each organisation keeps its own part of it, the coordinator lets new members in."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import asdict, dataclass, fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.geography import BY_FIPS
from services.partners.domain.taxonomy import BARRED_TERMS, is_legal, is_survivor
from services.partners.domain.terms import (
    OrganizationKind,
    Sensitivity,
    ServiceStatus,
)
from services.partners.models import (
    IdempotencyRecord,
    LanguageOffer,
    Location,
    Organization,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from services.partners.operations.keeping import Change, Refused, added, changed, own
from vereda.caller import Caller, Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import (
    invalid,
)

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationFields:
    slug: str
    name: str
    kind: OrganizationKind
    alternate_name: str | None = None
    description: str | None = None
    website: str | None = None
    email: str | None = None
    counties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFields:
    name: str
    name_es: str | None = None
    description: str | None = None
    description_es: str | None = None
    status: ServiceStatus = ServiceStatus.ACTIVE
    term_codes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    location_ids: tuple[UUID, ...] = ()
    eligibility_description: str | None = None
    fees_description: str | None = None
    application_process: str | None = None
    url: str | None = None


async def register_organization(
    context: RequestContext[Any], fields_: OrganizationFields, key: str
) -> Organization | Refused:
    """Let a new organisation into the network: the coordinator's act."""
    context.caller.require(Scope.ADMIN_NETWORK)
    problems = _organization_problems(fields_)
    if problems:
        return invalid(**problems)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "registerOrganization", key, asdict(fields_)
        )
        if claim.earlier is not None:
            return await session.get_one(Organization, UUID(claim.earlier["id"]))
        if await session.scalar(select(Organization.id).where(Organization.slug == fields_.slug)):
            return invalid(slug="is taken by another organisation")
        row = Organization(**_columns(fields_), verified_at=context.now)
        return await added(session, context.caller, row, claim.record, "organization.registered")


async def update_organization(
    context: RequestContext[Any], id_: UUID, version: int, fields_: OrganizationFields, key: str
) -> Organization | Refused:
    context.caller.require(Scope.DIRECTORY_WRITE)
    problems = _organization_problems(fields_)
    if problems:
        return invalid(**problems)
    async with context.write() as session:
        found = await own(session, context, Organization, id_, version, "updateOrganization", key, fields_)
        if not isinstance(found, Change):
            return found
        taken = select(Organization.id).where(Organization.slug == fields_.slug, Organization.id != id_)
        if await session.scalar(taken):
            return invalid(slug="is taken by another organisation")
        return await changed(session, context, found, _columns(fields_), "organization.updated")


async def create_service(context: RequestContext[Any], fields_: ServiceFields, key: str) -> Service | Refused:
    """Add a service to the caller's own organisation."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "createService", key, asdict(fields_)
        )
        if claim.earlier is not None:
            return await session.get_one(Service, UUID(claim.earlier["id"]))
        problems = await _service_problems(session, context.caller, fields_)
        if problems:
            return invalid(**problems)
        row = Service(
            organization_id=context.caller.organization, **_service_columns(fields_), verified_at=context.now
        )
        session.add(row)
        await session.flush()
        _place(session, row, fields_)
        return await added(session, context.caller, row, claim.record, "service.created")


async def update_service(
    context: RequestContext[Any], id_: UUID, version: int, fields_: ServiceFields, key: str
) -> Service | Refused:
    """Replace what the service says of itself, its languages and its places."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    async with context.write() as session:
        found = await own(session, context, Service, id_, version, "updateService", key, fields_)
        if not isinstance(found, Change):
            return found
        problems = await _service_problems(session, context.caller, fields_)
        if problems:
            return invalid(**problems)
        await _unplace(session, found.row, fields_)
        _place(session, found.row, fields_, already=await _places(session, found.row))
        columns = {**_service_columns(fields_), "verified_at": context.now}
        return await changed(session, context, found, columns, "service.updated")


def _organization_problems(given: OrganizationFields) -> dict[str, str]:
    problems = {}
    if not _SLUG.fullmatch(given.slug) or len(given.slug) > 120:
        problems["slug"] = "must be lower-case words joined by hyphens, such as `valle-verde-clinic`"
    if not given.name.strip():
        problems["name"] = "must not be empty"
    unknown = [code for code in given.counties if code not in BY_FIPS]
    if unknown:
        problems["counties"] = "must be FIPS codes that `counties` lists"
    return problems


async def _service_problems(session: AsyncSession, caller: Caller, given: ServiceFields) -> dict[str, str]:
    problems = {}
    if not given.name.strip():
        problems["name"] = "must not be empty"
    known = set(
        await session.scalars(select(TaxonomyTerm.code).where(TaxonomyTerm.code.in_(given.term_codes)))
    )
    if not given.term_codes or set(given.term_codes) - known or BARRED_TERMS & set(given.term_codes):
        problems["terms"] = "must be one or more codes that `taxonomyTerms` lists"
    mine = select(Location.id).where(
        Location.id.in_(given.location_ids), Location.organization_id == caller.organization
    )
    if set(given.location_ids) - set(await session.scalars(mine)):
        problems["location_ids"] = "must be locations of your own organisation"
    if not all(re.fullmatch(r"[a-z]{3}", code) for code in given.languages):
        problems["languages"] = "must be ISO 639-3 codes, such as `spa`"
    return problems


def _service_columns(given: ServiceFields) -> dict[str, Any]:
    columns = _columns(given)
    del columns["languages"], columns["location_ids"]
    return {**columns, "sensitivity": sensitivity_of(list(given.term_codes))}


def sensitivity_of(term_codes: list[str]) -> Sensitivity:
    """How sensitive a service of these terms is; the most protected term decides."""
    if is_survivor(term_codes):
        return Sensitivity.SURVIVOR
    if is_legal(term_codes):
        return Sensitivity.LEGAL
    return Sensitivity.HEALTH if any(c.split(".")[0] == "health" for c in term_codes) else Sensitivity.NORMAL


async def _places(session: AsyncSession, row: Service) -> set[UUID]:
    statement = select(ServiceAtLocation.location_id).where(ServiceAtLocation.service_id == row.id)
    return set(await session.scalars(statement))


async def _unplace(session: AsyncSession, row: Service, given: ServiceFields) -> None:
    gone = select(ServiceAtLocation).where(
        ServiceAtLocation.service_id == row.id, ServiceAtLocation.location_id.not_in(given.location_ids)
    )
    for place in await session.scalars(gone):
        await session.delete(place)
    for offer in await session.scalars(select(LanguageOffer).where(LanguageOffer.service_id == row.id)):
        await session.delete(offer)
    await session.flush()


def _place(
    session: AsyncSession,
    row: Service,
    given: ServiceFields,
    already: Set[UUID] = frozenset(),
) -> None:
    session.add_all(
        ServiceAtLocation(organization_id=row.organization_id, service_id=row.id, location_id=location)
        for location in given.location_ids
        if location not in already
    )
    session.add_all(
        LanguageOffer(organization_id=row.organization_id, service_id=row.id, code=code)
        for code in given.languages
    )


def _columns(given: Any) -> dict[str, Any]:
    return {
        field.name: list(value) if isinstance(value := getattr(given, field.name), tuple) else value
        for field in fields(given)
    }
