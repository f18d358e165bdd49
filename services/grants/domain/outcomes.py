"""What came of an award, for the person: a licence before it or after it, and a business a year after the course.

What is known of it is known here by handles, and said by themselves a year later (self-reported).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from services.grants.domain.follow_ups import FollowUpOutcome


class LicenceWhen(StrEnum):
    """When somebody had the licence that a course leads to; UNKNOWN: no course of theirs is known here."""

    BEFORE_AWARD = "BEFORE_AWARD"
    AFTER_AWARD = "AFTER_AWARD"
    NONE = "NONE"
    UNKNOWN = "UNKNOWN"


class Survival(StrEnum):
    """By their own word, twelve months after the course; UNKNOWN: nobody asked, or nobody was reached."""

    IN_BUSINESS = "IN_BUSINESS"
    NOT_IN_BUSINESS = "NOT_IN_BUSINESS"
    UNKNOWN = "UNKNOWN"


def licence_when(awarded: date, obtained: Iterable[date], *, trained: bool) -> LicenceWhen:
    """`obtained`: the days on which licences were; on the day of the award itself counts as before."""
    first = min(obtained, default=None)
    if first is None:
        return LicenceWhen.NONE if trained else LicenceWhen.UNKNOWN
    return LicenceWhen.BEFORE_AWARD if first <= awarded else LicenceWhen.AFTER_AWARD


def survival(answers: Iterable[FollowUpOutcome | None]) -> Survival:
    """Of what somebody answered after each course: in business by any of them is in business."""
    said = {one for one in answers if one is not None and one is not FollowUpOutcome.NOT_REACHED}
    if not said:
        return Survival.UNKNOWN
    return Survival.IN_BUSINESS if FollowUpOutcome.IN_BUSINESS in said else Survival.NOT_IN_BUSINESS
