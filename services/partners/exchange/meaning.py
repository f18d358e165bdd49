"""What a package's words mean here: terms that are never taken in, terms that are ours too, and kinds of organisation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from services.partners.domain.taxonomy import BARRED_TERMS
from services.partners.domain.terms import OrganizationKind

#: A term that says what somebody is before immigration law, and not what a service does (R1).
_STATUS_ANYWHERE: Final = re.compile(
    r"\b(immigration status|citizenship status|undocumented|unauthori[sz]ed immigrants?|illegal (alien|immigrant)s?"
    r"|non-?citizens?|lawful permanent residents?|green card holders?|u\.?s\.? citizens?|united states citizens?"
    r"|visa holders?|daca recipients?|tps holders?|country of (birth|origin)|place of birth)\b",
    re.IGNORECASE,
)
_STATUS_WHOLE: Final = re.compile(
    r"((recent|new|legal|all) )?(im|e)?migrants?|citizens?(hip)?|naturali[sz]ed citizens?|refugees?|asylees?"
    r"|asylum[- ]seekers?|parolees? \(immigration\)|aliens?|foreign[- ]born|dreamers?|deportees?",
    re.IGNORECASE,
)

#: Names of law and immigration enforcement: no such organisation can be a partner (R30).
_ENFORCEMENT: Final = re.compile(
    r"\b(police (department|dept\.?)|department of police|sheriff['’]?s? (office|department|dept\.?)"
    r"|customs (and|&) border|immigration (and|&) customs enforcement|border patrol|department of homeland security"
    r"|highway patrol|probation department)\b",
    re.IGNORECASE,
)

#: Kinds that a name says clearly; everything else is a community-based organisation.
_KINDS_BY_NAME: Final = (
    (re.compile(r"\badult (school|education)\b", re.IGNORECASE), OrganizationKind.ADULT_SCHOOL),
    (re.compile(r"\blibrar(y|ies)\b", re.IGNORECASE), OrganizationKind.LIBRARY),
    (re.compile(r"\b(university|college)\b", re.IGNORECASE), OrganizationKind.UNIVERSITY),
    (
        re.compile(r"\b((free|health|medical|dental) clinic|(community )?health centers?)\b", re.IGNORECASE),
        OrganizationKind.CLINIC,
    ),
    (re.compile(r"\b(county|city|town) of [A-Z]"), OrganizationKind.LOCAL_GOV),
)

#: Names of foreign terms (in small letters) that mean what a term of ours means: so that a search for ours finds them.
_OURS: Final = {
    "immigration": "legal.immigration",
    "immigration law": "legal.immigration",
    "immigration legal services": "legal.immigration",
    "naturalization": "legal.immigration.naturalization",
    "asylum": "legal.immigration.asylum",
    "employment law": "legal.employment",
    "wage claims": "legal.employment",
    "employment discrimination": "legal.employment",
    "agricultural worker protection act (awpa)": "legal.employment",
    "other landlord/tenant": "legal.housing",
    "federally subsidized housing": "legal.housing",
    "other public housing": "legal.housing",
    "legal services": "legal",
    "english as a second language (esl)": "education.esl",
    "ged/high-school equivalency": "education.ged",
    "primary care": "health.primary",
    "dental care": "health.dental",
    "counseling": "health.behavioral",
    "food pantry": "basic.food",
    "emergency food": "basic.food",
    "help pay for housing": "basic.rent",
    "emergency shelter": "basic.shelter",
    "translation & interpretation": "language.interpreting",
}


def term_refusal(code: str, name: str) -> str | None:
    """Why a term may not come in, or None."""
    if code in BARRED_TERMS or _STATUS_ANYWHERE.search(name) or _STATUS_WHOLE.fullmatch(name.strip()):
        return "names a person's immigration status: terms say what is offered, never who asks (R1)"
    return None


def organization_refusal(name: str) -> str | None:
    """Why an organisation may not come in, or None."""
    if _ENFORCEMENT.search(name):
        return "is an organization of law enforcement, which cannot be a partner (R30)"
    return None


def own_terms(names: Iterable[str], *, legal_aid: bool) -> set[str]:
    """Codes of our own taxonomy for a service with foreign terms of these names."""
    found = {code for name in names if (code := _OURS.get(name.strip().lower()))}
    if legal_aid and not any(code == "legal" or code.startswith("legal.") for code in found):
        found.add("legal")
    return found


def organization_kind(name: str, services_are_legal: Iterable[bool]) -> OrganizationKind:
    """LEGAL where it has services and all of them are legal; what its name says clearly; else CBO."""
    legal = list(services_are_legal)
    if legal and all(legal):
        return OrganizationKind.LEGAL
    return next((kind for said, kind in _KINDS_BY_NAME if said.search(name)), OrganizationKind.CBO)
