"""What comes of a training: help at one's side, milestones, a venture (DOMAIN section 1 rows 10 and 11).

Closed sets throughout. Of a tax number only that there is one is known, not which: its kind hints at a status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from statistics import median
from typing import Final

#: A number in somebody's records, and no document: the system that has the document is found by it.
_EVIDENCE: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9/.-]{0,38}[A-Z0-9])?")
_CALIFORNIA: Final = re.compile(r"06[0-9]{3}")
LONGEST_CONTACT_MINUTES: Final = 12 * 60


class MilestoneKind(StrEnum):
    BUSINESS_PLAN = "BUSINESS_PLAN"
    TAX_ID_READY = "TAX_ID_READY"
    DBA = "DBA"
    BUSINESS_LICENSE = "BUSINESS_LICENSE"
    SELLERS_PERMIT = "SELLERS_PERMIT"
    HEALTH_PERMIT = "HEALTH_PERMIT"
    PROFESSIONAL_LICENSE = "PROFESSIONAL_LICENSE"
    BANK_ACCOUNT = "BANK_ACCOUNT"
    FIRST_SALE = "FIRST_SALE"
    JOB_CREATED = "JOB_CREATED"


class MilestoneStage(StrEnum):
    APPLIED = "APPLIED"
    OBTAINED = "OBTAINED"
    LAPSED = "LAPSED"


class AssistanceTopic(StrEnum):
    BUSINESS_PLAN = "BUSINESS_PLAN"
    LICENSING = "LICENSING"
    PERMITS = "PERMITS"
    TAXES = "TAXES"
    BANKING = "BANKING"
    MARKETING = "MARKETING"
    TECHNOLOGY = "TECHNOLOGY"
    GRANT_APPLICATION = "GRANT_APPLICATION"
    OTHER = "OTHER"


class AssistanceMode(StrEnum):
    IN_PERSON = "IN_PERSON"
    PHONE = "PHONE"
    VIDEO = "VIDEO"
    MESSAGE = "MESSAGE"


class VentureSector(StrEnum):
    FOOD = "FOOD"
    RETAIL = "RETAIL"
    CLEANING = "CLEANING"
    LANDSCAPING = "LANDSCAPING"
    CONSTRUCTION = "CONSTRUCTION"
    CHILD_CARE = "CHILD_CARE"
    BEAUTY = "BEAUTY"
    TRANSPORT = "TRANSPORT"
    CRAFTS = "CRAFTS"
    PROFESSIONAL = "PROFESSIONAL"
    OTHER = "OTHER"


class VentureStage(StrEnum):
    IDEA = "IDEA"
    STARTING = "STARTING"
    OPERATING = "OPERATING"
    GROWING = "GROWING"
    CLOSED = "CLOSED"


#: What counts as the licence that a course leads to.
LICENCES: Final = frozenset({MilestoneKind.BUSINESS_LICENSE, MilestoneKind.PROFESSIONAL_LICENSE})


def evidence_problem(evidence: str | None) -> str | None:
    """What is wrong with a reference, in words; None where nothing is."""
    if evidence is None or _EVIDENCE.fullmatch(evidence):
        return None
    return "must be a reference of up to 40 capitals, digits, `-`, `/` and `.`, and no document's content"


def is_county(fips: str) -> bool:
    return _CALIFORNIA.fullmatch(fips) is not None


class FunnelStage(StrEnum):
    """How far a participant came, the first first."""

    ADMITTED = "ADMITTED"
    ATTENDING = "ATTENDING"
    COMPLETED = "COMPLETED"
    PLAN = "PLAN"
    APPLIED = "APPLIED"
    LICENSED = "LICENSED"


#: On which day somebody reached a stage; ADMITTED always is among them.
Path = Mapping[FunnelStage, date]


def milestone_path(
    milestones: Iterable[tuple[MilestoneKind, MilestoneStage, date]],
) -> dict[FunnelStage, date]:
    """The stages that milestones lead to, each on the first day that one of them does."""
    found: dict[FunnelStage, date] = {}
    for kind, stage, on in milestones:
        stages: tuple[FunnelStage, ...] = ()
        if kind is MilestoneKind.BUSINESS_PLAN and stage is not MilestoneStage.LAPSED:
            stages = (FunnelStage.PLAN,)
        elif kind in LICENCES:
            stages = (FunnelStage.APPLIED,)
            if stage is not MilestoneStage.APPLIED:  # what has lapsed was obtained
                stages += (FunnelStage.LICENSED,)
        for one in stages:
            found[one] = min(found.get(one, on), on)
    return found


def furthest(path: Path) -> FunnelStage:
    """The last stage that was reached, whether or not those before it were."""
    return [stage for stage in FunnelStage if stage in path][-1]


def reached(paths: Sequence[Path]) -> dict[FunnelStage, int]:
    """How many came to each stage or further: never more than to the one before."""
    order = list(FunnelStage)
    ends = [order.index(furthest(path)) for path in paths]
    return {stage: sum(end >= place for end in ends) for place, stage in enumerate(order)}


def median_days(paths: Sequence[Path]) -> dict[FunnelStage, float | None]:
    """From the day of admission to that of each stage, of those who reached it themselves; None where nobody did."""
    found: dict[FunnelStage, float | None] = {}
    for stage in FunnelStage:
        days = [(path[stage] - path[FunnelStage.ADMITTED]).days for path in paths if stage in path]
        found[stage] = float(median(days)) if days else None
    return found
