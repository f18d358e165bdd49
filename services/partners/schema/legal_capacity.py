"""Legal capacity in the graph: what there is on a day, what could be, what lapses, and who is reached in no language."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from services.partners.domain.legal_capacity import Addition, Standing, per_100k
from services.partners.domain.legal_capacity import Loss as LossFound
from services.partners.domain.legal_capacity import Matter as MatterFound
from services.partners.domain.populations import NOT_STATED, Population
from services.partners.domain.taxonomy import BY_CODE
from services.partners.domain.terms import AccreditationLevel, PractitionerRole
from services.partners.operations import legal_capacity
from services.partners.operations.applications import business_day
from services.partners.schema.context import Info, may_read
from services.partners.schema.parts import Practitioner
from services.partners.schema.reference import County, TaxonomyTerm
from services.partners.schema.types import Organization, Service
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput


@strawberry.type(
    description="A kind of matter, as if all hours went into it: places of two kinds are not added up."
)
class LegalMatter:
    term: strawberry.ID
    name: str
    name_es: str
    level: AccreditationLevel = strawberry.field(
        description="What a representative needs for it: FULL where it comes before the immigration courts."
    )
    authorised: int = strawberry.field(description="How many may take it: attorneys and representatives.")
    weekly_hours: int
    places: int = strawberry.field(
        description="How many fit into the week: hours of the authorised x 0.6 / hours of such a matter, rounded down at each"
        " organisation, less what its workshops of the week take. What was accepted in the week is not taken off here."
    )

    @classmethod
    def of(cls, found: MatterFound) -> LegalMatter:
        term = BY_CODE[found.term]
        return cls(
            term=strawberry.ID(found.term),
            name=term.name,
            name_es=term.name_es,
            level=found.level,
            authorised=found.authorised,
            weekly_hours=found.weekly_hours,
            places=found.places,
        )


@strawberry.type(description="What organisations can take on in immigration law, together.")
class LegalStanding:
    organizations: int = strawberry.field(description="Those with somebody authorised.")
    attorneys: int
    partial_representatives: int = strawberry.field(description="Accredited before DHS only.")
    full_representatives: int = strawberry.field(
        description="Accredited before DHS and the immigration courts."
    )
    representatives: int
    weekly_hours: int
    full_time: float = strawberry.field(description="Positions of 40 hours.")
    matters: list[LegalMatter]

    @classmethod
    def of(cls, found: Standing) -> LegalStanding:
        return cls(
            organizations=found.offices,
            attorneys=found.attorneys,
            partial_representatives=found.partial,
            full_representatives=found.full,
            representatives=found.representatives,
            weekly_hours=found.weekly_hours,
            full_time=found.full_time,
            matters=[LegalMatter.of(one) for one in found.matters],
        )


@strawberry.type(
    description="Accredited representatives for each 100,000 immigrants; null with a reason where nobody stated how many live there."
)
class RepresentativesPer100k:
    value: float | None
    immigrants: int | None
    year: int | None = strawberry.field(description="Of the figure of immigrants.")
    source: str | None
    reason: str | None = strawberry.field(description="Where there is no value: why.")

    @classmethod
    def of(cls, representatives: int, population: Population | None) -> RepresentativesPer100k:
        if population is None:
            return cls(value=None, immigrants=None, year=None, source=None, reason=NOT_STATED)
        return cls(
            value=per_100k(representatives, population.immigrants),
            immigrants=population.immigrants,
            year=population.year,
            source=population.source,
            reason=None,
        )


@strawberry.type
class LegalHelper:
    weekly_hours: int
    found: strawberry.Private[legal_capacity.Helper]

    @strawberry.field
    async def practitioner(self, info: Info) -> Practitioner | None:
        row = await info.context.loaders.practitioner.load(self.found.practitioner)
        return Practitioner.of(row) if row else None


@strawberry.type
class PlacesLost:
    term: strawberry.ID
    places: int


@strawberry.type(description="What is lost once one representative's accreditation has lapsed.")
class IfLapses:
    expires_on: date
    pending_renewal: bool = strawberry.field(description="It holds until its renewal is decided.")
    weekly_hours: int
    places: list[PlacesLost] = strawberry.field(description="Fewer in a week, by matter.")
    left_with_nobody: list[strawberry.ID] = strawberry.field(description="Matters that nobody may take then.")
    found: strawberry.Private[legal_capacity.Lapse]

    @classmethod
    def of(cls, found: legal_capacity.Lapse) -> IfLapses:
        lost: LossFound = found.lost
        return cls(
            expires_on=found.expires_on,
            pending_renewal=found.pending_renewal,
            weekly_hours=lost.weekly_hours,
            places=[PlacesLost(term=strawberry.ID(term), places=less) for term, less in lost.places],
            left_with_nobody=[strawberry.ID(term) for term in lost.left_with_nobody],
            found=found,
        )

    @strawberry.field
    async def practitioner(self, info: Info) -> Practitioner | None:
        row = await info.context.loaders.practitioner.load(self.found.practitioner)
        return Practitioner.of(row) if row else None

    @strawberry.field
    async def organization(self, info: Info) -> Organization | None:
        row = await info.context.loaders.organization.load(self.found.organization)
        return Organization.of(row) if row else None


@strawberry.type(
    description="Who may give legal help in immigration matters in a county, or in the region, on a day. An organisation counts in"
    " each county that it serves: counties do not add up to the region. Hours are as they stand now."
)
class LegalCapacity:
    on: date
    standing: LegalStanding
    representatives_per_100k: RepresentativesPer100k = strawberry.field(name="representativesPer100k")
    practitioners: list[LegalHelper] = strawberry.field(
        description="Who may help on that day, and their hours."
    )
    if_lapses: list[IfLapses] = strawberry.field(
        description="For each representative: what is lost if their accreditation lapses. The first to end first."
    )
    found: strawberry.Private[legal_capacity.Capacity]

    @classmethod
    def of(cls, found: legal_capacity.Capacity) -> LegalCapacity:
        return cls(
            on=found.on,
            standing=LegalStanding.of(found.standing),
            representatives_per_100k=RepresentativesPer100k.of(
                found.standing.representatives, found.population
            ),
            practitioners=[LegalHelper(weekly_hours=one.weekly_hours, found=one) for one in found.helpers],
            if_lapses=[IfLapses.of(one) for one in found.lapses],
            found=found,
        )

    @strawberry.field(description="Null for the region.")
    def county(self) -> County | None:
        return County.of(self.found.county)

    @strawberry.field(
        description="Services of immigration law, each with the room that it has now: what was reported until it expires (then"
        " UNKNOWN), none where three were declined for want of room, else what its hours give. Null of another day than today."
    )
    async def services(self, info: Info) -> list[Service] | None:
        if self.on != business_day(info.context.now):
            return None
        return [
            Service.of(row) for row in await legal_capacity.legal_services(info.context, self.found.county)
        ]


@strawberry.type(description="What if: as it is, and with those who there might be.")
class LegalCapacityIf:
    before: LegalCapacity
    after: LegalStanding
    representatives_per_100k: RepresentativesPer100k = strawberry.field(
        name="representativesPer100k", description="Afterwards."
    )


@strawberry.input(
    description="People who there might be. Where a representative is added, the organisation is taken for recognised."
)
class LegalAdditionInput:
    role: PractitionerRole = strawberry.field(description="ATTORNEY, FULL_REP or PARTIAL_REP.")
    people: int = 1
    weekly_hours: int = strawberry.field(description="Of each.")
    organization: strawberry.ID | None = strawberry.field(
        default=None, description="Left out: a new one, in the area that is asked about."
    )

    def parsed(self) -> Addition:
        organization = parse_id(self.organization, "organization") if self.organization else None
        return Addition(organization, self.role, self.people, self.weekly_hours)


@strawberry.type(description="A matter in a county for which nobody authorised there speaks the language.")
class LegalDesert:
    language: str = strawberry.field(description="ISO 639-3, or a group.")
    found: strawberry.Private[legal_capacity.Desert]

    @strawberry.field
    def county(self) -> County | None:
        return County.of(self.found.county)

    @strawberry.field
    async def term(self, info: Info) -> TaxonomyTerm | None:
        row = await info.context.loaders.term.load(self.found.term)
        return TaxonomyTerm.of(row) if row else None

    @strawberry.field(description="The term's code.")
    def matter(self) -> strawberry.ID:
        return strawberry.ID(self.found.term)


@strawberry.type
class LegalDeserts:
    total: int
    nodes: list[LegalDesert] = strawberry.field(description="The first 1,000 of them.")


@strawberry.input
class SetPopulationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    immigrants: int
    year: int
    source: str = strawberry.field(description="Where the figure is from, so that everybody can look it up.")
    county: strawberry.ID | None = strawberry.field(default=None, description="Left out: the region.")


@strawberry.type
class PopulationSet:
    immigrants: int
    year: int
    source: str


PopulationPayload = Annotated[PopulationSet | InvalidInput, strawberry.union("PopulationPayload")]


@strawberry.type
class LegalCapacityQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Legal capacity of a county, or of the region, today or on another day.",
    )
    async def legal_capacity(
        self, info: Info, county: strawberry.ID | None = None, on: date | None = None
    ) -> LegalCapacity | None:
        may_read(info)
        return LegalCapacity.of(await legal_capacity.capacity(info.context, county, on))

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="The same with people who there might be: two more partial representatives, an attorney of 20 hours.",
    )
    async def legal_capacity_if(
        self,
        info: Info,
        added: list[LegalAdditionInput],
        county: strawberry.ID | None = None,
        on: date | None = None,
    ) -> LegalCapacityIf | None:
        may_read(info)
        found = await legal_capacity.what_if(info.context, [one.parsed() for one in added], county, on)
        return LegalCapacityIf(
            before=LegalCapacity.of(found.before),
            after=LegalStanding.of(found.after),
            representatives_per_100k=RepresentativesPer100k.of(
                found.after.representatives, found.before.population
            ),
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Where nobody authorised speaks a language in a matter. Languages: those given, or all that"
        " services of the network are offered in; another variant of a group does not count.",
    )
    async def legal_deserts(
        self,
        info: Info,
        county: strawberry.ID | None = None,
        languages: list[str] | None = None,
        terms: list[strawberry.ID] | None = None,
        on: date | None = None,
    ) -> LegalDeserts | None:
        may_read(info)
        found = await legal_capacity.legal_deserts(info.context, county, languages, terms, on)
        listed = found[: legal_capacity.MOST_DESERTS]
        return LegalDeserts(
            total=len(found), nodes=[LegalDesert(language=one.language, found=one) for one in listed]
        )


@strawberry.type
class LegalCapacityMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.ADMIN_NETWORK),
        description="Set how many immigrants live in a county or in the region, with the source.",
    )
    async def set_population(self, info: Info, input: SetPopulationInput) -> PopulationPayload | None:
        given = Population(input.immigrants, input.year, input.source)
        done = await legal_capacity.set_population(info.context, input.county, given, input.idempotency_key)
        if isinstance(done, Population):
            return PopulationSet(immigrants=done.immigrants, year=done.year, source=done.source)
        return done
