"""What the directory shows. Rows come in, graph objects go out; every edge goes through a loader."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from services.partners import models
from services.partners.domain import taxonomy
from services.partners.domain.capacity import CapacityStatus
from services.partners.domain.freshness import is_stale
from services.partners.domain.records import RecordKind
from services.partners.domain.terms import (
    LocationType,
    OrganizationKind,
    OrganizationStatus,
    Sensitivity,
    ServiceStatus,
    Visibility,
    WorkshopStatus,
)
from services.partners.domain.visibility import kept_back
from services.partners.operations.stating import slot_of
from services.partners.schema import kept
from services.partners.schema.context import Info, kept_with, may_read
from services.partners.schema.details import (
    Address,
    Contact,
    EligibilityRule,
    LanguageOffer,
    Phone,
    Recognition,
    Schedule,
    ServiceArea,
)
from services.partners.schema.kept import Described
from services.partners.schema.parts import Capacity, Generalisation, Practitioner, Program
from services.partners.schema.provenance import FieldSources, field_sources
from services.partners.schema.reference import County, TaxonomyTerm, zip_code_of
from services.partners.schema.volunteering import WorkshopShift
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.mapping import from_row
from vereda.pagination import Connection
from vereda.statements import ServiceOffer, sign


@strawberry.federation.type(keys=["id"], description="A member of the network (HSDS organization).")
class Organization(Described):
    id: strawberry.ID
    slug: str
    name: str
    alternate_name: str | None
    description: str | None
    kind: OrganizationKind
    status: OrganizationStatus
    website: str | None
    email: str | None
    year_incorporated: int | None
    verified_at: datetime | None = strawberry.field(description="When its record was last looked over.")
    source: str | None = strawberry.field(description="The directory that it was imported from.")
    source_id: str | None
    version: int
    county_codes: strawberry.Private[list[str]]

    tax_status: str | None = kept.text("tax_status")
    tax_id: str | None = kept.text("tax_id", "Of the organisation, such as its EIN.")
    legal_status: str | None = kept.text("legal_status")
    logo: str | None = kept.text("logo")
    uri: str | None = kept.text("uri", "What identifies it elsewhere.")
    funding: list[kept.Funding] = kept.objects("funding", kept.Funding)
    identifiers: list[kept.OrganizationIdentifier] = kept.objects(
        "organization_identifier", kept.OrganizationIdentifier
    )
    links: list[kept.Link] = kept.objects("url", kept.Link, "Its further websites.")

    @strawberry.field(description="The organisation that it is a part of.")
    async def parent(self, info: Info) -> Organization | None:
        more = await kept_with(self, info)
        named = more.value("parent_organization_id")
        row = (
            await info.context.loaders.organization.load(more.id_of("organization", named)) if named else None
        )
        return Organization.of(row) if row else None

    @classmethod
    def of(cls, row: models.Organization) -> Organization:
        return from_row(cls, row, county_codes=row.counties)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Organization | None:
        may_read(info)
        row = await info.context.loaders.organization.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    def counties(self) -> list[County]:
        return [county for code in self.county_codes if (county := County.of(code))]

    @strawberry.field
    async def programs(self, info: Info) -> list[Program]:
        return [Program.of(row) for row in await info.context.loaders.programs.load(UUID(self.id))]

    @strawberry.field
    async def services(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Service]:
        return await listed_under(
            info.context.loaders.services_of_organization, UUID(self.id), first, after, Service.of
        )

    @strawberry.field
    async def locations(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Location]:
        return await listed_under(
            info.context.loaders.locations_of_organization, UUID(self.id), first, after, Location.of
        )

    @strawberry.field
    async def workshops(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Workshop]:
        return await listed_under(
            info.context.loaders.workshops_of_organization, UUID(self.id), first, after, Workshop.of
        )

    @strawberry.field
    async def practitioners(self, info: Info) -> list[Practitioner]:
        return [Practitioner.of(row) for row in await info.context.loaders.practitioners.load(UUID(self.id))]

    @strawberry.field(
        description="DOJ recognitions (8 CFR 1292.11), the one that ends first before the others."
    )
    async def recognitions(self, info: Info) -> list[Recognition]:
        rows = await info.context.loaders.recognitions.load(UUID(self.id))
        return [Recognition.of(row) for row in rows]

    @strawberry.field(description="Nobody has looked its record over for 180 days or longer.")
    def stale(self, info: Info) -> bool:
        return is_stale(self.verified_at, info.context.now)

    @strawberry.field(description="Field by field: who says what, and since when its owner's word stands.")
    async def field_sources(self, info: Info) -> list[FieldSources]:
        row = await info.context.loaders.organization.load(UUID(self.id))
        return await field_sources(info, RecordKind.ORGANIZATION, row)

    @strawberry.field(
        description="Who may know where its TRUSTED places are. For itself to see; others see here whether they are among them."
    )
    async def trusted_partners(self, info: Info) -> list[Organization]:
        ids = await info.context.loaders.trusted_partners.load(UUID(self.id))
        rows = await info.context.loaders.organization.load_many([one.trusted_id for one in ids])
        return [Organization.of(row) for row in rows if row]

    @strawberry.field(description="Phones of the organisation as a whole.")
    async def phones(self, info: Info) -> list[Phone]:
        rows = await info.context.loaders.phones_of_organization.load(UUID(self.id))
        return [from_row(Phone, row) for row in rows if row.service_id is None and row.location_id is None]

    @strawberry.field(description="Contacts of the organisation as a whole.")
    async def contacts(self, info: Info) -> list[Contact]:
        rows = await info.context.loaders.contacts_of_organization.load(UUID(self.id))
        return [from_row(Contact, row) for row in rows if row.service_id is None and row.location_id is None]


@strawberry.federation.type(keys=["id"], description="A place (HSDS location).")
class Location(Described):
    id: strawberry.ID
    location_type: LocationType
    visibility: Visibility
    city: str | None
    state_province: str | None
    latitude: float | None = strawberry.field(
        description="Degrees; of a place that is kept back (TRUSTED, OWNER), its town's, for every reader."
    )
    longitude: float | None
    rural: bool
    accessibility: list[str]
    source_id: str | None
    version: int
    row: strawberry.Private[models.Location]

    url: str | None = kept.text("url")
    external_identifier: str | None = kept.text("external_identifier")
    external_identifier_type: str | None = kept.text("external_identifier_type")
    accessibility_details: list[kept.Accessibility] = kept.objects("accessibility", kept.Accessibility)

    @strawberry.field(description="Languages that are spoken there.")
    async def languages(self, info: Info) -> list[LanguageOffer]:
        rows = await info.context.loaders.languages_of_location.load(UUID(self.id))
        return [from_row(LanguageOffer, row) for row in rows]

    @strawberry.field
    async def contacts(self, info: Info) -> list[Contact]:
        rows = await info.context.loaders.contacts_of_location.load(UUID(self.id))
        return [from_row(Contact, row) for row in rows]

    @classmethod
    def of(cls, row: models.Location) -> Location:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Location | None:
        may_read(info)
        row = await info.context.loaders.location.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field(description="Null where the place is kept back from you: a name may say where it is.")
    async def name(self, info: Info) -> str | None:
        return await self.told(info, self.row.name)

    @strawberry.field(description="Null where the place is kept back from you.")
    async def alternate_name(self, info: Info) -> str | None:
        return await self.told(info, self.row.alternate_name)

    @strawberry.field(description="Null where the place is kept back from you.")
    async def description(self, info: Info) -> str | None:
        return await self.told(info, self.row.description)

    @strawberry.field(description="Null where the place is kept back from you.")
    async def transportation(self, info: Info) -> str | None:
        return await self.told(info, self.row.transportation)

    @strawberry.field
    def county(self) -> County | None:
        return County.of(self.row.county_fips)

    @strawberry.field
    async def organization(self, info: Info) -> Organization | None:
        row = await info.context.loaders.organization.load(self.row.organization_id)
        return Organization.of(row) if row else None

    @strawberry.field(description="Null where the place's visibility keeps it from you: call first.")
    async def address(self, info: Info) -> Address | None:
        row = await info.context.loaders.address.load(self.row.id)
        if row is None and not await self._known(info):
            info.context.redact(info, "LOCATION", "CONFIDENTIAL_ADDRESS")
        return from_row(Address, row) if row else None

    @strawberry.field(
        description="Field by field: who says what. Of a place that is kept back, its owner sees it alone."
    )
    async def field_sources(self, info: Info) -> list[FieldSources]:
        return await field_sources(info, RecordKind.LOCATION, self.row)

    async def _known(self, info: Info) -> bool:
        """Whether who asks may know where it is (R17)."""
        if not kept_back(self.row.visibility) or self.row.organization_id == info.context.caller.organization:
            return True
        trusted = self.row.visibility is Visibility.TRUSTED
        return trusted and bool(await info.context.loaders.trusts_me.load(self.row.organization_id))

    async def told(self, info: Info, value: str | None) -> str | None:
        if await self._known(info):
            return value
        # Withheld whether there is something or not: that a place has a description tells of it, too.
        info.context.redact(info, "LOCATION", "CONFIDENTIAL_ADDRESS")
        return None

    @strawberry.field
    async def phones(self, info: Info) -> list[Phone]:
        rows = await info.context.loaders.phones_of_location.load(UUID(self.id))
        return [from_row(Phone, row) for row in rows]

    @strawberry.field(description="Empty where the place is kept back from you.")
    async def schedules(self, info: Info) -> list[Schedule]:
        if not await self._known(info):
            info.context.redact(info, "LOCATION", "CONFIDENTIAL_ADDRESS")
            return []
        rows = await info.context.loaders.schedules_of_location.load(UUID(self.id))
        return [from_row(Schedule, row) for row in rows]

    @strawberry.field(description="What is offered here.")
    async def services_at_location(self, info: Info) -> list[ServiceAtLocation]:
        rows = await info.context.loaders.places_at_location.load(UUID(self.id))
        return [ServiceAtLocation.of(row) for row in rows]


@strawberry.federation.type(
    keys=["id"], description="Something that an organisation does for people (HSDS service)."
)
class Service(Described):
    id: strawberry.ID
    name: str
    name_es: str | None
    alternate_name: str | None
    description: str | None
    description_es: str | None
    status: ServiceStatus
    sensitivity: Sensitivity
    url: str | None
    email: str | None
    eligibility_description: str | None
    minimum_age: int | None
    maximum_age: int | None
    application_process: str | None
    fees_description: str | None
    interpretation_services: str | None
    alert: str | None
    required_documents: list[str]
    verified_at: datetime | None
    source: str | None
    source_id: str | None
    version: int
    row: strawberry.Private[models.Service]

    wait_time: str | None = kept.text("wait_time", "As its provider says it; what is measured is `capacity`.")
    accreditations: str | None = kept.text("accreditations")
    licenses: str | None = kept.text("licenses")
    assurer_email: str | None = kept.text("assurer_email", "Who answers for what is said of it.")
    funding: list[kept.Funding] = kept.objects("funding", kept.Funding)
    cost_options: list[kept.CostOption] = kept.objects("cost_option", kept.CostOption)
    documents: list[kept.RequiredDocument] = kept.objects(
        "required_document", kept.RequiredDocument, "`requiredDocuments`, each with where it can be had."
    )
    links: list[kept.Link] = kept.objects("url", kept.Link, "Its further websites.")

    @classmethod
    def of(cls, row: models.Service) -> Service:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Service | None:
        may_read(info)
        row = await info.context.loaders.service.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field(description="Nobody has looked its record over for 180 days or longer.")
    def stale(self, info: Info) -> bool:
        return is_stale(self.verified_at, info.context.now)

    @strawberry.field(description="Field by field: who says what, and since when its owner's word stands.")
    async def field_sources(self, info: Info) -> list[FieldSources]:
        return await field_sources(info, RecordKind.SERVICE, self.row)

    @strawberry.field
    async def organization(self, info: Info) -> Organization:
        return Organization.of(await info.context.loaders.organization.load(self.row.organization_id))

    @strawberry.field
    async def program(self, info: Info) -> Program | None:
        row = await info.context.loaders.program.load(self.row.program_id) if self.row.program_id else None
        return Program.of(row) if row else None

    @strawberry.field
    async def terms(self, info: Info) -> list[TaxonomyTerm]:
        rows = await info.context.loaders.term.load_many(self.row.term_codes)
        return [TaxonomyTerm.of(row) for row in rows if row]

    @strawberry.field
    def generalisation(self) -> Generalisation:
        ladder = taxonomy.ladder(self.row.term_codes, self.row.name)
        return Generalisation(exact=ladder.exact, category=ladder.category, domain=ladder.domain)

    @strawberry.field(description="Who may use it, rule by rule, in its provider's words.")
    async def eligibility_rules(self, info: Info) -> list[EligibilityRule]:
        rows = await info.context.loaders.rules_of_service.load(self.row.id)
        return [from_row(EligibilityRule, row) for row in rows]

    @strawberry.field
    async def languages(self, info: Info) -> list[LanguageOffer]:
        rows = await info.context.loaders.languages_of_service.load(self.row.id)
        return [from_row(LanguageOffer, row) for row in rows]

    @strawberry.field
    async def service_areas(self, info: Info) -> list[ServiceArea]:
        rows = await info.context.loaders.areas_of_service.load(self.row.id)
        return [from_row(ServiceArea, row) for row in rows]

    @strawberry.field
    async def phones(self, info: Info) -> list[Phone]:
        return [
            from_row(Phone, row) for row in await info.context.loaders.phones_of_service.load(self.row.id)
        ]

    @strawberry.field
    async def contacts(self, info: Info) -> list[Contact]:
        rows = await info.context.loaders.contacts_of_service.load(self.row.id)
        return [from_row(Contact, row) for row in rows]

    @strawberry.field
    async def schedules(self, info: Info) -> list[Schedule]:
        rows = await info.context.loaders.schedules_of_service.load(self.row.id)
        return [from_row(Schedule, row) for row in rows]

    @strawberry.field(description="Where it is offered.")
    async def service_at_locations(self, info: Info) -> list[ServiceAtLocation]:
        rows = await info.context.loaders.places_of_service.load(self.row.id)
        return [ServiceAtLocation.of(row) for row in rows]

    @strawberry.field(
        description="How much room there is: by the newest report while it holds, else by the hours of those who may do the"
        " work, else UNKNOWN; null when nothing was ever known. Who declined three referrals for want of room within ten"
        " days has none until a newer report."
    )
    async def capacity(self, info: Info) -> Capacity | None:
        room = await info.context.loaders.capacity.load(self.row.id)
        return Capacity.of(room) if room else None

    @strawberry.field(description="Miles from the centre of a ZIP code to the nearest place of this service.")
    async def distance_miles(self, info: Info, from_postal_code: str) -> float | None:
        zip_code = zip_code_of(from_postal_code, "fromPostalCode")
        miles = await info.context.loaders.distance.load((self.row.id, zip_code.centre))
        return None if miles is None else round(miles, 1)

    @strawberry.field(
        description="A signed statement of what this service is and how much room it has now, valid for an hour."
        " `sendReferral` takes it."
    )
    async def offer(self, info: Info) -> str:
        room = await info.context.loaders.capacity.load(self.row.id)
        known = room if room is not None and room.status is not CapacityStatus.UNKNOWN else None
        ladder = taxonomy.ladder(self.row.term_codes, self.row.name)
        statement = ServiceOffer(
            service=self.row.id,
            organization=self.row.organization_id,
            domain=ladder.domain,
            category=ladder.category,
            legal=taxonomy.is_legal(self.row.term_codes),
            survivor=self.row.sensitivity is Sensitivity.SURVIVOR,
            active=self.row.status is ServiceStatus.ACTIVE,
            capacity=known.status.value if known else None,
            available=known.available if known else None,
            reported_at=known.reported_at if known else None,
        )
        return sign(info.context.settings, statement)


@strawberry.federation.type(keys=["id"], description="A service at a place (HSDS service_at_location).")
class ServiceAtLocation(Described):
    id: strawberry.ID
    service_id: strawberry.Private[UUID]
    location_id: strawberry.Private[UUID]
    said: strawberry.Private[str | None]

    @strawberry.field(description="Contacts of this service at this place.")
    async def contacts(self, info: Info) -> list[Contact]:
        rows = await info.context.loaders.contacts_of_service.load(self.service_id)
        return [from_row(Contact, row) for row in rows if row.location_id == self.location_id]

    @strawberry.field(description="Phones of this service at this place.")
    async def phones(self, info: Info) -> list[Phone]:
        rows = await info.context.loaders.phones_of_service.load(self.service_id)
        return [from_row(Phone, row) for row in rows if row.location_id == self.location_id]

    @strawberry.field(description="Hours of this service at this place.")
    async def schedules(self, info: Info) -> list[Schedule]:
        rows = await info.context.loaders.schedules_of_service.load(self.service_id)
        return [from_row(Schedule, row) for row in rows if row.location_id == self.location_id]

    @classmethod
    def of(cls, row: models.ServiceAtLocation) -> ServiceAtLocation:
        return from_row(
            cls, row, service_id=row.service_id, location_id=row.location_id, said=row.description
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> ServiceAtLocation | None:
        may_read(info)
        row = await info.context.loaders.place.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    async def service(self, info: Info) -> Service:
        return Service.of(await info.context.loaders.service.load(self.service_id))

    @strawberry.field
    async def location(self, info: Info) -> Location:
        return Location.of(await info.context.loaders.location.load(self.location_id))

    @strawberry.field(description="Null where the place is kept back from you.")
    async def description(self, info: Info) -> str | None:
        row = await info.context.loaders.location.load(self.location_id)
        return await Location.of(row).told(info, self.said)


@strawberry.federation.type(keys=["id"], description="A free legal workshop.")
class Workshop:
    id: strawberry.ID
    title: str
    title_es: str | None
    rural: bool
    languages: list[str]
    starts_at: datetime
    ends_at: datetime
    capacity: int
    status: WorkshopStatus
    override_reason: str | None = strawberry.field(
        description="Why its host planned it although it clashes with others."
    )
    cancel_reason: str | None = strawberry.field(description="Why it was called off.")
    task: str | None = strawberry.field(
        description="What its host has to see to before it can be announced, where it was and can be no more."
    )
    version: int
    row: strawberry.Private[models.Workshop]

    @classmethod
    def of(cls, row: models.Workshop) -> Workshop:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Workshop | None:
        may_read(info)
        row = await info.context.loaders.workshop.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    async def host(self, info: Info) -> Organization:
        return Organization.of(await info.context.loaders.organization.load(self.row.organization_id))

    @strawberry.field
    def county(self) -> County | None:
        return County.of(self.row.county_fips)

    @strawberry.field
    async def location(self, info: Info) -> Location | None:
        row = await info.context.loaders.location.load(self.row.location_id) if self.row.location_id else None
        return Location.of(row) if row else None

    @strawberry.field
    async def terms(self, info: Info) -> list[TaxonomyTerm]:
        rows = await info.context.loaders.term.load_many(self.row.term_codes)
        return [TaxonomyTerm.of(row) for row in rows if row]

    @strawberry.field(
        description="A signed statement of when this workshop is and how many seats it has, valid for an hour."
        " `bookAppointment` takes it."
    )
    def slot(self, info: Info) -> str:
        return sign(info.context.settings, slot_of(self.row, info.context.now))

    @strawberry.field(description="The roles that it wants people in, the earliest first.")
    async def shifts(self, info: Info) -> list[WorkshopShift]:
        return [
            WorkshopShift.of(row) for row in await info.context.loaders.shifts_of_workshop.load(self.row.id)
        ]

    @strawberry.field(description="Who supervises: what makes the help lawful.")
    async def practitioners(self, info: Info) -> list[Practitioner]:
        rows = await info.context.loaders.practitioner.load_many(self.row.practitioner_ids)
        return [Practitioner.of(row) for row in rows if row]
