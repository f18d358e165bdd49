"""Who is chosen for a cohort: a rubric that was published before anybody was judged by it, and two who judge apart.

A score says nothing until both are there: the second reviewer does not read the first (DOMAIN section 1 row 8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

REVIEWERS: Final = 2
MOST_CRITERIA: Final = 12
_MOST_POINTS: Final = 100


class SelectionState(StrEnum):
    APPLIED = "APPLIED"
    ADMITTED = "ADMITTED"
    WAITLISTED = "WAITLISTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class SelectionMoveName(StrEnum):
    ADMIT = "ADMIT"
    WAITLIST = "WAITLIST"
    DECLINE = "DECLINE"
    WITHDRAW = "WITHDRAW"


@dataclass(frozen=True, slots=True)
class SelectionMove:
    """`by_sponsor`: whether who brought the client may make it as well. `judged`: only after two reviews."""

    name: SelectionMoveName
    frm: frozenset[SelectionState]
    to: SelectionState
    judged: bool = True
    by_sponsor: bool = False


_S, _M = SelectionState, SelectionMoveName
_UNDECIDED: Final = frozenset({_S.APPLIED, _S.WAITLISTED})
#: An admission that finds no seat waits: Postgres says so (policies/training.sql).
SELECTION: Final = {
    move.name: move
    for move in (
        SelectionMove(_M.ADMIT, _UNDECIDED, _S.ADMITTED),
        SelectionMove(_M.WAITLIST, frozenset({_S.APPLIED}), _S.WAITLISTED),
        SelectionMove(_M.DECLINE, _UNDECIDED, _S.DECLINED),
        SelectionMove(_M.WITHDRAW, _UNDECIDED, _S.WITHDRAWN, judged=False, by_sponsor=True),
    )
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is judged, from 0 to `maximum` points. `code`: what scores name it by."""

    code: str
    name: str
    name_es: str
    maximum: int


def rubric_problem(criteria: Sequence[Criterion]) -> str | None:
    """What is wrong with a rubric, in words; None where nothing is."""
    codes = {one.code for one in criteria}
    if not 0 < len(criteria) <= MOST_CRITERIA or len(codes) < len(criteria):
        return f"must have 1 to {MOST_CRITERIA} criteria, each with its own code"
    if not all(one.code.isidentifier() and one.code.isupper() and len(one.code) <= 40 for one in criteria):
        return "must have codes in capitals, such as `BUSINESS_IDEA`"
    if not all(
        0 < one.maximum <= _MOST_POINTS and one.name.strip() and one.name_es.strip() for one in criteria
    ):
        return f"must name each criterion in both languages, with 1 to {_MOST_POINTS} points"
    return None


def scores_problem(criteria: Sequence[Criterion], scores: Mapping[str, int]) -> str | None:
    """What is wrong with a review by the rubric, in words; None where nothing is."""
    if scores.keys() != {one.code for one in criteria}:
        return "must give points for each criterion of the rubric, once"
    if not all(0 <= scores[one.code] <= one.maximum for one in criteria):
        return "must be from 0 to each criterion's maximum"
    return None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What two or more reviews come to, in percent of all points: their average, and how far apart they are."""

    average: float
    disagreement: float


def judgement(criteria: Sequence[Criterion], reviews: Sequence[Mapping[str, int]]) -> Judgement | None:
    """None until there are two. `reviews`: of those who were not recused."""
    if len(reviews) < REVIEWERS:
        return None
    whole = sum(one.maximum for one in criteria)
    totals = [100 * sum(scores.values()) / whole for scores in reviews]
    return Judgement(round(sum(totals) / len(totals), 1), round(max(totals) - min(totals), 1))
