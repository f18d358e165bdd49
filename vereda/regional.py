"""Figures in the graph: value types that every service of the region shares, so that one query is answered by all of them.

`RegionalDashboard` itself is none of these: each service has its own part of it (Federation 2 §value types), and the gateway
asks all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import strawberry

from vereda.errors import ClientError, ErrorCode
from vereda.figures import REASONS, Figure, Mark, Measure, Unit
from vereda.periods import LONGEST_SERIES, Period, PeriodKind, period, series
from vereda.scalars import Money

strawberry.enum(Unit, name="FigureUnit", description="What a figure's number counts or measures.")
strawberry.enum(PeriodKind, description="How long a period is.")
strawberry.enum(
    Mark,
    name="RegionalMark",
    description="Why a figure is not shown; `why` of the figure says it in words, and docs/region.md lists them.",
)

DASHBOARD_DESCRIPTION: Final = (
    "What the region, or one county, reads of itself for a period. Each service answers its own part; a figure that is null is"
    " a gap, named in `errors`, and never a zero. A figure that cannot be shown says why in `mark`."
)
COUNTY_DASHBOARD: Final = (
    "What the county reads of itself for a period; figures of the region alone are marked so."
)
SERIES_DESCRIPTION: Final = "The dashboards of a row of months, quarters or years, both ends included."
COUNTY_DESCRIPTION: Final = "A county of the region, by its federal (FIPS) code."
COUNTY_SERIES: Final = "Its dashboards of a row of months, quarters or years, both ends included."


@strawberry.federation.type(shareable=True, description="What a figure says.")
class RegionalMeasure:
    id: strawberry.ID = strawberry.field(description="Stable, such as `services.helped`.")
    unit: Unit
    name: str
    name_es: str
    definition: str
    definition_es: str

    @classmethod
    def of(cls, one: Measure) -> RegionalMeasure:
        return cls(
            id=strawberry.ID(one.id),
            unit=one.unit,
            name=one.name,
            name_es=one.name_es,
            definition=one.definition,
            definition_es=one.definition_es,
        )


@strawberry.federation.type(shareable=True, description="A value that a figure is of.")
class RegionalValue:
    dimension: str
    value: str


@strawberry.federation.type(
    shareable=True,
    description="What the region reads of itself, or why it cannot be shown. Nothing small is shown, nor what would tell it.",
)
class RegionalFigure:
    measure: RegionalMeasure
    period: str
    of: list[RegionalValue] = strawberry.field(description="Empty for the whole of the region.")
    value: float | None = strawberry.field(description="Null for money, and where `mark` says why.")
    amount: Money | None = strawberry.field(description="Of money alone.")
    mark: Mark | None
    why: str | None = strawberry.field(description="The mark in English.")
    why_es: str | None = strawberry.field(description="The mark in Spanish.")
    source: str = strawberry.field(description="The service whose word it is.")
    as_of: datetime = strawberry.field(description="When it was published, or counted.")
    final: bool = strawberry.field(description="Whether it was published, and never changes.")

    @classmethod
    def of_figure(cls, one: Figure, source: str) -> RegionalFigure:
        why, why_es = REASONS[one.mark] if one.mark else (None, None)
        return cls(
            measure=RegionalMeasure.of(one.measure),
            period=one.period.name,
            of=[RegionalValue(dimension=name, value=value) for name, value in one.of],
            value=one.value,
            amount=Money(one.amount) if one.amount else None,
            mark=one.mark,
            why=why,
            why_es=why_es,
            source=source,
            as_of=one.as_of,
            final=one.final,
        )


@dataclass(frozen=True, slots=True)
class Source:
    """The service whose word figures are, by its name."""

    name: str

    def shown(self, figure: Figure) -> RegionalFigure:
        return RegionalFigure.of_figure(figure, self.name)

    def all_shown(self, figures: Iterable[Figure]) -> list[RegionalFigure]:
        return [self.shown(one) for one in figures]


@strawberry.federation.type(shareable=True, description="Days in California, both included.")
class RegionalPeriod:
    name: str
    kind: PeriodKind
    from_: date = strawberry.field(name="from")
    to: date

    @classmethod
    def of(cls, one: Period) -> RegionalPeriod:
        return cls(name=one.name, kind=one.kind, from_=one.first, to=one.last)


def asked_period(name: str) -> Period:
    """Raises: ClientError BAD_USER_INPUT where it names none."""
    found = period(name)
    if found is None:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT,
            "`period` must be a month, `2026-08`, a quarter, `2026-Q3`, or a year, `2026`.",
        )
    return found


def asked_series(first: str, last: str) -> tuple[Period, ...]:
    """Raises: ClientError BAD_USER_INPUT where they are not the first and last of a row of periods of one kind."""
    found = series(first, last)
    if found is None:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT,
            f"`from` and `to` must be two months, two quarters or two years, in order, {LONGEST_SERIES} periods at most.",
        )
    return found
