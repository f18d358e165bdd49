"""The directory's roots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final

import strawberry

from services.partners.domain import geography
from services.partners.domain.terms import OrganizationKind, WorkshopStatus
from services.partners.models import Organization as OrganizationRow
from services.partners.models import TaxonomyTerm as TermRow
from services.partners.models import Workshop as WorkshopRow
from services.partners.operations import search
from services.partners.schema.applications import ApplicationQueries
from services.partners.schema.calendar import CalendarQueries
from services.partners.schema.context import Info, may_read
from services.partners.schema.feed import FeedQueries
from services.partners.schema.legal_capacity import LegalCapacityQueries
from services.partners.schema.matching import MatchingQueries
from services.partners.schema.records import RecordQueries
from services.partners.schema.reference import County, TaxonomyTerm
from services.partners.schema.region import RegionQueries
from services.partners.schema.search import SearchQueries
from services.partners.schema.types import Location, Organization, Service, Workshop
from services.partners.schema.volunteering import VolunteeringQueries
from vereda.audit.graph import READING as AUDIT_READING
from vereda.audit.graph import AuditLog
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection, Order


@strawberry.enum(description="In what order organisations are listed.")
class OrganizationOrder(Enum):
    NAME_ASC = strawberry.enum_value("NAME_ASC", description="By name.")
    CREATED_DESC = strawberry.enum_value("CREATED_DESC", description="Who came last first.")


@strawberry.enum(description="In what order workshops are listed.")
class WorkshopOrder(Enum):
    STARTS_ASC = strawberry.enum_value("STARTS_ASC", description="The earliest first.")
    STARTS_DESC = strawberry.enum_value("STARTS_DESC", description="The latest first.")


_ORGANIZATIONS: Final[Mapping[OrganizationOrder, tuple[Order, ...]]] = {
    OrganizationOrder.NAME_ASC: search.ORGANIZATION_ORDER,
    OrganizationOrder.CREATED_DESC: (Order(OrganizationRow.id, descending=True),),
}
_WORKSHOPS: Final[Mapping[WorkshopOrder, tuple[Order, ...]]] = {
    WorkshopOrder.STARTS_ASC: search.WORKSHOP_ORDER,
    WorkshopOrder.STARTS_DESC: (
        Order(WorkshopRow.starts_at, descending=True),
        Order(WorkshopRow.id, descending=True),
    ),
}


@strawberry.input(description="All that is given must hold.")
class OrganizationFilter:
    text: str | None = strawberry.field(
        default=None, description="Words, as in web search; accents don't matter."
    )
    kinds: list[OrganizationKind] | None = None
    county: strawberry.ID | None = strawberry.field(default=None, description="FIPS code.")
    source: str | None = strawberry.field(default=None, description="The directory it was imported from.")


@strawberry.input(description="All that is given must hold.")
class WorkshopFilter:
    county: strawberry.ID | None = None
    starting_from: datetime | None = None
    starting_before: datetime | None = None
    statuses: list[WorkshopStatus] | None = None
    rural: bool | None = None

    def parsed(self) -> search.WorkshopSearch:
        return search.WorkshopSearch(
            self.county, self.starting_from, self.starting_before, tuple(self.statuses or ()), self.rural
        )


@strawberry.type
class Query(
    ApplicationQueries,
    MatchingQueries,
    CalendarQueries,
    RegionQueries,
    VolunteeringQueries,
    LegalCapacityQueries,
    RecordQueries,
    SearchQueries,
    FeedQueries,
):
    @strawberry.federation.field(authenticated=True, description="The organisation that you act for.")
    async def my_organization(self, info: Info) -> Organization | None:
        row = await info.context.loaders.organization.load(info.context.caller.organization)
        return Organization.of(row) if row else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.DIRECTORY_READ))
    async def organization(self, info: Info, id: strawberry.ID) -> Organization | None:
        return await Organization.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ), description="Members of the network."
    )
    async def organizations(
        self,
        info: Info,
        filter: OrganizationFilter | None = None,
        order_by: OrganizationOrder = OrganizationOrder.NAME_ASC,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Organization] | None:
        may_read(info)
        given = filter or OrganizationFilter()
        wanted = search.OrganizationSearch(given.text, tuple(given.kinds or ()), given.county, given.source)
        return await listed(
            info.context,
            search.organizations(wanted),
            _ORGANIZATIONS[order_by],
            first,
            after,
            Organization.of,
        )

    @strawberry.federation.field(requires_scopes=one_of(Scope.DIRECTORY_READ))
    async def service(self, info: Info, id: strawberry.ID) -> Service | None:
        return await Service.resolve_reference(info, id)

    @strawberry.federation.field(requires_scopes=one_of(Scope.DIRECTORY_READ))
    async def location(self, info: Info, id: strawberry.ID) -> Location | None:
        return await Location.resolve_reference(info, id)

    @strawberry.federation.field(requires_scopes=one_of(Scope.DIRECTORY_READ))
    async def workshop(self, info: Info, id: strawberry.ID) -> Workshop | None:
        return await Workshop.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="The shared calendar of workshops.",
    )
    async def workshops(
        self,
        info: Info,
        filter: WorkshopFilter | None = None,
        order_by: WorkshopOrder = WorkshopOrder.STARTS_ASC,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Workshop] | None:
        may_read(info)
        statement = search.workshops((filter or WorkshopFilter()).parsed())
        return await listed(info.context, statement, _WORKSHOPS[order_by], first, after, Workshop.of)

    @strawberry.field(description="The counties of the region.")
    def counties(self) -> list[County] | None:
        return [County(fips=strawberry.ID(county.fips), name=county.name) for county in geography.COUNTIES]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Terms of a taxonomy; `vereda` is the network's own.",
    )
    async def taxonomy_terms(
        self, info: Info, scheme: str = "vereda", first: int | None = None, after: str | None = None
    ) -> Connection[TaxonomyTerm] | None:
        may_read(info)
        return await listed(
            info.context, search.terms_of(scheme), (Order(TermRow.code),), first, after, TaxonomyTerm.of
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*AUDIT_READING),
        description="What this service did and showed, provably whole.",
    )
    def partners_audit(self, info: Info) -> AuditLog | None:
        info.context.caller.require(*AUDIT_READING)
        return AuditLog(service="partners")
