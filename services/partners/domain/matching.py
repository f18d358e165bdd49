"""Which services answer a need, in which order, and why (DOMAIN 4.5).

First filters: what fails one is never offered, and the failing is told in words. Then points, by weights that are
published: docs/matching.md is printed from the tables here. Nobody's name, and nothing that was attested, is in the answer.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.partners.domain.candidates import Candidate, Place, Request, Spoken
from services.partners.domain.capacity import CapacityStatus
from services.partners.domain.eligibility import Verdict, judge
from services.partners.domain.languages import Fit, fit
from services.partners.domain.terms import LanguageVia, Urgency


class Filter(StrEnum):
    """Why a service is not offered at all."""

    STATUS = "STATUS"
    NEED = "NEED"
    PRACTICE = "PRACTICE"
    SERVICE_AREA = "SERVICE_AREA"
    ELIGIBILITY = "ELIGIBILITY"
    TRAVEL = "TRAVEL"


class Factor(StrEnum):
    """What points are given for, or taken."""

    LANGUAGE = "LANGUAGE"
    CAPACITY = "CAPACITY"
    DISTANCE = "DISTANCE"
    RESPONSE = "RESPONSE"
    FRESHNESS = "FRESHNESS"
    RURAL = "RURAL"
    SHARE = "SHARE"


#: The most points that each factor gives; SHARE takes as many away.
MOST: Final = {
    Factor.LANGUAGE: 30.0,
    Factor.CAPACITY: 25.0,
    Factor.DISTANCE: 20.0,
    Factor.RESPONSE: 15.0,
    Factor.FRESHNESS: 10.0,
    Factor.RURAL: 5.0,
    Factor.SHARE: -20.0,
}
#: Of LANGUAGE, by who speaks it: in the very variant that was asked for, and in another of its group.
LANGUAGE_POINTS: Final = {
    (LanguageVia.STAFF, Fit.SAME): 30.0,
    (LanguageVia.INTERPRETER, Fit.SAME): 20.0,
    (LanguageVia.PHONE_LINE, Fit.SAME): 10.0,
    (LanguageVia.STAFF, Fit.GROUP): 15.0,
    (LanguageVia.INTERPRETER, Fit.GROUP): 10.0,
    (LanguageVia.PHONE_LINE, Fit.GROUP): 5.0,
}
#: Of CAPACITY, before the decay by the report's age. Somebody who needs help soon is not helped by a waiting list.
CAPACITY_POINTS: Final = {
    CapacityStatus.CAPACITY: 25.0,
    CapacityStatus.ASSESSMENT_REQUIRED: 15.0,
    CapacityStatus.WAITLIST: 10.0,
    CapacityStatus.UNKNOWN: 3.0,
    CapacityStatus.NO_CAPACITY: 0.0,
}
WAITLIST_BY_URGENCY: Final = {Urgency.ROUTINE: 1.0, Urgency.SOON: 0.6, Urgency.URGENT: 0.2}
#: With room, from so many places on all points are given; with a single one, or an unknown number, this share of them.
AMPLE_PLACES: Final = 5
SHARE_OF_ONE_PLACE: Final = 0.6
#: Of DISTANCE: none from here on; and what is given where no distance can be told.
FARTHEST_MILES: Final = 60.0
VIRTUAL_POINTS: Final = 15.0
SAME_COUNTY_POINTS: Final = 10.0
#: Of RESPONSE: what a partner has of whom too little is known, and the least, so that a bad start is not for ever.
UNKNOWN_RESPONSE_POINTS: Final = 10.0
LEAST_RESPONSE_POINTS: Final = 4.5
#: Of FRESHNESS: after so many days a third and a bit (1/e) is left.
FRESH_DAYS: Final = 180.0
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Points of one factor, with a code for the words that say why, and the number that the words need."""

    factor: Factor
    points: float
    code: str
    detail: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """`ask`: the service's rules of which it is not known whether they are met. `place`: the nearest that may be told."""

    candidate: Candidate
    score: float
    reasons: tuple[Reason, ...]
    ask: tuple[UUID, ...] = ()
    age_to_ask: bool = False
    place: Place | None = None
    miles: float | None = None


@dataclass(frozen=True, slots=True)
class RuledOut:
    candidate: Candidate
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    matches: tuple[Match, ...]
    ruled_out: tuple[RuledOut, ...]


def rank(request: Request, candidates: Iterable[Candidate]) -> Matching:
    """The best first. The same request and candidates give the same answer, in whatever order they come."""
    matches, ruled_out = [], []
    for candidate in sorted(candidates, key=lambda one: _tie(request, one)):
        failed = failing(request, candidate)
        if failed:
            ruled_out.append(RuledOut(candidate, failed))
        else:
            matches.append(_match(request, candidate))
    matches.sort(key=lambda match: -match.score)
    return Matching(tuple(matches), tuple(ruled_out))


def failing(request: Request, candidate: Candidate) -> tuple[Filter, ...]:
    """Every filter that the candidate fails, in the order of the table."""
    return tuple(name for name, passes in FILTERS.items() if not passes(request, candidate))


def _answers(request: Request, candidate: Candidate) -> bool:
    return not request.wanted.isdisjoint(candidate.terms)


def _practises(request: Request, candidate: Candidate) -> bool:
    """Of what was asked for, one matter at least may lawfully be taken there on the day."""
    asked = tuple(term for term in candidate.terms if term in request.wanted)
    by_name_alone = bool(candidate.matters) and set(candidate.matters).isdisjoint(candidate.terms)
    tried = candidate.matters if by_name_alone else asked
    return not tried or any(candidate.practice.may_take(term, request.day) for term in tried)


def _serves(request: Request, candidate: Candidate) -> bool:
    county = request.facts.county
    return county is None or not candidate.areas or None in candidate.areas or county in candidate.areas


def _eligible(request: Request, candidate: Candidate) -> bool:
    return all(judge(rule, request.facts) is not Verdict.NOT_MET for rule in candidate.rules)


def _reachable(request: Request, candidate: Candidate) -> bool:
    if request.travel_miles is None or any(place.virtual for place in candidate.places):
        return True
    miles = [m for place in candidate.places if (m := place.miles_from(request.point)) is not None]
    return not miles or min(miles) <= request.travel_miles


FILTERS: Final[dict[Filter, Callable[[Request, Candidate], bool]]] = {
    Filter.STATUS: lambda _request, candidate: candidate.active,
    Filter.NEED: _answers,
    Filter.PRACTICE: _practises,
    Filter.SERVICE_AREA: _serves,
    Filter.ELIGIBILITY: _eligible,
    Filter.TRAVEL: _reachable,
}


def _match(request: Request, candidate: Candidate) -> Match:
    reasons = [give(request, candidate) for give in FACTORS]
    score = round(sum(reason.points for reason in reasons), 1)
    if candidate.above_share:
        taken = min(score, -MOST[Factor.SHARE])
        reasons.append(Reason(Factor.SHARE, -taken, "share_exceeded"))
        score = round(score - taken, 1)
    nearest = min(
        (place for place in candidate.places if place.shown),
        key=lambda place: (-_distance(request, place).points, place.id),
        default=None,
    )
    unknown = [rule for rule in candidate.rules if judge(rule, request.facts) is Verdict.ASK]
    return Match(
        candidate,
        score,
        tuple(reasons),
        ask=tuple(rule.id for rule in unknown if rule.id is not None),
        age_to_ask=any(rule.id is None for rule in unknown),
        place=nearest,
        miles=nearest.miles_from(request.point) if nearest is not None else None,
    )


def _language(request: Request, candidate: Candidate) -> Reason:
    if request.language is None:
        return Reason(Factor.LANGUAGE, MOST[Factor.LANGUAGE], "language_not_asked")
    points, offer = max(
        ((_spoken(request, one), one) for one in candidate.spoken),
        key=lambda pair: pair[0],
        default=(0.0, None),
    )
    if offer is None or not points:
        return Reason(Factor.LANGUAGE, 0.0, "language_missing")
    same = fit(offer.code, request.language) is Fit.SAME
    return Reason(Factor.LANGUAGE, points, f"language_{offer.via.lower()}_{'same' if same else 'group'}")


def _spoken(request: Request, offer: Spoken) -> float:
    if request.language is None or offer.modality is not request.modality:
        return 0.0
    return LANGUAGE_POINTS.get((offer.via, fit(offer.code, request.language)), 0.0)


def _capacity(request: Request, candidate: Candidate) -> Reason:
    room = candidate.room
    if room is None or room.status is CapacityStatus.UNKNOWN:
        return Reason(Factor.CAPACITY, CAPACITY_POINTS[CapacityStatus.UNKNOWN], "capacity_unknown")
    status = room.status
    if status is CapacityStatus.CAPACITY and room.available is not None and room.available < 1:
        status = CapacityStatus.NO_CAPACITY
    share = 1.0
    if status is CapacityStatus.CAPACITY:
        places = min(room.available if room.available is not None else 1, AMPLE_PLACES)
        share = SHARE_OF_ONE_PLACE + (1 - SHARE_OF_ONE_PLACE) * (places - 1) / (AMPLE_PLACES - 1)
    elif status is CapacityStatus.WAITLIST:
        share = WAITLIST_BY_URGENCY[request.urgency]
    age_s = max(0.0, (request.now - room.reported_at).total_seconds())
    lifetime_s = max(_DAY_S, (room.expires_at - room.reported_at).total_seconds())
    points = CAPACITY_POINTS[status] * share * math.exp(-age_s / lifetime_s)
    return Reason(Factor.CAPACITY, round(points, 1), f"capacity_{status.lower()}", math.floor(age_s / _DAY_S))


def _nearness(request: Request, candidate: Candidate) -> Reason:
    return max(
        (_distance(request, place) for place in candidate.places),
        key=lambda reason: reason.points,
        default=Reason(Factor.DISTANCE, 0.0, "distance_no_place"),
    )


def _distance(request: Request, place: Place) -> Reason:
    if place.virtual:
        return Reason(Factor.DISTANCE, VIRTUAL_POINTS, "distance_virtual")
    miles = place.miles_from(request.point)
    if miles is not None:
        points = MOST[Factor.DISTANCE] * max(0.0, 1 - miles / FARTHEST_MILES)
        return Reason(Factor.DISTANCE, round(points, 1), "distance_miles", round(miles))
    if place.county is not None and place.county == request.facts.county:
        return Reason(Factor.DISTANCE, SAME_COUNTY_POINTS, "distance_same_county")
    return Reason(Factor.DISTANCE, 0.0, "distance_unknown")


def _response(_request: Request, candidate: Candidate) -> Reason:
    if candidate.accept_rate is None:
        return Reason(Factor.RESPONSE, UNKNOWN_RESPONSE_POINTS, "response_unknown")
    points = max(LEAST_RESPONSE_POINTS, MOST[Factor.RESPONSE] * candidate.accept_rate)
    return Reason(Factor.RESPONSE, round(points, 1), "response_rate", round(100 * candidate.accept_rate))


def _freshness(request: Request, candidate: Candidate) -> Reason:
    if candidate.verified_at is None:
        return Reason(Factor.FRESHNESS, 0.0, "freshness_never")
    days = max(0.0, (request.now - candidate.verified_at).total_seconds() / _DAY_S)
    points = MOST[Factor.FRESHNESS] * math.exp(-days / FRESH_DAYS)
    return Reason(Factor.FRESHNESS, round(points, 1), "freshness_days", math.floor(days))


def _rural(_request: Request, candidate: Candidate) -> Reason:
    rural = any(place.rural for place in candidate.places)
    return Reason(
        Factor.RURAL, MOST[Factor.RURAL] if rural else 0.0, "rural_place" if rural else "rural_none"
    )


FACTORS: Final = (_language, _capacity, _nearness, _response, _freshness, _rural)


def _tie(request: Request, candidate: Candidate) -> bytes:
    """Who comes first of equals: another one each day, so that no service has the luck of an early id for ever."""
    return hashlib.blake2b(candidate.id.bytes, key=request.day.isoformat().encode(), digest_size=16).digest()
