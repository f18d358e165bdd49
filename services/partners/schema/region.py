"""This service's part of the regional dashboard (DOMAIN 4.10), and the region's targets."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from services.partners import models
from services.partners.domain.geography import BY_FIPS
from services.partners.operations import measures, targets
from services.partners.operations.region import Part
from services.partners.schema.context import Info
from services.partners.schema.reference import County
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.mapping import from_row
from vereda.refusals import InvalidInput, VersionConflict
from vereda.regional import (
    COUNTY_DESCRIPTION,
    DASHBOARD_DESCRIPTION,
    SERIES_DESCRIPTION,
    RegionalFigure,
    RegionalPeriod,
    Source,
    asked_period,
    asked_series,
)

_SOURCE: Final = Source("partners")
shown, all_shown = _SOURCE.shown, _SOURCE.all_shown


@strawberry.type(description="Priority: regional capacity.")
class CapacityFigures:
    part: strawberry.Private[Part]

    @strawberry.field
    async def representatives(self) -> RegionalFigure | None:
        return shown(await self.part.standing(measures.REPRESENTATIVES))

    @strawberry.field
    async def full_time_equivalents(self) -> RegionalFigure | None:
        return shown(await self.part.standing(measures.FTE))

    @strawberry.field(name="representativesPer100k")
    async def representatives_per_100k(self) -> RegionalFigure | None:
        return shown(await self.part.per_100k())

    @strawberry.field(description="By stage, as it is now; for the network's coordinator.")
    async def ra_pipeline(self) -> list[RegionalFigure] | None:
        return all_shown(await self.part.pipeline())

    @strawberry.field
    async def partners(self) -> RegionalFigure | None:
        return shown(await self.part.standing(measures.PARTNERS))

    @strawberry.field
    async def partners_verified(self) -> RegionalFigure | None:
        return shown(await self.part.standing(measures.VERIFIED))


@strawberry.type(description="Priority: services, rural and urban.")
class ServicesFigures:
    part: strawberry.Private[Part]

    @strawberry.field
    async def workshops(self) -> RegionalFigure | None:
        return shown(await self.part.workshops(measures.WORKSHOPS))

    @strawberry.field
    async def workshops_held(self) -> RegionalFigure | None:
        return shown(await self.part.workshops(measures.HELD))

    @strawberry.field
    async def workshops_rural_share(self) -> RegionalFigure | None:
        return shown(await self.part.workshops(measures.RURAL_SHARE))

    @strawberry.field
    async def unmet_need(self) -> RegionalFigure | None:
        return shown(await self.part.unmet())

    @strawberry.field(description="By kind of need; kinds that nobody looked for in vain are left out.")
    async def unmet_need_by_kind(self) -> list[RegionalFigure] | None:
        return all_shown(await self.part.unmet_by_kind())


@strawberry.type(description="How far the numbers beside it can be believed.")
class QualityFigures:
    part: strawberry.Private[Part]

    @strawberry.field(description="Of the region alone.")
    async def services_stale(self) -> RegionalFigure | None:
        return shown(await self.part.standing(measures.SERVICES_STALE))

    @strawberry.field(description="Of the region alone.")
    async def capacity_unknown(self) -> RegionalFigure | None:
        return shown(await self.part.standing(measures.CAPACITY_UNKNOWN))

    @strawberry.field
    async def workshops_unclosed(self) -> RegionalFigure | None:
        return shown(await self.part.workshops(measures.WORKSHOPS_UNCLOSED))


@strawberry.type(description="What the region, or a county, means to reach.")
class RegionalTarget:
    measure: strawberry.ID = strawberry.field(
        description="The id of the measure, whichever service it is of."
    )
    year: int
    county: County | None
    value: float = strawberry.field(
        description="For the period that was asked about: its share of the year's, where that can be shared."
    )
    yearly: float
    at_most: bool = strawberry.field(description="Whether less is better.")
    version: int | None = strawberry.field(description="Null where it is the default, which nobody has set.")

    @classmethod
    def of(cls, one: targets.Aim) -> RegionalTarget:
        return from_row(cls, one, county=County.of(one.county))


@strawberry.type(description=DASHBOARD_DESCRIPTION)
class RegionalDashboard:
    part: strawberry.Private[Part]

    @strawberry.federation.field(shareable=True)
    def period(self) -> RegionalPeriod | None:
        return RegionalPeriod.of(self.part.of)

    @strawberry.field
    def capacity(self) -> CapacityFigures | None:
        return CapacityFigures(part=self.part)

    @strawberry.federation.field(shareable=True)
    def services(self) -> ServicesFigures | None:
        return ServicesFigures(part=self.part)

    @strawberry.federation.field(shareable=True)
    def quality(self) -> QualityFigures | None:
        return QualityFigures(part=self.part)

    @strawberry.field(description="Of the period's year; by default what docs/region.md lists.")
    async def targets(self, info: Info) -> list[RegionalTarget] | None:
        found = await targets.targets(info.context, self.part.of, self.part.county)
        return [RegionalTarget.of(one) for one in found]


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
    def regional_series(
        self, info: Info, from_: Annotated[str, strawberry.argument(name="from")], to: str
    ) -> list[RegionalDashboard] | None:
        return dashboards(info, from_, to)

    @strawberry.federation.field(shareable=True, description=COUNTY_DESCRIPTION)
    def county(self, fips: strawberry.ID) -> County | None:
        return County.of(str(fips)) if str(fips) in BY_FIPS else None


@strawberry.input
class SetTargetInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    measure: strawberry.ID = strawberry.field(description="One that `targets` of the dashboard lists.")
    year: int
    value: float
    county: strawberry.ID | None = strawberry.field(
        default=None, description="FIPS code, where the target is of a county."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="Of what was set before; null where that is the default."
    )


@strawberry.type
class TargetSet:
    target: RegionalTarget


TargetPayload = Annotated[TargetSet | InvalidInput | VersionConflict, strawberry.union("TargetPayload")]


@strawberry.type
class RegionMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.ADMIN_NETWORK),
        description="Say what the region, or a county, is to reach in a year.",
    )
    async def set_target(self, info: Info, input: SetTargetInput) -> TargetPayload | None:
        given = targets.TargetFields(
            measure=str(input.measure),
            year=input.year,
            value=input.value,
            county=str(input.county) if input.county is not None else None,
            expected_version=input.expected_version,
        )
        done = await targets.set_target(info.context, given, input.idempotency_key)
        if not isinstance(done, models.RegionTarget):
            return done
        return TargetSet(target=RegionalTarget.of(targets.as_set(done)))
