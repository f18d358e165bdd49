"""Blind review of applications (DOMAIN 4.9): two people score by the program's rubric, and know of nobody whom they score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.grants.domain.applications import ApplicationState

#: How many score an application before it is decided on.
REVIEWERS: Final = 2
_MOST_POINTS: Final = 100


class ReviewState(StrEnum):
    ASSIGNED = "ASSIGNED"
    SUBMITTED = "SUBMITTED"
    RECUSED = "RECUSED"


#: Until here an application is nobody's to the funder: it has a tier, a rubric and a number.
BLIND: Final = frozenset(
    {
        ApplicationState.SUBMITTED,
        ApplicationState.SCREENING,
        ApplicationState.INFO_REQUESTED,
        ApplicationState.UNDER_REVIEW,
        ApplicationState.WAITLISTED,
    }
)

#: What is decided of an application that is under review.
REVIEWED: Final = frozenset({ApplicationState.APPROVED, ApplicationState.DENIED, ApplicationState.WAITLISTED})


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody had to do with an application, or with whoever it is for."""

    applied: bool = False
    """They did something for it on the applicant's side."""
    advised: bool = False
    """They helped the person in a course, or entered what came of it."""
    of_applicant: bool = False
    """They act for the organisation that applies."""


def may_judge(part: Part) -> bool:
    """Whether somebody with this part may review, or decide on, an application (DOMAIN 4.9: reviewer != advisor).

    Postgres says the same, of what is known here alone (`had_a_part` in policies/reviews.sql).
    """
    return not (part.applied or part.advised or part.of_applicant)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is scored: 0 to `maximum` points, each of which counts `weight` times."""

    name: str
    maximum: int
    weight: int = 1
    name_es: str | None = None


def rubric_problems(rubric: Sequence[Criterion]) -> dict[str, str]:
    """What is wrong with a program's rubric, by field; empty where nothing is, as where there is none."""
    names = [one.name.strip() for one in rubric]
    if any(not name for name in names) or len(set(names)) != len(names):
        return {"rubric": "must have a name of its own for each criterion"}
    if any(not (1 <= one.maximum <= _MOST_POINTS and 1 <= one.weight <= _MOST_POINTS) for one in rubric):
        return {"rubric": f"must have maxima and weights of 1 to {_MOST_POINTS}"}
    return {}


def score_problems(scores: Sequence[int], maxima: Sequence[int]) -> dict[str, str]:
    """What is wrong with a reviewer's points, by field; empty where nothing is."""
    if len(scores) != len(maxima):
        return {"scores": f"must be {len(maxima)}, one for each criterion, in their order"}
    if any(not 0 <= score <= most for score, most in zip(scores, maxima, strict=True)):
        return {"scores": "must be 0 to the criterion's maximum each"}
    return {}


def total(scores: Sequence[int], weights: Sequence[int]) -> int:
    return sum(score * weight for score, weight in zip(scores, weights, strict=True))
