"""Workshops (DOMAIN 4.7): which get in each other's way, when and where there is room, and who must be there.

Help by the unauthorised harms people, and two workshops for the same people on the same weekend leave both half empty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final, TypeVar

from services.partners.domain.geography import Point, miles_between
from services.partners.domain.practice import Practice, strictest
from services.partners.domain.taxonomy import is_legal
from services.partners.domain.terms import AccreditationLevel, WorkshopStatus

#: People come this far to a workshop; nearer than this, two draw on the same people.
NEAR_MILES: Final = 25.0
#: Days that two workshops for the same people are to be apart, not counting their own.
DAYS_APART: Final = 2
#: How far from the day that was wished for other days are looked for, on both sides.
DAYS_SEARCHED: Final = 28
ALTERNATIVES: Final = 3
#: A workshop is over within so long.
LONGEST: Final = timedelta(days=7)
#: Spoken at every workshop; for any other language the region has one team of interpreters.
SPOKEN_EVERYWHERE: Final = frozenset({"eng", "spa"})
#: Workshops in a year: of the region, and in each of its counties.
YEARLY_TARGET: Final = 100
YEARLY_COUNTY_TARGET: Final = 4

_PlaceId = TypeVar("_PlaceId")


class ClashKind(StrEnum):
    #: The same help for the same people.
    SAME_AUDIENCE = "SAME_AUDIENCE"
    #: The same interpreters, wherever in the region.
    SAME_LANGUAGE_TEAM = "SAME_LANGUAGE_TEAM"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a workshop is: its county (FIPS), and the centre of its ZIP code where the place is known."""

    county: str
    point: Point | None = None

    def near(self, other: Site) -> bool:
        if self.county == other.county:
            return True
        if self.point is None or other.point is None:
            return False
        return miles_between(self.point, other.point) <= NEAR_MILES


@dataclass(frozen=True, slots=True)
class Gathering:
    """A workshop as the calendar weighs it: from `first` to `last` day, both included."""

    first: date
    last: date
    site: Site
    terms: frozenset[str]
    languages: frozenset[str] = frozenset()

    def moved_to(self, first: date) -> Gathering:
        return replace(self, first=first, last=first + (self.last - self.first))


class WorkshopChange(StrEnum):
    PUBLISH = "PUBLISH"
    MOVE = "MOVE"
    CANCEL = "CANCEL"
    HOLD = "HOLD"


#: From which states a workshop can be changed so; a move may take an announced one back to PLANNED.
CHANGEABLE: Final = {
    WorkshopChange.PUBLISH: frozenset({WorkshopStatus.PLANNED}),
    WorkshopChange.MOVE: frozenset({WorkshopStatus.PLANNED, WorkshopStatus.PUBLISHED}),
    WorkshopChange.CANCEL: frozenset({WorkshopStatus.PLANNED, WorkshopStatus.PUBLISHED}),
    WorkshopChange.HOLD: frozenset({WorkshopStatus.PUBLISHED}),
}


def clash(one: Gathering, other: Gathering) -> frozenset[ClashKind]:
    """In which ways they are in each other's way; empty where they are not. It is the same the other way round."""
    apart = timedelta(days=DAYS_APART)
    if one.first > other.last + apart or other.first > one.last + apart:
        return frozenset()
    found = {
        ClashKind.SAME_AUDIENCE: one.site.near(other.site) and bool(one.terms & other.terms),
        ClashKind.SAME_LANGUAGE_TEAM: bool((one.languages & other.languages) - SPOKEN_EVERYWHERE),
    }
    return frozenset(kind for kind, holds in found.items() if holds)


def free_days(wish: Gathering, others: Collection[Gathering], today: date) -> tuple[date, ...]:
    """The nearest days after `today` on which `wish` could begin with no clash at its own place, nearest first."""
    near = (wish.first + timedelta(days=offset) for offset in _outwards(DAYS_SEARCHED))
    free = (day for day in near if day > today and _is_free(wish.moved_to(day), others))
    return tuple(islice(free, ALTERNATIVES))


def free_places(
    wish: Gathering, others: Collection[Gathering], places: Iterable[tuple[_PlaceId, Site]]
) -> tuple[_PlaceId, ...]:
    """The first of `places` at which `wish` could be on its own days with no clash, in the order in which they are given."""
    free = (id_ for id_, site in places if _is_free(replace(wish, site=site), others))
    return tuple(islice(free, ALTERNATIVES))


def target(yearly: int, first: date, last: date) -> int:
    """The share of a year's target that falls on the days from `first` to `last`, both included, rounded up."""
    days = (last - first).days + 1
    return -(-yearly * days // 365)


def may_publish(practice: Practice, terms: Collection[str], first: date, last: date) -> bool:
    """Whether the help of a workshop is lawful on each of its days, `practice` being its host with those named for it.

    Legal help needs somebody authorised: an attorney, or a representative whose accreditation with a host that is
    recognised holds on the day; a FULL one where any of the matters comes before the immigration courts.
    """
    if not is_legal(terms):
        return True
    level = strictest(terms) or AccreditationLevel.PARTIAL
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return all(practice.authorised(day, level) for day in days)


def _is_free(wish: Gathering, others: Iterable[Gathering]) -> bool:
    return not any(clash(wish, other) for other in others)


def _outwards(farthest: int) -> Iterator[int]:
    """1, -1, 2, -2, ... `farthest`, -`farthest`."""
    for distance in range(1, farthest + 1):
        yield distance
        yield -distance
