"""Asks the public graph for a report's figures, in the name of a system that may read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from vereda.demo.caller import PartnerSystem, UnexpectedAnswerError
from vereda.errors import OperatorError
from vereda.reporting.document import Report, Row, Section
from vereda.reporting.words import word

#: The whole dashboard; what funders of training and grants ask of it; every other name is a form's of `tallyForms`.
DASHBOARD: Final = "DASHBOARD"
SEED: Final = "SEED"
_UNAVAILABLE: Final = "SUBGRAPH_UNAVAILABLE"

_FIGURE: Final = """fragment F on RegionalFigure { measure { id unit name nameEs definition definitionEs } period
  of { dimension value } value amount mark why whyEs source asOf }"""
#: The sections of the dashboard, and the figures of each in the order of the page.
SECTIONS: Final[Mapping[str, Sequence[str]]] = {
    "capacity": (
        "representatives",
        "fullTimeEquivalents",
        "representativesPer100k",
        "raPipeline",
        "partners",
        "partnersVerified",
    ),
    "services": (
        "referred",
        "accepted",
        "helped",
        "helpedShare",
        "open",
        "daysToFirstContactP50",
        "daysToFirstContactP90",
        "referredByDomain",
        "referredByLanguage",
        "workshops",
        "workshopsHeld",
        "workshopsRuralShare",
        "unmetNeed",
        "unmetNeedByKind",
    ),
    "outreach": ("reached", "reachedByLanguage", "filings"),
    "economic": (
        "cohorts",
        "seats",
        "seatsTaken",
        "seatsPerCohort",
        "graduated",
        "licensed",
        "licensedShare",
        "applications",
        "approved",
        "promised",
        "promisedByTier",
        "paid",
        "receipted",
        "daysToDecision",
        "ventures",
    ),
    "quality": (
        "servicesStale",
        "capacityUnknown",
        "unanswered",
        "responseTimesSet",
        "workshopsUnclosed",
        "sessionsUnclosed",
    ),
}
_TARGETS: Final = "targets { measure value atMost }"


def dashboard_query(sections: Sequence[str] = tuple(SECTIONS), *, county: bool = False) -> str:
    """The query of the dashboard, or of a county's: `$period`, and `$county`."""
    parts = " ".join(
        f"{name} {{ {' '.join(f'{figure} {{ ...F }}' for figure in SECTIONS[name])} }}" for name in sections
    )
    body = f"period {{ name from to }} {parts} {_TARGETS}"
    if county:
        return f"query County($county: ID!, $period: String!) {{ county(fips: $county) {{ name dashboard(period: $period) {{ {body} }} }} }} {_FIGURE}"
    return f"query Region($period: String!) {{ regionalDashboard(period: $period) {{ {body} }} }} {_FIGURE}"


FORM_QUERY: Final = f"""query Form($form: String!, $period: String!, $own: Boolean!) {{
  filledForm(form: $form, period: $period, own: $own) {{
    form {{ code name nameEs lines {{ code name nameEs }} }} lines {{ ...F }} }}
  counties {{ fips name }} }} {_FIGURE}"""


@dataclass(frozen=True, slots=True)
class Wish:
    """`own`: a form with the asking organisation's own counts. `county`: FIPS code, for a dashboard."""

    form: str
    period: str
    language: str = "en"
    own: bool = False
    county: str | None = None


async def report(system: PartnerSystem, wish: Wish) -> Report:
    """Raises: OperatorError, saying what to do, where the gateway does not answer with a report."""
    try:
        if wish.form not in (DASHBOARD, SEED):
            variables = {"form": wish.form, "period": wish.period, "own": wish.own}
            data, gaps = _read(await system.ask(FORM_QUERY, variables), wish)
            return _of_form(wish, data, gaps)
        sections = ("economic",) if wish.form == SEED else tuple(SECTIONS)
        query = dashboard_query(sections, county=wish.county is not None)
        given = {"period": wish.period} | ({"county": wish.county} if wish.county else {})
        data, gaps = _read(await system.ask(query, given), wish)
    except (UnexpectedAnswerError, OSError, KeyError, TypeError) as error:
        raise OperatorError(f"The report could not be read: {type(error).__name__}: {error}.") from None
    return _of_dashboard(wish, sections, data, gaps)


def _read(answer: Mapping[str, Any], wish: Wish) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The data, and the services that are a gap in it. Raises: OperatorError at any other error, in its own words."""
    gaps = []
    for error in answer.get("errors", ()):
        extensions = error.get("extensions", {})
        if extensions.get("code") != _UNAVAILABLE:
            raise OperatorError(f"The report was refused: {error.get('message')}")
        gaps.append(word("gap", wish.language).format(extensions.get("service")))
    return answer.get("data") or {}, tuple(gaps)


def _of_dashboard(
    wish: Wish, sections: Sequence[str], data: Mapping[str, Any], gaps: tuple[str, ...]
) -> Report:
    county = data.get("county") or {}
    found = (county.get("dashboard") if wish.county else data.get("regionalDashboard")) or {}
    targets = {one["measure"]: _target(one, wish.language) for one in found.get("targets") or ()}
    made = []
    for name in sections:
        section = found.get(name) or {}
        figures = [one for key in SECTIONS[name] for one in _listed(section.get(key))]
        rows = tuple(_row(one, wish.language, targets=targets) for one in figures)
        if rows:
            made.append(Section(word(name, wish.language), rows))
    title = word("seed" if wish.form == SEED else "dashboard", wish.language)
    if wish.county:
        title = f"{title}: {word('county', wish.language).format(county.get('name') or wish.county)}"
    subtitle = f"{wish.period}: {word('network', wish.language)}"
    return Report(title, subtitle, wish.language, tuple(made), gaps)


def _of_form(wish: Wish, data: Mapping[str, Any], gaps: tuple[str, ...]) -> Report:
    """Each line of the form, and then each line county by county."""
    found = data.get("filledForm")
    if not found:
        return Report(wish.form, wish.period, wish.language, (), gaps)
    lines = {
        one["code"]: f"{one['code']}: {_said(one, 'name', wish.language)}" for one in found["form"]["lines"]
    }
    counties = {one["fips"]: one["name"] for one in data.get("counties") or ()}
    counties["ELSEWHERE"] = word("elsewhere", wish.language)
    title = _said(found["form"], "name", wish.language)
    totals, by_county = [], []
    for figure in found["lines"]:
        of = {one["dimension"]: one["value"] for one in figure["of"]}
        row, line = _row(figure, wish.language), lines[of["line"]]
        if "county" in of:
            by_county.append(replace(row, name=line, of=counties.get(of["county"], of["county"])))
        else:
            totals.append(replace(row, name=title, of=line))
    sections = (
        Section(word("figures", wish.language), tuple(totals)),
        Section(word("by county", wish.language), tuple(by_county)),
    )
    subtitle = f"{wish.period}: {word('own' if wish.own else 'network', wish.language)}"
    return Report(title, subtitle, wish.language, sections, gaps)


def _row(figure: Mapping[str, Any], language: str, targets: Mapping[str, str] | None = None) -> Row:
    measure, amount = figure["measure"], figure["amount"]
    of = [one["value"] for one in figure["of"] if one["dimension"] not in ("county", "form")]
    return Row(
        measure=measure["id"],
        name=_said(measure, "name", language),
        of=", ".join(of),
        number=float(amount.split()[0]) if amount else figure["value"],
        unit=measure["unit"],
        mark=figure["mark"] or "",
        why=_said(figure, "why", language) or "",
        period=figure["period"],
        source=figure["source"],
        as_of=figure["asOf"][:10],
        definition=_said(measure, "definition", language),
        target="" if of or not targets else targets.get(measure["id"], ""),
    )


def _target(target: Mapping[str, Any], language: str) -> str:
    return f"{word('at most' if target['atMost'] else 'at least', language)} {target['value']:g}"


def _said(what: Mapping[str, Any], field: str, language: str) -> str:
    """The field in the report's language; English where there is no Spanish."""
    said = what[f"{field}Es"] if language == "es" else None
    return str(said or what[field] or "")


def _listed(figures: Any) -> Iterator[Mapping[str, Any]]:
    """A figure, a list of them, or what is missing."""
    if isinstance(figures, list):
        yield from (one for one in figures if one)
    elif figures:
        yield figures
