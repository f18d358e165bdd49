"""Giving one's own counts."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.reports import ELSEWHERE
from services.referrals.operations import reports
from services.referrals.schema.context import Info
from services.referrals.schema.reports import TallyReport
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.refusals import InvalidInput, VersionConflict


@strawberry.input
class TallyLineInput:
    line: str = strawberry.field(description="A code of `tallyForms`.")
    county: strawberry.ID | None = strawberry.field(
        default=None, description="FIPS code of a county of the region; leave it out for elsewhere."
    )
    count: int


@strawberry.input(description="Counts alone: no rows about anybody.")
class SubmitTallyInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    form: str = strawberry.field(description="A code of `tallyForms`.")
    period: str = strawberry.field(description="A quarter, `2026-Q3`, or a year, `2026`.")
    lines: list[TallyLineInput]
    expected_version: int | None = strawberry.field(
        default=None, description="Of the report that these take the place of; leave it out the first time."
    )

    def parsed(self) -> reports.TallyFields:
        return reports.TallyFields(
            form=self.form,
            period=self.period,
            lines=tuple((one.line, one.county or ELSEWHERE, one.count) for one in self.lines),
            expected_version=self.expected_version,
        )


@strawberry.type
class TallySubmitted:
    report: TallyReport


SubmitTallyPayload = Annotated[
    TallySubmitted | InvalidInput | VersionConflict, strawberry.union("SubmitTallyPayload")
]


@strawberry.type
class ReportMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.TALLY_SUBMIT),
        description="Give your organisation's own counts for a form and period, until its figures are published.",
    )
    async def submit_tally(self, info: Info, input: SubmitTallyInput) -> SubmitTallyPayload | None:
        done = await reports.submit_tally(info.context, input.parsed(), input.idempotency_key)
        return (
            TallySubmitted(report=TallyReport.of(info, done))
            if isinstance(done, models.TallyReport)
            else done
        )
