"""The directory's edges, each loaded for a whole page at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.capacity import Room
from services.partners.domain.geography import Point
from services.partners.domain.visibility import OPEN_TO_MEMBERS
from services.partners.exchange.kept import Kept
from services.partners.exchange.writing import KIND_OF
from services.partners.models import (
    Accreditation,
    Address,
    ChangeProposal,
    Contact,
    EligibilityRule,
    LanguageOffer,
    Location,
    Organization,
    Phone,
    Practitioner,
    Program,
    RaChecklistItem,
    Recognition,
    RecordSource,
    RegionSnapshot,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
    TrustedPartner,
    Volunteer,
    Workshop,
    WorkshopShift,
)
from services.partners.operations.capacity import rooms
from services.partners.operations.places import trusting
from services.partners.operations.region import Load, Stock, stock, workshops_of
from services.partners.operations.search import WORKSHOP_ORDER, miles_from
from vereda.context import RequestContext
from vereda.database import among
from vereda.loading import by_key, lists_by, pages_under, rows_by
from vereda.pagination import Order

Place = tuple[UUID, Point]


class Loaders:
    """One request's loaders."""

    def __init__(self, context: RequestContext[Loaders]) -> None:
        me = context.caller.organization
        self.organization = rows_by(context, Organization.id)
        self.program = rows_by(context, Program.id)
        self.service = rows_by(context, Service.id)
        self.location = rows_by(context, Location.id)
        self.workshop = rows_by(context, Workshop.id)
        self.place = rows_by(context, ServiceAtLocation.id)
        self.practitioner = rows_by(context, Practitioner.id)
        self.term = rows_by(context, TaxonomyTerm.code)
        self.address = rows_by(context, Address.location_id)
        self.shift = rows_by(context, WorkshopShift.id)
        self.shifts_of_workshop = lists_by(
            context, WorkshopShift.workshop_id, WorkshopShift.starts_at, WorkshopShift.id
        )
        self.volunteers_of_shift = lists_by(context, Volunteer.shift_id, Volunteer.id)
        self.places_of_service = lists_by(context, ServiceAtLocation.service_id, ServiceAtLocation.id)
        self.places_at_location = lists_by(context, ServiceAtLocation.location_id, ServiceAtLocation.id)
        self.rules_of_service = lists_by(
            context, EligibilityRule.service_id, EligibilityRule.position, EligibilityRule.id
        )
        self.languages_of_service = lists_by(context, LanguageOffer.service_id, LanguageOffer.code)
        self.areas_of_service = lists_by(context, ServiceArea.service_id, ServiceArea.id)
        self.phones_of_service = lists_by(context, Phone.service_id, Phone.id)
        self.phones_of_location = lists_by(context, Phone.location_id, Phone.id)
        self.contacts_of_service = lists_by(context, Contact.service_id, Contact.id)
        self.schedules_of_service = lists_by(context, Schedule.service_id, Schedule.id)
        self.schedules_of_location = lists_by(context, Schedule.location_id, Schedule.id)
        self.phones_of_organization = lists_by(context, Phone.organization_id, Phone.id)
        self.contacts_of_organization = lists_by(context, Contact.organization_id, Contact.id)
        self.practitioners = lists_by(context, Practitioner.organization_id, Practitioner.id)
        self.checklist = lists_by(context, RaChecklistItem.application_id, RaChecklistItem.item)
        self.accreditations = lists_by(context, Accreditation.practitioner_id, Accreditation.expires_on)
        self.recognitions = lists_by(context, Recognition.organization_id, Recognition.expires_on)
        self.programs = lists_by(context, Program.organization_id, Program.name, Program.id)
        self.kept = by_key(context, _kept)
        self.taxonomy = rows_by(context, Taxonomy.scheme)
        self.contacts_of_location = lists_by(context, Contact.location_id, Contact.id)
        self.languages_of_location = lists_by(context, LanguageOffer.location_id, LanguageOffer.code)
        self.phones_of_contact = lists_by(context, Phone.contact_id, Phone.id)
        self.trusted_partners = lists_by(
            context, TrustedPartner.organization_id, TrustedPartner.since, TrustedPartner.trusted_id
        )
        self.proposal = rows_by(context, ChangeProposal.id)
        self.record_sources = lists_by(context, RecordSource.subject_id, RecordSource.source)
        self.trusts_me = by_key(context, lambda session, owners: _trusting(session, owners, me))
        self.capacity = by_key(context, lambda session, ids: _rooms(session, ids, context.now))
        self.distance = by_key(context, _distances)
        self.region = Load(
            rows_by(context, RegionSnapshot.month).load,
            by_key(context, lambda session, spans: workshops_of(session, spans, context.now)).load,
            by_key(context, lambda session, days: _stocks(session, days, context.now)).load,
        )
        self.services_of_organization = pages_under(context, Service.organization_id, _BY_NAME)
        self.locations_of_organization = pages_under(context, Location.organization_id, _BY_ID)
        self.workshops_of_organization = pages_under(context, Workshop.organization_id, WORKSHOP_ORDER)


_BY_NAME = (Order(Service.name), Order(Service.id))
_BY_ID = (Order(Location.id),)


async def _rooms(session: AsyncSession, services: Sequence[UUID], now: datetime) -> dict[UUID, Room]:
    rows = (await session.scalars(select(Service).where(among(Service.id, services)))).all()
    return await rooms(session, rows, now)


async def _stocks(session: AsyncSession, days: Sequence[date], now: datetime) -> dict[date, Stock]:
    return {day: await stock(session, now, day) for day in days}


async def _kept(session: AsyncSession, keys: Sequence[tuple[Any, UUID]]) -> dict[tuple[Any, UUID], Kept]:
    """What is kept with rows, by table and id. Of a place that is kept back, for those who may read its address (R17)."""
    found: dict[tuple[Any, UUID], Kept] = {}
    for model in dict.fromkeys(model for model, _ in keys):
        ids = [id_ for of, id_ in keys if of is model]
        rows = select(model.id, model.source, model.source_fields).where(among(model.id, ids))
        if model is Location:
            shown = select(Address.id).where(Address.location_id == Location.id).exists()
            rows = rows.where(or_(Location.visibility.in_(OPEN_TO_MEMBERS), shown))
        for id_, source, said in await session.execute(rows):
            found[model, id_] = Kept(KIND_OF[model], str(source), said)
    return {key: found.get(key) or Kept(KIND_OF[key[0]], "", {}) for key in keys}


async def _trusting(session: AsyncSession, owners: Sequence[UUID], me: UUID) -> dict[UUID, bool]:
    return dict.fromkeys(await trusting(session, owners, me), True)


async def _distances(session: AsyncSession, keys: Sequence[Place]) -> dict[Place, float]:
    """Miles from a point to the nearest place of a service; one statement for each point asked about."""
    found: dict[Place, float] = {}
    for point in dict.fromkeys(point for _, point in keys):
        services = [service for service, asked in keys if asked == point]
        nearest = (
            select(ServiceAtLocation.service_id, func.min(miles_from(point)))
            .join(Location, Location.id == ServiceAtLocation.location_id)
            .where(among(ServiceAtLocation.service_id, services), Location.latitude.is_not(None))
            .group_by(ServiceAtLocation.service_id)
        )
        found.update({(service, point): miles for service, miles in await session.execute(nearest)})
    return found
