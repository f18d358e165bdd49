"""How many immigrants live in a county or in the region: what representatives are counted against, with source and year.

A figure that nobody has stated is not made up: without it there is no rate, and the answer says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: In place of a county's code: the region as a whole.
REGION: Final = "region"
_MOST: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Population:
    immigrants: int
    year: int
    source: str


#: What is counted against until the network's coordinator sets another. No county's figure is in that source.
STATED: Final = {
    REGION: Population(
        890_335,
        2014,
        "Central Valley Immigrant Integration Collaborative, strategic plan of 2014 (cviic.org)",
    )
}
NOT_STATED: Final = "No population with a source has been set for it: the network's coordinator sets one."


def population_problems(given: Population, this_year: int) -> dict[str, str]:
    """What is wrong with a figure, by field."""
    wrong = {}
    if not 1 <= given.immigrants <= _MOST:
        wrong["immigrants"] = f"must be from 1 to {_MOST}"
    if not 1990 <= given.year <= this_year:
        wrong["year"] = f"must be from 1990 to {this_year}"
    if not 3 <= len(given.source.strip()) <= 300:
        wrong["source"] = "must say where the figure is from, in 3 to 300 characters"
    return wrong
