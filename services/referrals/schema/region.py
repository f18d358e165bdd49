"""This service's part of the regional dashboard (DOMAIN 4.10), and the forms of funders, filled."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import strawberry

from services.referrals.domain.reports import COUNTIES
from services.referrals.domain.tallies import FORMS
from services.referrals.operations import measures
from services.referrals.operations.region import Part, form_figures
from services.referrals.schema.context import Info
from services.referrals.schema.partners import County
from services.referrals.schema.reports import TallyForm
from vereda.caller import Scope
from vereda.errors import ClientError, ErrorCode
from vereda.graph import one_of
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

_SOURCE: Final = Source("referrals")
shown, all_shown = _SOURCE.shown, _SOURCE.all_shown


@strawberry.type(description="Priority: services, rural and urban.")
class ServicesFigures:
    part: strawberry.Private[Part]

    @strawberry.field(description="What people were referred for.")
    async def referred(self) -> RegionalFigure | None:
        return shown(await self.part.need(measures.REFERRED))

    @strawberry.field(description="Of the region alone.")
    async def accepted(self) -> RegionalFigure | None:
        return shown(await self.part.need(measures.ACCEPTED, ("answer", "ACCEPTED")))

    @strawberry.field
    async def helped(self) -> RegionalFigure | None:
        return shown(await self.part.need(measures.HELPED, ("outcome", "HELPED")))

    @strawberry.field
    async def open(self) -> RegionalFigure | None:
        return shown(await self.part.need(measures.OPEN, ("outcome", "OPEN")))

    @strawberry.field
    async def helped_share(self) -> RegionalFigure | None:
        return shown(await self.part.helped_share())

    @strawberry.field(description="Of a quarter of the region alone.")
    async def referred_by_domain(self) -> list[RegionalFigure] | None:
        return all_shown(await self.part.needs_by("domain"))

    @strawberry.field(description="Of a quarter of the region alone.")
    async def referred_by_language(self) -> list[RegionalFigure] | None:
        return all_shown(await self.part.needs_by("language"))

    @strawberry.field(description="Half of the time. Of quarters.")
    async def days_to_first_contact_p50(self) -> RegionalFigure | None:
        return shown(await self.part.wait(measures.FIRST_CONTACT_P50, "p50"))

    @strawberry.field(description="Nine times in ten. Of quarters.")
    async def days_to_first_contact_p90(self) -> RegionalFigure | None:
        return shown(await self.part.wait(measures.FIRST_CONTACT_P90, "p90"))


@strawberry.type(description="Priority: outreach and education.")
class OutreachFigures:
    part: strawberry.Private[Part]

    @strawberry.field
    async def reached(self) -> RegionalFigure | None:
        return shown(await self.part.reached())

    @strawberry.field
    async def reached_by_language(self) -> list[RegionalFigure] | None:
        return all_shown(await self.part.reached_by_language())

    @strawberry.field(description="By line of the State's quarterly forms.")
    async def filings(self) -> list[RegionalFigure] | None:
        return all_shown(await self.part.filings())


@strawberry.type(description="How far the numbers beside it can be believed.")
class QualityFigures:
    part: strawberry.Private[Part]

    @strawberry.field(description="Of the region alone.")
    async def unanswered(self) -> RegionalFigure | None:
        return shown(await self.part.need(measures.UNANSWERED, ("answer", "NO_ANSWER")))

    @strawberry.field(description="Of the region as it is now.")
    async def response_times_set(self) -> RegionalFigure | None:
        return shown(await self.part.response_times_set())


@strawberry.type(description=DASHBOARD_DESCRIPTION)
class RegionalDashboard:
    part: strawberry.Private[Part]

    @strawberry.federation.field(shareable=True)
    def period(self) -> RegionalPeriod | None:
        return RegionalPeriod.of(self.part.of)

    @strawberry.federation.field(shareable=True)
    def services(self) -> ServicesFigures | None:
        return ServicesFigures(part=self.part)

    @strawberry.federation.field(shareable=True)
    def outreach(self) -> OutreachFigures | None:
        return OutreachFigures(part=self.part)

    @strawberry.federation.field(shareable=True)
    def quality(self) -> QualityFigures | None:
        return QualityFigures(part=self.part)


def dashboard(info: Info, period: str, county: str | None = None) -> RegionalDashboard:
    """Raises: ClientError FORBIDDEN without `report:read`, BAD_USER_INPUT where there is no such period."""
    info.context.caller.require(Scope.REPORT_READ)
    return RegionalDashboard(
        part=Part(info.context, info.context.loaders.published.load, asked_period(period), county)
    )


def dashboards(info: Info, first: str, last: str, county: str | None = None) -> list[RegionalDashboard]:
    """Raises: ClientError FORBIDDEN without `report:read`, BAD_USER_INPUT where they are no row of periods."""
    info.context.caller.require(Scope.REPORT_READ)
    return [
        RegionalDashboard(part=Part(info.context, info.context.loaders.published.load, one, county))
        for one in asked_series(first, last)
    ]


@strawberry.type(description="A form of a funder or regulator, filled: numbers, and no names.")
class FilledForm:
    form: TallyForm
    period: RegionalPeriod
    own: bool = strawberry.field(
        description="Whether these are your organisation's own counts, exact and for whoever asked it to count; else the"
        " network's, as published."
    )
    filled_at: datetime
    lines: list[RegionalFigure] = strawberry.field(
        description="For each line its total and the count of each county; `ELSEWHERE` for other counties."
    )


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
        return County.of(str(fips)) if fips in COUNTIES else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.TALLY_SUBMIT, Scope.REPORT_READ),
        description="A form of `tallyForms`, filled: with your organisation's own counts (`tally:submit`), or the network's as"
        " published (`report:read`).",
    )
    async def filled_form(self, info: Info, form: str, period: str, own: bool = False) -> FilledForm | None:
        info.context.caller.require(Scope.TALLY_SUBMIT if own else Scope.REPORT_READ)
        of = asked_period(period)
        figures = await form_figures(info.context, info.context.loaders.published.load, form, of, own=own)
        if figures is None:
            raise ClientError(
                ErrorCode.BAD_USER_INPUT,
                f"`form` must be one of {', '.join(FORMS)}, and `period` one that `tallyForms` says it is of.",
            )
        return FilledForm(
            form=TallyForm.of(FORMS[form]),
            period=RegionalPeriod.of(of),
            own=own,
            filled_at=info.context.now,
            lines=all_shown(figures),
        )
