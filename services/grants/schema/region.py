"""This service's part of the regional dashboard (DOMAIN 4.10)."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from services.grants.domain.counties import REGION
from services.grants.operations import measures
from services.grants.operations.region import Part
from services.grants.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.regional import (
    COUNTY_DASHBOARD,
    COUNTY_DESCRIPTION,
    COUNTY_SERIES,
    DASHBOARD_DESCRIPTION,
    SERIES_DESCRIPTION,
    RegionalFigure,
    RegionalPeriod,
    Source,
    asked_period,
    asked_series,
)

_SOURCE: Final = Source("grants")
shown, all_shown = _SOURCE.shown, _SOURCE.all_shown
_From = Annotated[str, strawberry.argument(name="from")]


@strawberry.type(description="People who begin a business: training, licences, grants.")
class EconomicFigures:
    part: strawberry.Private[Part]

    @strawberry.field
    async def cohorts(self) -> RegionalFigure | None:
        return shown(await self.part.cohorts(measures.COHORTS))

    @strawberry.field
    async def seats(self) -> RegionalFigure | None:
        return shown(await self.part.cohorts(measures.SEATS))

    @strawberry.field
    async def seats_taken(self) -> RegionalFigure | None:
        return shown(await self.part.cohorts(measures.SEATS_TAKEN))

    @strawberry.field
    async def seats_per_cohort(self) -> RegionalFigure | None:
        return shown(await self.part.cohorts(measures.SEATS_PER_COHORT))

    @strawberry.field
    async def graduated(self) -> RegionalFigure | None:
        return shown(await self.part.graduated())

    @strawberry.field
    async def licensed(self) -> RegionalFigure | None:
        return shown(await self.part.licensed())

    @strawberry.field
    async def licensed_share(self) -> RegionalFigure | None:
        return shown(await self.part.licensed_share())

    @strawberry.field(description="Of a year.")
    async def applications(self) -> RegionalFigure | None:
        return shown(await self.part.grants(measures.APPLICATIONS))

    @strawberry.field(description="Of a year.")
    async def approved(self) -> RegionalFigure | None:
        return shown(await self.part.grants(measures.APPROVED, ("outcome", "APPROVED")))

    @strawberry.field(description="Of a year.")
    async def promised(self) -> RegionalFigure | None:
        return shown(await self.part.promised())

    @strawberry.field(description="Of a year.")
    async def promised_by_tier(self) -> list[RegionalFigure] | None:
        return all_shown(await self.part.promised_by_tier())

    @strawberry.field(description="Of a year.")
    async def paid(self) -> RegionalFigure | None:
        return shown(await self.part.money(measures.PAID, "paid"))

    @strawberry.field(description="Of a year.")
    async def receipted(self) -> RegionalFigure | None:
        return shown(await self.part.money(measures.RECEIPTED, "receipted"))

    @strawberry.field(description="Of a year.")
    async def days_to_decision(self) -> RegionalFigure | None:
        return shown(await self.part.days_to_decision())

    @strawberry.field(description="Of a year, and of counties too.")
    async def ventures(self) -> RegionalFigure | None:
        return shown(await self.part.ventures())


@strawberry.type(description="How far the numbers beside it can be believed.")
class QualityFigures:
    part: strawberry.Private[Part]

    @strawberry.field
    async def sessions_unclosed(self) -> RegionalFigure | None:
        return shown(await self.part.sessions_unclosed())


@strawberry.type(description=DASHBOARD_DESCRIPTION)
class RegionalDashboard:
    part: strawberry.Private[Part]

    @strawberry.federation.field(shareable=True)
    def period(self) -> RegionalPeriod | None:
        return RegionalPeriod.of(self.part.of)

    @strawberry.field
    def economic(self) -> EconomicFigures | None:
        return EconomicFigures(part=self.part)

    @strawberry.federation.field(shareable=True)
    def quality(self) -> QualityFigures | None:
        return QualityFigures(part=self.part)


def dashboard(info: Info, period: str, county: str | None = None) -> RegionalDashboard:
    """Raises: ClientError FORBIDDEN without `report:read`, BAD_USER_INPUT where there is no such period."""
    info.context.caller.require(Scope.REPORT_READ)
    return RegionalDashboard(
        part=Part(info.context, info.context.loaders.region, asked_period(period), county)
    )


def dashboards(info: Info, first: str, last: str, county: str | None = None) -> list[RegionalDashboard]:
    """Raises: ClientError FORBIDDEN without `report:read`, BAD_USER_INPUT where they are no row of periods."""
    info.context.caller.require(Scope.REPORT_READ)
    return [
        RegionalDashboard(part=Part(info.context, info.context.loaders.region, one, county))
        for one in asked_series(first, last)
    ]


@strawberry.federation.type(keys=["fips"])
class County:
    fips: strawberry.ID

    @classmethod
    def resolve_reference(cls, fips: strawberry.ID) -> County:
        return cls(fips=fips)

    @strawberry.federation.field(
        shareable=True, requires_scopes=one_of(Scope.REPORT_READ), description=COUNTY_DASHBOARD
    )
    def dashboard(self, info: Info, period: str) -> RegionalDashboard | None:
        return dashboard(info, period, str(self.fips))

    @strawberry.federation.field(
        shareable=True, requires_scopes=one_of(Scope.REPORT_READ), description=COUNTY_SERIES
    )
    def dashboards(self, info: Info, from_: _From, to: str) -> list[RegionalDashboard] | None:
        return dashboards(info, from_, to, str(self.fips))


@strawberry.type
class RegionQueries:
    @strawberry.federation.field(
        shareable=True, requires_scopes=one_of(Scope.REPORT_READ), description=DASHBOARD_DESCRIPTION
    )
    def regional_dashboard(self, info: Info, period: str) -> RegionalDashboard | None:
        return dashboard(info, period)

    @strawberry.federation.field(
        shareable=True,
        requires_scopes=one_of(Scope.REPORT_READ),
        description=SERIES_DESCRIPTION,
    )
    def regional_series(self, info: Info, from_: _From, to: str) -> list[RegionalDashboard] | None:
        return dashboards(info, from_, to)

    @strawberry.federation.field(shareable=True, description=COUNTY_DESCRIPTION)
    def county(self, fips: strawberry.ID) -> County | None:
        return County(fips=fips) if str(fips) in REGION else None
