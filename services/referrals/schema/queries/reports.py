"""The forms, one's own counts, and what the network published."""

from __future__ import annotations

from functools import partial
from typing import Final

import strawberry
from sqlalchemy import select

from services.referrals import models
from services.referrals.domain import tallies
from services.referrals.schema.context import Info
from services.referrals.schema.reports import PublishedReport, TallyForm, TallyReport
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection, Order

_NEWEST_TALLIES: Final = (Order(models.TallyReport.id, descending=True),)


@strawberry.input(description="All that is given must hold.")
class TallyReportFilter:
    form: str | None = strawberry.field(default=None, description="A form's code, as `tallyForms` has it.")


@strawberry.type
class ReportQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.TALLY_SUBMIT, Scope.REPORT_READ),
        description="What funders and regulators ask to be counted.",
    )
    def tally_forms(self, info: Info) -> list[TallyForm] | None:
        info.context.caller.require(Scope.TALLY_SUBMIT, Scope.REPORT_READ)
        return [TallyForm.of(form) for form in tallies.FORMS.values()]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.TALLY_SUBMIT),
        description="Your organisation's own counts, the newest first.",
    )
    async def tally_reports(
        self,
        info: Info,
        filter: TallyReportFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[TallyReport] | None:
        info.context.caller.require(Scope.TALLY_SUBMIT)
        own = select(models.TallyReport).where(
            models.TallyReport.organization_id == info.context.caller.organization
        )
        form = filter.form if filter else None
        wanted = own.where(models.TallyReport.form == form) if form else own
        return await listed(
            info.context, wanted, _NEWEST_TALLIES, first, after, partial(TallyReport.of, info)
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REPORT_READ),
        description=(
            "The network's figures of a measure, `NEEDS`, `WORKSHOPS` or a form's code, for a period. Null before they are published."
        ),
    )
    async def published_report(self, info: Info, measure: str, period: str) -> PublishedReport | None:
        info.context.caller.require(Scope.REPORT_READ)
        row = await info.context.loaders.published.load((measure, period))
        return PublishedReport.of(row) if row else None
