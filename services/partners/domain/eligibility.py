"""Whether somebody may use a service, as far as can be told: what is not known is asked, and is no "no".

Age and county are computed. All else is the person's own word, given by the ids of the rules that they meet: the answer is
used for this one question and is kept nowhere (R4).
"""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.partners.domain.geography import BY_FIPS, Fips
from services.partners.domain.terms import AgeBand, RuleKind

#: Years of age that a band covers, both ends included.
YEARS: Final[dict[AgeBand, tuple[int, float]]] = {
    AgeBand.UNDER_18: (0, 17),
    AgeBand.FROM_18_TO_25: (18, 25),
    AgeBand.FROM_26_TO_40: (26, 40),
    AgeBand.FROM_41_TO_64: (41, 64),
    AgeBand.FROM_65: (65, math.inf),
}
_OLDEST: Final = 120
_HIGHEST_PERCENT: Final = 1000


class Verdict(StrEnum):
    MET = "MET"
    NOT_MET = "NOT_MET"
    ASK = "ASK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One condition of a service. Years in `minimum` and `maximum`, both included; `percent` of the poverty line."""

    id: UUID | None
    kind: RuleKind
    minimum: int | None = None
    maximum: int | None = None
    counties: tuple[str, ...] = ()
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of whoever asks, none of it a person's name. `attests` and `attests_not` are ids of rules."""

    age: AgeBand | None = None
    county: str | None = None
    attests: Set[UUID] = field(default_factory=frozenset)
    attests_not: Set[UUID] = field(default_factory=frozenset)


def judge(rule: Rule, facts: Facts) -> Verdict:
    computed = Verdict.ASK
    if rule.kind is RuleKind.AGE:
        computed = _by_age(rule, facts.age)
    elif rule.kind is RuleKind.COUNTY and facts.county is not None:
        computed = Verdict.MET if facts.county in rule.counties else Verdict.NOT_MET
    if computed is not Verdict.ASK:
        return computed
    if rule.id in facts.attests_not:
        return Verdict.NOT_MET
    return Verdict.MET if rule.id in facts.attests else Verdict.ASK


def problem(rule: Rule) -> str | None:
    """Why a rule makes no sense, or None."""
    if rule.kind is RuleKind.AGE:
        low, high = rule.minimum or 0, rule.maximum if rule.maximum is not None else _OLDEST
        given = rule.minimum is not None or rule.maximum is not None
        return None if given and 0 <= low <= high <= _OLDEST else "AGE needs years from 0 to 120"
    if rule.kind is RuleKind.COUNTY:
        known = rule.counties and all(Fips(code) in BY_FIPS for code in rule.counties)
        return None if known else "COUNTY needs FIPS codes that `counties` lists"
    if rule.kind is RuleKind.INCOME_FPL:
        fine = rule.percent is not None and 0 < rule.percent <= _HIGHEST_PERCENT
        return None if fine else "INCOME_FPL needs a percentage of the poverty line, from 1 to 1000"
    return None


def _by_age(rule: Rule, age: AgeBand | None) -> Verdict:
    if age is None:
        return Verdict.ASK
    youngest, oldest = YEARS[age]
    low = rule.minimum if rule.minimum is not None else 0
    high = rule.maximum if rule.maximum is not None else math.inf
    if oldest < low or youngest > high:
        return Verdict.NOT_MET
    return Verdict.MET if low <= youngest and oldest <= high else Verdict.ASK
