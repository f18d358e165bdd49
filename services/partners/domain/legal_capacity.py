"""What a county or the region can take on in immigration law on a day, and what it could with others, or without some
(DOMAIN 4.6): one pure function, asked of what is, of what if, and of what lapses.

A place is what fits into a week: floor(hours of the authorised x the share that goes into matters / hours of such a matter),
less what workshops of the week take. Each matter is counted as if all hours went into it: places of two are not added up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from services.partners.domain.capacity import open_places
from services.partners.domain.languages import Fit, fit
from services.partners.domain.practice import (
    HOURS_PER_CASE,
    PRODUCTIVE_SHARE,
    Practice,
    Recognised,
    Staff,
    hours_per_case,
    level_needed,
)
from services.partners.domain.taxonomy import BY_CODE
from services.partners.domain.terms import AccreditationLevel, PractitionerRole

#: The matters that are told apart, in the taxonomy's order.
MATTERS: Final = tuple(code for code in BY_CODE if code in HOURS_PER_CASE and code != "legal.immigration")
#: Hours of one full-time position.
FULL_TIME_HOURS: Final = 40
_DHS: Final = AccreditationLevel.PARTIAL


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an office; `id` is None for whom there is only in a question of what if."""

    id: UUID | None
    staff: Staff
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation as far as it gives legal help: where, by what recognitions, by whom.

    `reserved_hours`: of its people, at workshops of the day's week. `presumed_recognised`: in a question of what if.
    """

    organization: UUID
    counties: frozenset[str] = frozenset()
    recognitions: tuple[Recognised, ...] = ()
    people: tuple[Person, ...] = ()
    reserved_hours: float = 0.0
    presumed_recognised: bool = False

    def authorised(self, day: date, level: AccreditationLevel) -> tuple[Person, ...]:
        """Who of it may take a matter of `level` on `day`."""
        practice = Practice(self.recognitions, tuple(one.staff for one in self.people))
        able = practice.authorised(day, level)
        if self.presumed_recognised:
            able = tuple(staff for staff in practice.staff if staff.authorised_on(day, level))
        return tuple(one for one in self.people if one.staff in able)


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of matter: how many may take it, their hours a week, and how many fit into the week."""

    term: str
    level: AccreditationLevel
    authorised: int
    weekly_hours: int
    places: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What offices can take on, together. `representatives`: accredited, PARTIAL and FULL; attorneys are beside them."""

    offices: int
    attorneys: int
    partial: int
    full: int
    weekly_hours: int
    matters: tuple[Matter, ...]

    @property
    def representatives(self) -> int:
        return self.partial + self.full

    @property
    def full_time(self) -> float:
        return round(self.weekly_hours / FULL_TIME_HOURS, 2)

    def places(self) -> dict[str, int]:
        return {one.term: one.places for one in self.matters}


@dataclass(frozen=True, slots=True)
class Addition:
    """People who there might be: so many of a role, with so many hours each, at an organisation (None: a new one)."""

    organization: UUID | None
    role: PractitionerRole
    people: int
    weekly_hours: int
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loss:
    """What is gone once one person may help no more: their hours, places by matter, and matters that nobody may take then."""

    weekly_hours: int
    places: tuple[tuple[str, int], ...]
    left_with_nobody: tuple[str, ...]


def standing(offices: Iterable[Office], day: date) -> Standing:
    """What the offices can take on in the week of `day`."""
    able = {one: one.authorised(day, _DHS) for one in offices}
    able = {office: people for office, people in able.items() if people}
    everybody = [person for people in able.values() for person in people]
    attorneys = [one for one in everybody if one.staff.role is PractitionerRole.ATTORNEY]
    full = [
        one
        for office in able
        for one in office.authorised(day, AccreditationLevel.FULL)
        if one.staff.role is not PractitionerRole.ATTORNEY
    ]
    return Standing(
        offices=len(able),
        attorneys=len(attorneys),
        partial=len(everybody) - len(attorneys) - len(full),
        full=len(full),
        weekly_hours=sum(one.staff.weekly_hours for one in everybody),
        matters=tuple(_matter(term, able, day) for term in MATTERS),
    )


def _matter(term: str, offices: Iterable[Office], day: date) -> Matter:
    level, each = level_needed(term), hours_per_case(term)
    assert level is not None
    people = hours = places = 0
    for office in offices:
        able = office.authorised(day, level)
        own = sum(one.staff.weekly_hours for one in able)
        taken = math.ceil(office.reserved_hours * PRODUCTIVE_SHARE / each)
        people, hours = people + len(able), hours + own
        places += open_places(own, each, reserved=taken)
    return Matter(term, level, people, hours, places)


def with_others(offices: Sequence[Office], additions: Iterable[Addition]) -> tuple[Office, ...]:
    """The offices with those who there might be. Where somebody accredited is added, the office is taken for recognised."""
    found = {office.organization: office for office in offices}
    new = UUID(int=0)
    for one in additions:
        there = one.organization or new
        office = found.get(there, Office(there))
        level = {
            PractitionerRole.PARTIAL_REP: AccreditationLevel.PARTIAL,
            PractitionerRole.FULL_REP: AccreditationLevel.FULL,
        }.get(one.role)
        staff = _Supposed(one.role, weekly_hours=one.weekly_hours, supposed=level)
        people = tuple(Person(None, staff, one.languages) for _ in range(one.people))
        found[there] = replace(
            office,
            people=(*office.people, *people),
            presumed_recognised=office.presumed_recognised or level is not None,
        )
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Supposed(Staff):
    """Somebody whose accreditation is supposed, whatever the day."""

    supposed: AccreditationLevel | None = field(default=None)

    def authorised_on(self, day: date, level: AccreditationLevel = AccreditationLevel.PARTIAL) -> bool:
        if self.role is PractitionerRole.ATTORNEY:
            return True
        return self.supposed in (level, AccreditationLevel.FULL)


def without(offices: Iterable[Office], person: UUID) -> tuple[Office, ...]:
    """The offices where this one may help no more."""
    return tuple(
        replace(office, people=tuple(one for one in office.people if one.id != person)) for office in offices
    )


def loss(before: Standing, after: Standing) -> Loss:
    """What is less than it was."""
    gone = [
        (one.term, one.places - now.places) for one, now in zip(before.matters, after.matters, strict=True)
    ]
    nobody = [
        one.term
        for one, now in zip(before.matters, after.matters, strict=True)
        if one.authorised and not now.authorised
    ]
    return Loss(
        before.weekly_hours - after.weekly_hours,
        tuple((term, less) for term, less in gone if less),
        tuple(nobody),
    )


def per_100k(count: int, immigrants: int) -> float:
    """So many for each hundred thousand, to the tenth."""
    return round(count * 100_000 / immigrants, 1)


def deserts(
    offices: Collection[Office],
    counties: Iterable[str],
    languages: Iterable[str],
    matters: Iterable[str],
    day: date,
) -> tuple[tuple[str, str, str], ...]:
    """County, language and matter for which nobody authorised of that county speaks the language, in the order given.

    Another variant of a language's group does not count: its speakers may not understand each other.
    """
    wanted, spoken = tuple(languages), tuple(matters)
    found = []
    for county in counties:
        here = [office for office in offices if county in office.counties]
        for term in spoken:
            level = level_needed(term)
            assert level is not None
            said = {
                code for office in here for one in office.authorised(day, level) for code in one.languages
            }
            found += [
                (county, language, term)
                for language in wanted
                if not any(fit(code, language) is Fit.SAME for code in said)
            ]
    return tuple(found)
