"""This service's part of the regional dashboard: what it published, and sums of that (R31).

No figure of people is counted here. Quarters are read as they were published; a year is the sum of its quarters, and has no
number where one of them hides it: whoever reads the quarters could do the same sum.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from services.referrals.domain.reports import COUNTIES, ELSEWHERE, LanguageGroup
from services.referrals.domain.tallies import FORMS, fits
from services.referrals.models import PublishedReport, ResponseLimits, TallyLine, TallyReport
from services.referrals.operations import measures
from services.referrals.operations.reports import NEEDS, settled_periods
from vereda.context import RequestContext
from vereda.figures import Figure, Mark, Measure, said, share, total
from vereda.periods import Period, PeriodKind

_OUTREACH: Final = "OUTREACH"
#: The forms whose lines are filings.
_FILINGS: Final = ("CDSS_DACA", "CDSS_NATURALIZATION")
_Cell = tuple[tuple[str, str], ...]
#: Reads what was published of a (measure, period), together with what else is read at the same time.
Load = Callable[[tuple[str, str]], Awaitable[PublishedReport | None]]


@dataclass(frozen=True, slots=True)
class Part:
    """One period and area of what this service published. `county` is None for the region."""

    context: RequestContext[Any]
    load: Load
    of: Period
    county: str | None = None

    async def need(self, measure: Measure, *cell: tuple[str, str]) -> Figure:
        """A figure of the table of needs, of the region or of the county; of a year the sum of its quarters."""
        wanted = cell if self.county is None else (("county", self.county), *cell)
        blank = self._blank(measure)
        if self.county and cell and cell[0][0] != "outcome":
            return blank.hidden(Mark.NOT_BY_COUNTY)  # not neighbours in the table's chain
        return await self._published(NEEDS, blank, wanted)

    async def helped_share(self) -> Figure:
        helped = await self.need(measures.HELPED, ("outcome", "HELPED"))
        return share(self._blank(measures.HELPED_SHARE), helped, await self.need(measures.REFERRED))

    async def needs_by(self, dimension: str) -> list[Figure]:
        """Needs of each value of a dimension of the table, in its order; empty where nothing was published."""
        if self.county is not None or self.of.kind is not PeriodKind.QUARTER:
            return []
        row = await self._row(NEEDS, self.of)
        if row is None:
            return []
        blank = self._blank(measures.REFERRED)
        return [
            said(self._of_row(blank, row, cell), number)
            for cell, number in _numbers(row).items()
            if len(cell) == 1 and cell[0][0] == dimension
        ]

    async def wait(self, measure: Measure, quantile: str) -> Figure:
        blank = self._blank(measure)
        if self.of.kind is not PeriodKind.QUARTER:
            return blank.hidden(Mark.OTHER_PERIODS)
        row = await self._row(NEEDS, self.of)
        if row is None:
            return self._missing(NEEDS, blank, self.of)
        known = (row.waits or {}).get(self.county or "", {})
        found = self._of_row(blank, row)
        return said(found, known[quantile]) if quantile in known else found.hidden(Mark.TOO_FEW)

    async def lines(self, form: str, measure: Measure) -> list[Figure]:
        """Each line of a form, of the region or of the county."""
        county = (("county", self.county),) if self.county else ()
        return [
            await self._published(
                form,
                self._blank(measure, ("form", form), ("line", line.code)),
                (("line", line.code), *county),
            )
            for line in FORMS[form].lines
        ]

    async def reached_by_language(self) -> list[Figure]:
        county = (("county", self.county),) if self.county else ()
        return [
            await self._published(
                _OUTREACH,
                self._blank(measures.REACHED, ("language", group.value)),
                (("line", f"REACHED_{group.value}"), *county),
            )
            for group in LanguageGroup
        ]

    async def reached(self) -> Figure:
        return total(self._blank(measures.REACHED), await self.reached_by_language())

    async def filings(self) -> list[Figure]:
        return [one for form in _FILINGS for one in await self.lines(form, measures.FILED)]

    async def response_times_set(self) -> Figure:
        """How many organisations set their own; members read each of them, and so the number is exact."""
        blank = self._blank(measures.RESPONSE_TIMES_SET)
        if self.county is not None:
            return blank.hidden(Mark.NOT_BY_COUNTY)
        if not self.of.begin <= self.context.now < self.of.end:
            return blank.hidden(Mark.NOT_KEPT)
        async with self.context.read() as session:
            number = await session.scalar(select(func.count(func.distinct(ResponseLimits.organization_id))))
        return said(blank, number or 0)

    def _blank(self, measure: Measure, *of: tuple[str, str]) -> Figure:
        place = (("county", self.county),) if self.county else ()
        return Figure(measure, self.of, self.context.now, of=(*place, *of))

    async def _published(self, measure: str, blank: Figure, cell: _Cell) -> Figure:
        kind = PeriodKind.YEAR if measure != NEEDS and FORMS[measure].yearly else PeriodKind.QUARTER
        if self.of.kind is PeriodKind.MONTH or (kind is PeriodKind.YEAR and self.of.kind is not kind):
            return blank.hidden(Mark.OTHER_PERIODS)
        parts = [await self._one(measure, blank, cell, part) for part in self.of.parts(kind)]
        return parts[0] if len(parts) == 1 else total(blank, parts)

    async def _one(self, measure: str, blank: Figure, cell: _Cell, of: Period) -> Figure:
        row = await self._row(measure, of)
        if row is None:
            return self._missing(measure, blank, of)
        return said(self._of_row(blank, row), _numbers(row).get(cell))

    def _missing(self, measure: str, blank: Figure, of: Period) -> Figure:
        newest = next(settled_periods(measure, self.context.now))
        return blank.hidden(Mark.NOT_YET if of.end > newest.end else Mark.NOT_PUBLISHED)

    async def _row(self, measure: str, of: Period) -> PublishedReport | None:
        return await self.load((measure, of.name))

    def _of_row(self, blank: Figure, row: PublishedReport, of: _Cell = ()) -> Figure:
        return Figure(blank.measure, blank.period, row.published_at, of=(*blank.of, *of), final=True)


def _numbers(row: PublishedReport) -> Mapping[_Cell, int | str]:
    return {tuple((name, value) for name, value in cell): number for cell, number in row.figures}


async def form_figures(
    context: RequestContext[Any], load: Load, code: str, of: Period, *, own: bool
) -> list[Figure] | None:
    """A form that is filled: for each line its total and the count of each county; None where no form has such periods.

    `own`: of the caller's organisation, as it counted them: exact, for whoever asked it to count, and for nobody else.
    Otherwise the network's, as they were published.
    """
    form = FORMS.get(code)
    if form is None or not fits(form, of):
        return None
    areas: tuple[str | None, ...] = (None, *COUNTIES, ELSEWHERE)
    if not own:
        parts = [await Part(context, load, of, area).lines(code, measures.LINE) for area in areas]
        return [one for lines in zip(*parts, strict=True) for one in lines]
    report, counted = await _own_counts(context, code, of)
    found = []
    for line in form.lines:
        for area in areas:
            place = (("county", area),) if area else ()
            blank = Figure(
                measures.LINE,
                of,
                report.updated_at if report else context.now,
                of=(*place, ("form", code), ("line", line.code)),
            )
            number = sum(
                n for (code_, fips), n in counted.items() if code_ == line.code and area in (None, fips)
            )
            found.append(said(blank, number if report else None))
    return found


async def _own_counts(
    context: RequestContext[Any], code: str, of: Period
) -> tuple[TallyReport | None, dict[tuple[str, str], int]]:
    """What the caller's organisation counted, by line and county."""
    own = context.caller.organization
    async with context.read() as session:
        report = await session.scalar(
            select(TallyReport).where(
                TallyReport.organization_id == own,
                TallyReport.form == code,
                TallyReport.period == of.name,
            )
        )
        if report is None:
            return None, {}
        lines = await session.scalars(select(TallyLine).where(TallyLine.report_id == report.id))
        return report, {(one.line, one.county): one.count for one in lines}
