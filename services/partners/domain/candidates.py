"""What matching compares: a request that names no person, and the services that it might be answered by."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.partners.domain.capacity import Room
from services.partners.domain.eligibility import Facts, Rule
from services.partners.domain.geography import Point, miles_between
from services.partners.domain.practice import Practice
from services.partners.domain.terms import LanguageModality, LanguageVia, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A need. `wanted` holds the codes of the needs and of all that is under them; `day` is when help is wanted."""

    wanted: Set[str]
    facts: Facts
    now: datetime
    day: date
    point: Point | None = None
    language: str | None = None
    modality: LanguageModality = LanguageModality.SPOKEN
    urgency: Urgency = Urgency.ROUTINE
    travel_miles: float | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language that a service offers, and through whom."""

    code: str
    modality: LanguageModality
    via: LanguageVia


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service is. `point` is its own, or its ZIP's centre where the address is kept back.

    `shown`: whether who asks may be told of this place (R17).
    """

    id: UUID
    virtual: bool = False
    shown: bool = True
    point: Point | None = None
    county: str | None = None
    rural: bool = False

    def miles_from(self, point: Point | None) -> float | None:
        if point is None or self.point is None or self.virtual:
            return None
        return miles_between(point, self.point)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A service, with all that decides about it.

    `areas`: counties of its clients, None for one that is described in words alone; none at all is the whole region.
    `matters`: its immigration matters, each of which needs somebody authorised. `accept_rate`: share of recent referrals
    that were accepted, 0 to 1; None where too few are known to tell (R31). `above_share`: its organisation has had more
    than its share of new referrals.
    """

    id: UUID
    active: bool
    terms: tuple[str, ...]
    spoken: tuple[Spoken, ...] = ()
    places: tuple[Place, ...] = ()
    areas: tuple[str | None, ...] = ()
    rules: tuple[Rule, ...] = ()
    matters: tuple[str, ...] = ()
    practice: Practice = field(default_factory=Practice)
    room: Room | None = None
    accept_rate: float | None = None
    above_share: bool = False
    verified_at: datetime | None = None
