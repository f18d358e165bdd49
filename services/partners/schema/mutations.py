"""Writing to the directory. Every input takes an idempotency key; refusals are members of the payload."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.partners import models
from services.partners.domain.capacity import CapacityStatus, CapacityUnit
from services.partners.domain.terms import OrganizationKind, ServiceStatus
from services.partners.operations import capacity as capacity_reports
from services.partners.operations import directory
from services.partners.schema.applications import ApplicationMutations
from services.partners.schema.context import Info
from services.partners.schema.feed import WebhookMutations
from services.partners.schema.legal_capacity import LegalCapacityMutations
from services.partners.schema.matching_mutations import MatchingMutations
from services.partners.schema.parts import Capacity
from services.partners.schema.places import PlaceMutations
from services.partners.schema.practitioners import PractitionerMutations
from services.partners.schema.records import RecordMutations
from services.partners.schema.region import RegionMutations
from services.partners.schema.types import Organization, Service
from services.partners.schema.volunteering import VolunteeringMutations
from services.partners.schema.workshop_mutations import WorkshopMutations
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input
class OrganizationInput:
    slug: str
    name: str
    kind: OrganizationKind
    alternate_name: str | None = None
    description: str | None = None
    website: str | None = None
    email: str | None = None
    counties: list[strawberry.ID] = strawberry.field(default_factory=list)

    def parsed(self) -> directory.OrganizationFields:
        return directory.OrganizationFields(**{**vars(self), "counties": tuple(map(str, self.counties))})


@strawberry.input
class RegisterOrganizationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    organization: OrganizationInput


@strawberry.input
class UpdateOrganizationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    organization: OrganizationInput


@strawberry.input(description="The whole of what a service says of itself: what is left out is emptied.")
class ServiceInput:
    name: str
    name_es: str | None = None
    description: str | None = None
    description_es: str | None = None
    status: ServiceStatus = ServiceStatus.ACTIVE
    terms: list[strawberry.ID]
    languages: list[str] = strawberry.field(default_factory=list)
    locations: list[strawberry.ID] = strawberry.field(default_factory=list)
    eligibility_description: str | None = None
    fees_description: str | None = None
    application_process: str | None = None
    url: str | None = None

    def parsed(self) -> directory.ServiceFields:
        given = dict(vars(self))
        codes, places = given.pop("terms"), given.pop("locations")
        given["languages"] = tuple(self.languages)
        return directory.ServiceFields(
            **given,
            term_codes=tuple(map(str, codes)),
            location_ids=tuple(parse_id(place, "service.locations") for place in places),
        )


@strawberry.input
class CreateServiceInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    service: ServiceInput


@strawberry.input
class UpdateServiceInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    service: ServiceInput


@strawberry.input
class ReportCapacityInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    service: strawberry.ID
    status: CapacityStatus
    unit: CapacityUnit = strawberry.field(
        default=CapacityUnit.CASE, description="A report of seats holds for 7 days, of beds for 3."
    )
    available: int | None = None
    maximum: int | None = None
    estimated_wait_days: int | None = None


@strawberry.type
class OrganizationSaved:
    organization: Organization


@strawberry.type
class ServiceSaved:
    service: Service


@strawberry.type
class CapacityReported:
    service: Service
    capacity: Capacity


_Refused = InvalidInput | NotFound | NotAllowed | VersionConflict
OrganizationPayload = Annotated[OrganizationSaved | _Refused, strawberry.union("OrganizationPayload")]
ServicePayload = Annotated[ServiceSaved | _Refused, strawberry.union("ServicePayload")]
CapacityPayload = Annotated[
    CapacityReported | InvalidInput | NotFound | NotAllowed, strawberry.union("CapacityPayload")
]


@strawberry.type
class Mutation(
    ApplicationMutations,
    MatchingMutations,
    PlaceMutations,
    RecordMutations,
    RegionMutations,
    WorkshopMutations,
    VolunteeringMutations,
    LegalCapacityMutations,
    PractitionerMutations,
    WebhookMutations,  # type: ignore[misc]
):
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.ADMIN_NETWORK), description="Let an organisation into the network."
    )
    async def register_organization(
        self, info: Info, input: RegisterOrganizationInput
    ) -> OrganizationPayload | None:
        done = await directory.register_organization(
            info.context, input.organization.parsed(), input.idempotency_key
        )
        return (
            OrganizationSaved(organization=Organization.of(done))
            if isinstance(done, models.Organization)
            else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Replace what your organisation says of itself.",
    )
    async def update_organization(
        self, info: Info, input: UpdateOrganizationInput
    ) -> OrganizationPayload | None:
        done = await directory.update_organization(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.organization.parsed(),
            input.idempotency_key,
        )
        return (
            OrganizationSaved(organization=Organization.of(done))
            if isinstance(done, models.Organization)
            else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE), description="Add a service to your organisation."
    )
    async def create_service(self, info: Info, input: CreateServiceInput) -> ServicePayload | None:
        done = await directory.create_service(info.context, input.service.parsed(), input.idempotency_key)
        return ServiceSaved(service=Service.of(done)) if isinstance(done, models.Service) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Replace what a service of yours says of itself.",
    )
    async def update_service(self, info: Info, input: UpdateServiceInput) -> ServicePayload | None:
        done = await directory.update_service(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.service.parsed(),
            input.idempotency_key,
        )
        return ServiceSaved(service=Service.of(done)) if isinstance(done, models.Service) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CAPACITY_WRITE), description="Say how much room a service of yours has."
    )
    async def report_capacity(self, info: Info, input: ReportCapacityInput) -> CapacityPayload | None:
        done = await capacity_reports.report_capacity(
            info.context,
            service := parse_id(input.service, "service"),
            input.status,
            input.available,
            input.maximum,
            input.estimated_wait_days,
            input.idempotency_key,
            input.unit,
        )
        if not isinstance(done, models.CapacityReport):
            return done
        row = await info.context.loaders.service.load(service)
        return CapacityReported(service=Service.of(row), capacity=Capacity.of(capacity_reports.room_of(done)))
