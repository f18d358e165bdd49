"""What organisations count themselves: the forms of funders and regulators, line by line, with no rows about anybody.

After the quarterly forms of the California Department of Social Services for immigration services, and the yearly summary of
a recognized organization (8 CFR 1292.14(b)(2)). Each person is counted once on a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from services.referrals.domain.reports import COUNTIES, ELSEWHERE, LanguageGroup

#: How long after a period's end its figures are published. Until then an organisation may send its counts again.
SETTLED_AFTER: Final = timedelta(days=45)
_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a form: something that is counted."""

    code: str
    name: str
    name_es: str


@dataclass(frozen=True, slots=True)
class Form:
    """What a funder or a regulator asks to be counted. `yearly`: its periods are years, else quarters."""

    code: str
    name: str
    name_es: str
    lines: tuple[Line, ...]
    yearly: bool = False


_BY_MODEL: Final = (
    ("WORKSHOP", "at a workshop", "en un taller"),
    ("REPRESENTED", "represented", "con representación"),
)


def _by_model(code: str, name: str, name_es: str) -> tuple[Line, ...]:
    return tuple(
        Line(f"{code}_{model}", f"{name}, {how}", f"{name_es}, {como}") for model, how, como in _BY_MODEL
    )


FORMS: Final = {
    form.code: form
    for form in (
        Form(
            "CDSS_DACA",
            "Immigration services: DACA",
            "Servicios de inmigración: DACA",
            (
                *_by_model("INITIAL", "First applications", "Primeras solicitudes"),
                *_by_model("RENEWAL", "Renewals", "Renovaciones"),
                Line("FEE_HELP", "Help with the fee", "Ayuda con la tarifa"),
            ),
        ),
        Form(
            "CDSS_NATURALIZATION",
            "Immigration services: naturalization",
            "Servicios de inmigración: naturalización",
            (
                *_by_model("APPLICATION", "Applications", "Solicitudes"),
                Line("FEE_WAIVER", "Fee waivers", "Exenciones de tarifa"),
                Line("DISABILITY_WAIVER", "Disability waivers", "Exenciones por discapacidad"),
            ),
        ),
        Form(
            "CDSS_OTHER_REMEDIES",
            "Immigration services: other remedies",
            "Servicios de inmigración: otros recursos",
            (
                Line("CONSULTATION", "Consultations", "Consultas"),
                Line("FAMILY", "Family petitions", "Peticiones familiares"),
                Line("SURVIVOR_RELIEF", "Relief for survivors of crime", "Alivio para sobrevivientes"),
                Line("ASYLUM", "Asylum", "Asilo"),
                Line("CHILDREN", "Special relief for children", "Alivio especial para menores"),
                Line("APPEAL", "Appeals", "Apelaciones"),
            ),
        ),
        Form(
            "OUTREACH",
            "Outreach and education",
            "Difusión y educación",
            tuple(
                Line(
                    f"REACHED_{group.value}",
                    f"People reached: {group.value.replace('_', ' ').lower()}",
                    f"Personas alcanzadas: {nombre}",
                )
                for group, nombre in zip(
                    LanguageGroup,
                    ("español", "inglés", "lenguas indígenas de México", "hmong", "panyabí", "otras"),
                    strict=True,
                )
            ),
        ),
        Form(
            "DOJ_ANNUAL",
            "Annual summary of a recognized organization",
            "Resumen anual de una organización reconocida",
            (
                Line("CLIENTS", "Clients served", "Clientes atendidos"),
                Line("BEFORE_DHS", "Matters before DHS", "Casos ante DHS"),
                Line("BEFORE_EOIR", "Matters before EOIR", "Casos ante EOIR"),
                Line("NO_FEE", "Served without a fee", "Atendidos sin tarifa"),
            ),
            yearly=True,
        ),
    )
}


class Span(Protocol):
    """A period: its name, when it begins, and the moment after it."""

    @property
    def name(self) -> str: ...
    @property
    def begin(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


def fits(form: Form, of: Span) -> bool:
    """Whether the form is of such periods: of calendar years, or of quarters."""
    return len(of.name) == 4 if form.yearly else "Q" in of.name


def tally_problems(
    form: str, of: Span | None, lines: Iterable[tuple[str, str, int]], now: datetime
) -> dict[str, str]:
    """What is wrong with an organisation's counts, by field; (line, county, count)."""
    if form not in FORMS:
        return {"form": f"must be one of {', '.join(FORMS)}"}
    wrong = {}
    if of is None or not fits(FORMS[form], of):
        wrong["period"] = "must be a year, `2026`" if FORMS[form].yearly else "must be a quarter, `2026-Q3`"
    elif of.begin > now:
        wrong["period"] = "has not begun"
    elif of.end + SETTLED_AFTER <= now:
        wrong["period"] = "is closed: its figures have been published"
    known, seen = {line.code for line in FORMS[form].lines}, set()
    for line, county, count in lines:
        if line not in known:
            wrong["lines"] = f"must be lines of {form}: {', '.join(sorted(known))}"
        elif county not in COUNTIES and county != ELSEWHERE:
            wrong["lines"] = f"must name a county of the region by its FIPS code, or {ELSEWHERE}"
        elif not 0 <= count <= _MOST:
            wrong["lines"] = f"must count from 0 to {_MOST}"
        elif (line, county) in seen:
            wrong["lines"] = "must name each line once for a county"
        seen.add((line, county))
    return wrong
