"""What can be taken on in immigration law, by whom, and what if (DOMAIN 4.6): the rule, without a database."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.legal_capacity import (
    MATTERS,
    Addition,
    Office,
    Person,
    Standing,
    deserts,
    loss,
    per_100k,
    standing,
    with_others,
    without,
)
from services.partners.domain.populations import REGION, STATED, Population, population_problems
from services.partners.domain.practice import (
    PRODUCTIVE_SHARE,
    Credential,
    Recognised,
    Staff,
    hours_per_case,
    level_needed,
)
from services.partners.domain.terms import AccreditationLevel, CredentialStatus, PractitionerRole

DAY: Final = date(2027, 5, 3)
ROLES: Final = (PractitionerRole.ATTORNEY, PractitionerRole.PARTIAL_REP, PractitionerRole.FULL_REP)
LEVELS: Final = {
    PractitionerRole.PARTIAL_REP: AccreditationLevel.PARTIAL,
    PractitionerRole.FULL_REP: AccreditationLevel.FULL,
}
RECOGNISED: Final = Recognised(CredentialStatus.ACTIVE, date(2020, 1, 1), date(2040, 1, 1), False)
ACTIVE: Final = CredentialStatus.ACTIVE


def accredited(level: AccreditationLevel, until: date = date(2035, 1, 1)) -> Credential:
    return Credential(ACTIVE, date(2024, 1, 1), until, False, level)


def person(number: int, role: PractitionerRole, hours: int = 30, until: date = date(2035, 1, 1)) -> Person:
    held = (accredited(LEVELS[role], until),) if role in LEVELS else ()
    return Person(UUID(int=number), Staff(role, held, hours), ("spa",))


def office(number: int, *people: Person, county: str = "06019") -> Office:
    return Office(UUID(int=number), frozenset({county}), (RECOGNISED,), people)


#: The organisation of the plan of 2014: nine representatives, and one attorney part of the time.
REGION_OF_2014: Final = (
    office(
        1,
        *(person(number, PractitionerRole.PARTIAL_REP) for number in range(7)),
        *(person(number, PractitionerRole.FULL_REP) for number in range(7, 9)),
        person(9, PractitionerRole.ATTORNEY, 20),
    ),
)


def test_nine_representatives_and_a_part_time_attorney_take_on_so_much() -> None:
    found = standing(REGION_OF_2014, DAY)

    assert (found.representatives, found.partial, found.full, found.attorneys) == (9, 7, 2, 1)
    assert (found.weekly_hours, found.full_time) == (290, 7.25)
    by_term = {one.term: (one.authorised, one.weekly_hours, one.places) for one in found.matters}
    assert by_term["legal.immigration.daca_renewal"] == (10, 290, 58)  # floor(290 x 0.6 / 3)
    assert by_term["legal.immigration.asylum"] == (3, 80, 1)  # before the courts: floor(80 x 0.6 / 40)
    assert per_100k(found.representatives, STATED[REGION].immigrants) == 1.0


def test_two_more_representatives_and_an_attorney_of_twenty_hours() -> None:
    before = standing(REGION_OF_2014, DAY)
    additions = [
        Addition(UUID(int=1), PractitionerRole.PARTIAL_REP, 2, 30),
        Addition(None, PractitionerRole.ATTORNEY, 1, 20),
    ]

    after = standing(with_others(REGION_OF_2014, additions), DAY)

    assert (after.representatives - before.representatives, after.attorneys - before.attorneys) == (2, 1)
    assert after.weekly_hours - before.weekly_hours == 80
    assert after.places()["legal.immigration.daca_renewal"] == 70 + 4  # each office's own floor
    assert (
        after.places()["legal.immigration.asylum"] == 1
    )  # the two may not; the attorney's 20 hours are not enough


def test_where_one_representative_lapses_hours_go_and_matters_that_nobody_else_may_take() -> None:
    only = office(2, person(1, PractitionerRole.PARTIAL_REP, 20), person(2, PractitionerRole.FULL_REP, 40))
    before = standing([only], DAY)

    partial, full = (loss(before, standing(without([only], UUID(int=n)), DAY)) for n in (1, 2))

    assert (partial.weekly_hours, partial.left_with_nobody) == (20, ())
    assert dict(partial.places)["legal.immigration.daca_renewal"] == 4
    assert (full.weekly_hours, full.left_with_nobody) == (40, ("legal.immigration.asylum",))


def test_who_has_left_or_has_not_begun_is_not_there() -> None:
    staff = Staff(PractitionerRole.ATTORNEY, (), 30, date(2027, 1, 1), date(2027, 6, 30))
    one = office(3, Person(UUID(int=1), staff))

    days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 6, 30), date(2027, 7, 1))
    assert [standing([one], day).attorneys for day in days] == [0, 1, 1, 0]


def test_what_was_ended_counts_in_history_until_it_was() -> None:
    ended = Credential(
        CredentialStatus.TERMINATED,
        date(2024, 1, 1),
        date(2030, 1, 1),
        False,
        AccreditationLevel.PARTIAL,
        ended_on=date(2026, 3, 1),
    )
    unknown = Credential(
        CredentialStatus.TERMINATED, date(2024, 1, 1), date(2030, 1, 1), False, AccreditationLevel.PARTIAL
    )

    assert [ended.valid_on(date(2026, 2, 28)), ended.valid_on(date(2026, 3, 1))] == [True, False]
    assert not unknown.valid_on(date(2025, 1, 1))


def test_a_workshops_hours_of_the_week_are_taken() -> None:
    busy = Office(
        UUID(int=4), frozenset(), (), (person(1, PractitionerRole.ATTORNEY, 40),), reserved_hours=10.0
    )

    free = standing([Office(UUID(int=4), people=busy.people)], DAY)

    assert free.places()["legal.immigration.daca_renewal"] == 8
    assert standing([busy], DAY).places()["legal.immigration.daca_renewal"] == 6


@st.composite
def offices(draw: st.DrawFn) -> tuple[Office, ...]:
    def made(number: int) -> Office:
        people = tuple(
            person(
                100 * number + one,
                draw(st.sampled_from(ROLES)),
                draw(st.integers(0, 45)),
                DAY + timedelta(days=draw(st.integers(-3, 3))),
            )
            for one in range(draw(st.integers(0, 3)))
        )
        recognitions = draw(st.sampled_from([(), (RECOGNISED,)]))
        reserved = float(draw(st.integers(0, 20)))
        return Office(UUID(int=number + 1), frozenset({"06019"}), recognitions, people, reserved)

    return tuple(made(number) for number in range(draw(st.integers(0, 4))))


def plainly(given_offices: tuple[Office, ...], term: str) -> int:
    """The formula of DOMAIN 4.6, said once more."""
    total = 0
    for one in given_offices:
        hours = 0
        for who in one.people:
            staff = who.staff
            enough = {level_needed(term), AccreditationLevel.FULL}
            may = staff.role is PractitionerRole.ATTORNEY or (
                bool(one.recognitions)
                and any(c.granted_on <= DAY <= c.expires_on and c.level in enough for c in staff.credentials)
            )
            hours += staff.weekly_hours if may else 0
        each = hours_per_case(term)
        taken = math.ceil(one.reserved_hours * PRODUCTIVE_SHARE / each)
        total += max(0, math.floor(hours * PRODUCTIVE_SHARE / each) - taken)
    return total


@given(offices())
def test_places_are_what_the_formula_says(given_offices: tuple[Office, ...]) -> None:
    assert standing(given_offices, DAY).places() == {term: plainly(given_offices, term) for term in MATTERS}


@given(offices(), st.sampled_from(ROLES), st.integers(1, 3), st.integers(1, 40))
def test_more_people_are_never_less_and_nobody_fewer_is_never_more(
    given_offices: tuple[Office, ...], role: PractitionerRole, people: int, hours: int
) -> None:
    before = standing(given_offices, DAY)
    after = standing(with_others(given_offices, [Addition(None, role, people, hours)]), DAY)

    def at_least(one: Standing, other: Standing) -> bool:
        return one.weekly_hours >= other.weekly_hours and all(
            one.places()[term] >= other.places()[term] for term in MATTERS
        )

    assert at_least(after, before)
    assert after.weekly_hours == before.weekly_hours + people * hours
    for one in (who for bureau in given_offices for who in bureau.people):
        assert one.id is not None
        assert at_least(before, standing(without(given_offices, one.id), DAY))


@given(offices())
def test_together_is_the_sum_of_each(given_offices: tuple[Office, ...]) -> None:
    each = [standing([one], DAY) for one in given_offices]
    found = standing(given_offices, DAY)

    assert found.weekly_hours == sum(one.weekly_hours for one in each)
    assert found.places() == {term: sum(one.places()[term] for one in each) for term in MATTERS}


def test_a_desert_is_where_nobody_authorised_speaks_the_language() -> None:
    speaks = Person(UUID(int=1), Staff(PractitionerRole.ATTORNEY, (), 10), ("spa", "mxb"))
    lapsed = person(2, PractitionerRole.PARTIAL_REP, until=DAY - timedelta(days=1))
    fresno = Office(UUID(int=1), frozenset({"06019"}), (RECOGNISED,), (speaks,))
    kern = Office(UUID(int=2), frozenset({"06029"}), (RECOGNISED,), (lapsed,))
    asked = (("06019", "06029"), ("spa", "mxb", "mxt"), ("legal.immigration.family",))

    found = deserts((fresno, kern), *asked, DAY)

    assert [(county, language) for county, language, _ in found] == [
        ("06019", "mxt"),  # another Mixtec than the one that is spoken there
        ("06029", "spa"),
        ("06029", "mxb"),
        ("06029", "mxt"),
    ]


def test_a_population_has_a_source_and_a_year_that_has_been() -> None:
    assert population_problems(Population(90_000, 2020, "American Community Survey"), 2027) == {}
    wrong = population_problems(Population(0, 2028, " "), 2027)
    assert wrong.keys() == {"immigrants", "year", "source"}
