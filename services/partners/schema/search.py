"""Searching services: results with why and how far, counts by facet, and how the words were read."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import strawberry

from services.partners.domain import geography
from services.partners.domain.facets import FacetName, Fee, ServiceModality, ServiceOrder
from services.partners.domain.terms import OrganizationKind, ServiceStatus
from services.partners.operations.highlights import FieldMatch as Match
from services.partners.operations.highlights import highlights
from services.partners.operations.search import Near
from services.partners.operations.service_search import Counted, Hit, Searching, ServiceSearch
from services.partners.schema.context import Info, may_read
from services.partners.schema.reference import TaxonomyTerm, zip_code_of
from services.partners.schema.types import Service
from vereda.caller import Scope
from vereda.errors import ClientError, ErrorCode
from vereda.graph import one_of
from vereda.pagination import Page, PageInfo

_FARTHEST_MILES = 500.0
#: Hours are known for no longer; a moment ago is still now.
_OPEN_AHEAD = timedelta(days=21)
_OPEN_BACK = timedelta(hours=1)

strawberry.enum(Fee, description="What a service costs its client, as far as its record says.")
strawberry.enum(ServiceModality, description="How a service is had: at a place, or from afar.")
strawberry.enum(FacetName, name="ServiceFacet", description="What results are counted by.")
strawberry.enum(ServiceOrder, description="In what order services are listed; of equals, by name.")


@strawberry.input(
    description="Within so many miles of the centre of a ZIP code, or of a point. Give one of the two; neither is kept."
)
class NearInput:
    postal_code: str | None = None
    latitude: float | None = strawberry.field(default=None, description="Degrees, with `longitude`.")
    longitude: float | None = None
    miles: float = 25.0

    def parsed(self) -> Near:
        if not 0 < self.miles <= _FARTHEST_MILES:
            raise ClientError(ErrorCode.BAD_USER_INPUT, "`near.miles` must be more than 0 and at most 500.")
        if self.postal_code is not None and self.latitude is None and self.longitude is None:
            return Near(zip_code_of(self.postal_code, "near.postalCode").centre, self.miles)
        if self.postal_code is not None or self.latitude is None or self.longitude is None:
            raise ClientError(
                ErrorCode.BAD_USER_INPUT, "`near` takes `postalCode`, or `latitude` and `longitude`."
            )
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ClientError(ErrorCode.BAD_USER_INPUT, "`near.latitude` and `near.longitude` are degrees.")
        return Near(geography.Point(self.latitude, self.longitude), self.miles)


@strawberry.input(description="All that is given must hold; of several values, any.")
class ServiceFilter:
    text: str | None = strawberry.field(
        default=None,
        description="Words in English or Spanish, as in web search: accents don't matter, typing errors are forgiven, and"
        " what people say for it counts. Quotes, `OR` and a leading minus work. At most 300 characters, of which 16 words"
        " count.",
    )
    typing: bool = strawberry.field(
        default=False, description="The last word of `text` may be the beginning of one."
    )
    terms: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Taxonomy codes; what is under them counts."
    )
    languages: list[str] | None = strawberry.field(
        default=None, description="ISO 639-3 codes, such as `spa`."
    )
    organization_kinds: list[OrganizationKind] | None = None
    county: strawberry.ID | None = strawberry.field(
        default=None, description="FIPS code: offered there, or for people there."
    )
    fees: list[Fee] | None = None
    modalities: list[ServiceModality] | None = None
    open_now: bool = strawberry.field(
        default=False, description="By its hours, in California's time; federal holidays are closed."
    )
    open_at: datetime | None = strawberry.field(default=None, description="At most three weeks ahead.")
    near: NearInput | None = None
    with_capacity: bool = strawberry.field(
        default=False, description="Only where a report that still holds says there is room."
    )
    statuses: list[ServiceStatus] | None = strawberry.field(
        default=None, description="ACTIVE alone when not given."
    )
    source: str | None = None

    def parsed(self, now: datetime) -> ServiceSearch:
        if self.open_at is not None and not -_OPEN_BACK <= self.open_at - now <= _OPEN_AHEAD:
            raise ClientError(
                ErrorCode.BAD_USER_INPUT, "`filter.openAt` must be between now and three weeks from now."
            )
        return ServiceSearch(
            text=self.text,
            typing=self.typing,
            terms=tuple(self.terms or ()),
            languages=tuple(self.languages or ()),
            kinds=tuple(self.organization_kinds or ()),
            county=self.county,
            fees=tuple(self.fees or ()),
            modalities=tuple(self.modalities or ()),
            open_at=now if self.open_now else self.open_at,
            near=self.near.parsed() if self.near else None,
            with_capacity=self.with_capacity,
            statuses=tuple(self.statuses) if self.statuses else (ServiceStatus.ACTIVE,),
            source=self.source,
        )


@strawberry.type(description="So many characters of a text, counted in Unicode code points.")
class TextRange:
    start: int
    length: int


@strawberry.type(description="A field of the service in which words of the search stand, and where.")
class FieldMatch:
    field: str = strawberry.field(description="Its name in `Service`.")
    ranges: list[TextRange]

    @classmethod
    def of(cls, match: Match) -> FieldMatch:
        head, *rest = match.field.split("_")
        name = head + "".join(part.capitalize() for part in rest)
        return cls(field=name, ranges=[TextRange(start=r.start, length=r.length) for r in match.ranges])


@strawberry.type(description="A service that was found, with why and how far.")
class ServiceSearchEdge:
    cursor: str
    hit: strawberry.Private[Hit]
    results: strawberry.Private[ServiceSearchConnection]
    node: Service

    @strawberry.field(
        description="Miles from `near` to its nearest place; of one whose address is kept back, to its town. Null without `near`."
    )
    def distance_miles(self) -> float | None:
        return self.hit.miles

    @strawberry.field(
        description="How well it answers the words, in millionths, less where its record is old. To compare within one answer."
    )
    def score(self) -> int:
        return self.hit.score

    @strawberry.field(description="Where in its own words the words of the search stand.")
    async def matches(self, info: Info) -> list[FieldMatch]:
        return [FieldMatch.of(one) for one in (await self.results.highlights(info)).get(self.hit.service, ())]

    @strawberry.field(
        description="Kinds of service that the words of the search stand for, and that this is."
    )
    async def matched_terms(self, info: Info) -> list[TaxonomyTerm]:
        meant = (await self.results.searching.understood()).terms
        codes = [
            code
            for code in self.node.row.term_codes
            if any(code == one or code.startswith(f"{one}.") for one in meant)
        ]
        return [TaxonomyTerm.of(row) for row in await info.context.loaders.term.load_many(codes) if row]


@strawberry.type(
    description="A value of a facet, and how many services there are if it alone is chosen in the facet."
)
class FacetCount:
    value: str = strawberry.field(description="What the filter of the facet takes; of OPEN, `true`.")
    count: int


@strawberry.type(
    description="Counts by one facet, all other conditions of the search holding; the largest first, at most 60."
)
class FacetCounts:
    facet: FacetName
    values: list[FacetCount]


@strawberry.type(description="A word of the search, and what it was taken for.")
class ReadAs:
    word: str
    as_: list[str] = strawberry.field(name="as")


@strawberry.type(description="How the words of a search were read.")
class ReadSearch:
    corrections: list[ReadAs] = strawberry.field(
        description="Words that nobody uses here, and the nearest that are used."
    )
    synonyms: list[ReadAs] = strawberry.field(
        description="What people say for what the directory says; `#` stands before codes of the taxonomy."
    )


@strawberry.type(description="Services that fit (Relay connection), with counts of all that do.")
class ServiceSearchConnection:
    searching: strawberry.Private[Searching]
    page: strawberry.Private[Page[Hit]]
    services: strawberry.Private[dict[UUID, Service]]
    found: strawberry.Private[dict[UUID, tuple[Match, ...]] | None] = None
    count: strawberry.Private[Counted | None] = None

    @strawberry.field
    def edges(self) -> list[ServiceSearchEdge]:
        return [
            ServiceSearchEdge(cursor=cursor, hit=hit, results=self, node=node)
            for hit, cursor in zip(self.page.rows, self.page.cursors, strict=True)
            if (node := self.services.get(hit.service)) is not None
        ]

    @strawberry.field(description="The items of `edges`, for clients that need no cursors.")
    def nodes(self) -> list[Service]:
        return [edge for hit in self.page.rows if (edge := self.services.get(hit.service)) is not None]

    @strawberry.field
    def page_info(self) -> PageInfo:
        cursors = self.page.cursors
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    @strawberry.field
    async def total_count(self) -> int:
        return (await self._counted()).total

    @strawberry.field(
        description="Counts by each facet asked for: what the answer's count would be if that value alone were chosen there."
    )
    async def facets(self, names: list[FacetName] | None = None) -> list[FacetCounts]:
        by = (await self._counted()).by
        return [
            FacetCounts(
                facet=name, values=[FacetCount(value=value, count=count) for value, count in by[name]]
            )
            for name in names or list(FacetName)
        ]

    @strawberry.field
    async def read_as(self) -> ReadSearch:
        understood = await self.searching.understood()
        return ReadSearch(
            corrections=[ReadAs(word=w, as_=list(each)) for w, each in understood.corrections.items()],
            synonyms=[ReadAs(word=w, as_=list(each)) for w, each in understood.synonyms.items()],
        )

    async def _counted(self) -> Counted:
        if self.count is None:
            self.count = await self.searching.counted()
        return self.count

    async def highlights(self, info: Info) -> dict[UUID, tuple[Match, ...]]:
        """Of all services of the page at once."""
        if self.found is None:
            query = (await self.searching.understood()).query
            self.found = {}
            if query is not None:
                async with info.context.read() as session:
                    rows = [service.row for service in self.services.values()]
                    self.found = dict(await highlights(session, rows, query.wide))
        return self.found


@strawberry.type
class SearchQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Services that fit: by relevance where words are given, else by name, unless `orderBy` says otherwise.",
    )
    async def services(
        self,
        info: Info,
        filter: ServiceFilter | None = None,
        order_by: ServiceOrder | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> ServiceSearchConnection | None:
        may_read(info)
        search = (filter or ServiceFilter()).parsed(info.context.now)
        searching = Searching(info.context, search)
        by = order_by or (ServiceOrder.RELEVANCE_DESC if search.text else ServiceOrder.NAME_ASC)
        page = await searching.page(by, first, after)
        rows = await info.context.loaders.service.load_many([hit.service for hit in page.rows])
        return ServiceSearchConnection(
            searching=searching,
            page=page,
            services={row.id: Service.of(row) for row in rows if row is not None},
        )
