"""Our own small taxonomy of services: domain, category, exact kind. The ladder of R13 climbs it.

No term names a person's status: terms say what is offered, never who asks (R1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

SCHEME: Final = "vereda"
#: Open Eligibility terms that label a person rather than a service (R1): never taken in.
BARRED_TERMS: Final = frozenset({"20011", "20012"})


@dataclass(frozen=True, slots=True)
class Term:
    """`code` is dotted: each prefix is its parent. `survivor` marks kinds under 8 U.S.C. 1367 (R16)."""

    code: str
    name: str
    name_es: str
    survivor: bool = False

    @property
    def parent(self) -> str | None:
        return self.code.rpartition(".")[0] or None


TERMS: Final = (
    Term("legal", "Legal help", "Ayuda legal"),
    Term("legal.immigration", "Immigration legal help", "Ayuda legal de inmigración"),
    Term("legal.immigration.daca_renewal", "DACA renewal", "Renovación de DACA"),
    Term("legal.immigration.daca_initial", "DACA first application", "Primera solicitud de DACA"),
    Term("legal.immigration.naturalization", "Naturalization", "Naturalización"),
    Term("legal.immigration.consultation", "Immigration consultation", "Consulta de inmigración"),
    Term("legal.immigration.family", "Family petition", "Petición familiar"),
    Term("legal.immigration.asylum", "Asylum representation", "Representación de asilo"),
    Term(
        "legal.immigration.survivor",
        "Relief for survivors of crime",
        "Alivio para sobrevivientes",
        survivor=True,
    ),
    Term("legal.employment", "Workers' rights", "Derechos laborales"),
    Term("legal.housing", "Tenants' rights", "Derechos de inquilinos"),
    Term("health", "Health care", "Atención médica"),
    Term("health.primary", "Primary care", "Atención primaria"),
    Term("health.dental", "Dental care", "Atención dental"),
    Term("health.behavioral", "Counselling", "Consejería"),
    Term("health.enrollment", "Health coverage enrolment", "Inscripción en cobertura médica"),
    Term("education", "Adult education", "Educación para adultos"),
    Term("education.esl", "English classes", "Clases de inglés"),
    Term("education.civics", "Citizenship and civics classes", "Clases de ciudadanía y civismo"),
    Term("education.ged", "High-school equivalency", "Equivalencia de preparatoria"),
    Term("education.vocational", "Vocational training", "Capacitación vocacional"),
    Term("business", "Business and work", "Negocios y trabajo"),
    Term("business.training", "Entrepreneurship training", "Capacitación empresarial"),
    Term("business.licensing", "Help with business licences", "Ayuda con licencias de negocio"),
    Term("business.grants", "Small grants", "Pequeñas subvenciones"),
    Term("basic", "Basic needs", "Necesidades básicas"),
    Term("basic.food", "Food", "Alimentos"),
    Term("basic.rent", "Rent assistance", "Asistencia de renta"),
    Term("basic.shelter", "Emergency shelter", "Refugio de emergencia", survivor=True),
    Term("basic.transport", "Transport", "Transporte"),
    Term("language", "Interpreting and translation", "Interpretación y traducción"),
    Term("language.interpreting", "Interpreting", "Interpretación"),
)

BY_CODE: Final = {term.code: term for term in TERMS}


@dataclass(frozen=True, slots=True)
class Ladder:
    """What kind of service it is, step by step more general (R13): a reader is given the step that is due to them."""

    exact: str
    category: str
    domain: str


def ladder(term_codes: list[str], name: str) -> Ladder:
    """The ladder of a service with these terms. Foreign terms alone give the widest step, so that nothing leaks."""
    ours = sorted(code for code in term_codes if code in BY_CODE)
    if not ours:
        return Ladder(name, "other", "other")
    parts = ours[0].split(".")
    return Ladder(name, ".".join(parts[:2]), parts[0])


def is_survivor(term_codes: list[str]) -> bool:
    return any(BY_CODE[code].survivor for code in term_codes if code in BY_CODE)


def is_legal(term_codes: Iterable[str]) -> bool:
    return any(code == "legal" or code.startswith("legal.") for code in term_codes)
