"""Numbers without people, as they are shown."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry

from services.referrals import models
from services.referrals.domain import tallies
from services.referrals.domain.reports import ELSEWHERE
from services.referrals.schema.context import Info
from services.referrals.schema.partners import County
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.mapping import from_row
from vereda.suppression import Hidden


@strawberry.enum(description="Why a count is not shown (CalHHS Data De-Identification Guidelines).")
class FigureMark(Enum):
    SMALL = strawberry.enum_value(Hidden.SMALL.value, description="It is 1 to 10.")
    WITHHELD = strawberry.enum_value(Hidden.WITHHELD.value, description="It would give a small one away.")


@strawberry.type
class FigureValue:
    dimension: str
    value: str


@strawberry.type(description="How many have all these values. With none it is the total.")
class Figure:
    of: list[FigureValue]
    count: int | None
    mark: FigureMark | None = strawberry.field(description="Where the count is null: why.")


def figures_of(row: models.PublishedReport, county: str | None) -> list[Figure]:
    """The figures of a report, or those that are of a county."""
    return [
        Figure(
            of=[FigureValue(dimension=name, value=value) for name, value in cell],
            count=None if isinstance(figure, str) else figure,
            mark=FigureMark(figure) if isinstance(figure, str) else None,
        )
        for cell, figure in row.figures
        if county is None or ["county", county] in cell
    ]


@strawberry.federation.type(
    requires_scopes=one_of(Scope.REPORT_READ),
    description="The network's figures of a measure and period, published once and never changed.",
)
class PublishedReport:
    measure: str
    period: str
    published_at: datetime
    row: strawberry.Private[models.PublishedReport]

    @classmethod
    def of(cls, row: models.PublishedReport) -> PublishedReport:
        return from_row(cls, row, row=row)

    @strawberry.field(
        description="All figures, or those of a county (FIPS code). None where too little was counted."
    )
    def figures(self, county: strawberry.ID | None = None) -> list[Figure]:
        return figures_of(self.row, county)


@strawberry.type(description="A line of a form, as a spreadsheet would name it.")
class TallyFormLine:
    code: str
    name: str
    name_es: str


@strawberry.type(description="What a funder or a regulator asks to be counted.")
class TallyForm:
    code: str
    name: str
    name_es: str
    yearly: bool = strawberry.field(
        description="Whether its periods are years, `2026`, or quarters, `2026-Q3`."
    )
    lines: list[TallyFormLine]

    @classmethod
    def of(cls, form: tallies.Form) -> TallyForm:
        lines = [from_row(TallyFormLine, line) for line in form.lines]
        return from_row(cls, form, lines=lines)


@strawberry.type
class TallyLine:
    line: str
    county: County | None = strawberry.field(description="Null for elsewhere.")
    count: int


@strawberry.federation.type(
    requires_scopes=one_of(Scope.TALLY_SUBMIT),
    description="Your organisation's own counts for a form and period.",
)
class TallyReport:
    id: strawberry.ID
    form: str
    period: str
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, info: Info, row: models.TallyReport) -> TallyReport:
        info.context.caller.require(Scope.TALLY_SUBMIT)
        return from_row(cls, row)

    @strawberry.field
    async def lines(self, info: Info) -> list[TallyLine]:
        rows = await info.context.loaders.tally_lines.load(UUID(self.id))
        return [
            TallyLine(
                line=row.line,
                county=None if row.county == ELSEWHERE else County.of(row.county),
                count=row.count,
            )
            for row in rows
        ]
