"""When a training is completed: attendance by the cohort's rule, and a plan where it asks for one (DOMAIN 4.9)."""

from __future__ import annotations

from enum import StrEnum

from services.grants.domain.attendance import Standing


class CompletionNeed(StrEnum):
    ATTENDANCE = "ATTENDANCE"
    BUSINESS_PLAN = "BUSINESS_PLAN"


def missing(
    standing: Standing, minimum_percent: int, *, plan_required: bool, plan: bool
) -> tuple[CompletionNeed, ...]:
    """What somebody still lacks to have completed the training; nothing where they have."""
    lacks = {
        CompletionNeed.ATTENDANCE: not standing.reaches(minimum_percent),
        CompletionNeed.BUSINESS_PLAN: plan_required and not plan,
    }
    return tuple(need for need, there in lacks.items() if there)
