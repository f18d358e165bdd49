"""What the region means to reach in a year, where the coordinator has said nothing else (DOMAIN 4.7, 4.9, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.partners.domain.workshops import YEARLY_COUNTY_TARGET, YEARLY_TARGET


@dataclass(frozen=True, slots=True)
class Target:
    """`of_year`: for a year, of which a shorter period has its share; else it is the same for every period.

    `at_most`: less is better, as with days. `county`: the default of each county, None where a county has no target of its own.
    """

    default: float
    most: float
    of_year: bool = False
    at_most: bool = False
    county: float | None = None


WORKSHOPS: Final = "services.workshops"
#: By the id of the measure, which may be another service's.
TARGETS: Final = {
    WORKSHOPS: Target(YEARLY_TARGET, 10_000, of_year=True, county=YEARLY_COUNTY_TARGET),
    "services.workshops_rural_share": Target(0.33, 1),
    "services.days_to_first_contact_p50": Target(7, 365, at_most=True),
    "services.days_to_first_contact_p90": Target(14, 365, at_most=True),
    "services.helped_share": Target(0.5, 1),
    "economic.seats_per_cohort": Target(40, 1_000),
}


def target_problems(
    measure: str, value: float, year: int, this_year: int, county: str | None
) -> dict[str, str]:
    """What is wrong with a target, by field; that the county is one is for the caller to know."""
    target = TARGETS.get(measure)
    if target is None:
        return {"measure": f"must be one of {', '.join(TARGETS)}"}
    wrong = {}
    if not 0 <= value <= target.most:
        wrong["value"] = f"must be from 0 to {target.most:g}"
    if not this_year - 1 <= year <= this_year + 5:
        wrong["year"] = "must be from last year to five years ahead"
    if county is not None and target.county is None:
        wrong["county"] = "must be left out: this target is of the region"
    return wrong


def share_of_year(target: Target, yearly: float, days: int) -> float:
    """The part of a year's target that falls on so many days, rounded up; of other targets all of it."""
    return float(-(-yearly * days // 365)) if target.of_year else yearly
