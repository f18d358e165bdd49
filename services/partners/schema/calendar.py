"""The shared calendar in the graph: what clashes, what is free, and the season against its targets."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from services.partners.domain.workshops import ClashKind
from services.partners.operations import calendar
from services.partners.schema.context import Info, may_read
from services.partners.schema.reference import County
from services.partners.schema.types import Location, Workshop
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.refusals import Refusal


@strawberry.type(description="A workshop that another would be in the way of, and how.")
class WorkshopClash:
    workshop: Workshop
    kinds: list[ClashKind]


@strawberry.type(
    description="The workshop clashes with others on the calendar. Choose another day or place, talk with their hosts, or plan it"
    " all the same with an `overrideReason`."
)
class WorkshopClashes(Refusal):
    clashes: list[WorkshopClash]
    free_days: list[date] = strawberry.field(
        description="Up to 3 days on which it could begin at its place, the nearest first; none within four weeks where empty."
    )
    free_places: list[Location] = strawberry.field(
        description="Up to 3 places for its day, the nearest first; empty where it has no location, or no place would help."
    )

    @classmethod
    async def of(cls, info: Info, found: calendar.Clashing) -> WorkshopClashes:
        rows = await info.context.loaders.workshop.load_many([id_ for id_, _ in found.found])
        places = await info.context.loaders.location.load_many(list(found.places))
        return cls(
            code="WORKSHOP_CLASHES",
            message="It clashes with other workshops: choose another day or place, or say why it is to be all the same.",
            clashes=[
                WorkshopClash(workshop=Workshop.of(row), kinds=sorted(kinds))
                for row, (_, kinds) in zip(rows, found.found, strict=True)
                if row is not None
            ],
            free_days=list(found.days),
            free_places=[Location.of(row) for row in places if row],
        )


@strawberry.type(description="Workshops as they stand: events, not people, and so counted exactly.")
class WorkshopCount:
    planned: int
    published: int
    held: int
    cancelled: int
    counted: int = strawberry.field(description="All but the cancelled; the following figures are of these.")
    rural: int
    rural_share: float | None = strawberry.field(
        description="From 0 to 1; null where there is none to share."
    )
    target: int = strawberry.field(
        description="The year's target, for the share of the year that was asked for."
    )
    short_of_target: int

    @classmethod
    def of(cls, given: calendar.SeasonCount) -> WorkshopCount:
        return cls(
            planned=given.planned,
            published=given.published,
            held=given.held,
            cancelled=given.cancelled,
            counted=given.counted,
            rural=given.rural,
            rural_share=given.rural / given.counted if given.counted else None,
            target=given.target,
            short_of_target=max(0, given.target - given.counted),
        )


@strawberry.type
class CountyWorkshops:
    county: County | None
    count: WorkshopCount


@strawberry.type(
    description="The workshops of a season against its targets: 100 a year in the region, 4 in each county."
)
class WorkshopSeason:
    from_: date = strawberry.field(name="from")
    to: date = strawberry.field(description="Included.")
    total: WorkshopCount
    counties: list[CountyWorkshops]


@strawberry.type
class CalendarQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="How many workshops there are on these days, both included, in the region or in one county.",
    )
    async def workshop_season(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        county: strawberry.ID | None = None,
    ) -> WorkshopSeason | None:
        may_read(info)
        found = await calendar.season(info.context, from_, to, county)
        return WorkshopSeason(
            from_=found.first,
            to=found.last,
            total=WorkshopCount.of(found.region),
            counties=[
                CountyWorkshops(county=County.of(one.county), count=WorkshopCount.of(one))
                for one in found.counties
            ],
        )
