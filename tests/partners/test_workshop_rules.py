"""Which workshops are in each other's way, and where and when there is room (DOMAIN 4.7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.geography import Point
from services.partners.domain.practice import Credential, Practice, Staff
from services.partners.domain.terms import AccreditationLevel, CredentialStatus, PractitionerRole
from services.partners.domain.workshops import (
    ALTERNATIVES,
    DAYS_APART,
    DAYS_SEARCHED,
    NEAR_MILES,
    ClashKind,
    Gathering,
    Site,
    clash,
    free_days,
    free_places,
    may_publish,
    target,
)

DAY: Final = date(2027, 5, 1)
FRESNO: Final = Point(36.73, -119.78)
DACA: Final = "legal.immigration.daca_renewal"


def site(miles_north: float = 0.0, county: str = "06019") -> Site:
    return Site(county, Point(FRESNO.latitude + miles_north / 69.1, FRESNO.longitude))


def gathering(days_later: int = 0, **more: Any) -> Gathering:
    day = DAY + timedelta(days=days_later)
    given: dict[str, Any] = {"first": day, "last": day, "site": site(), "terms": frozenset({DACA})}
    return Gathering(**(given | more))


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        (gathering(), {ClashKind.SAME_AUDIENCE}),
        (gathering(DAYS_APART), {ClashKind.SAME_AUDIENCE}),
        (gathering(-DAYS_APART), {ClashKind.SAME_AUDIENCE}),
        (gathering(DAYS_APART + 1), set()),
        (gathering(-DAYS_APART - 1), set()),
        (gathering(terms=frozenset({"legal.immigration.naturalization"})), set()),
        (gathering(site=site(24.5, "06039")), {ClashKind.SAME_AUDIENCE}),
        (gathering(site=site(25.5, "06039")), set()),
        (gathering(site=site(60)), {ClashKind.SAME_AUDIENCE}),  # far, and in the same county
        (gathering(site=Site("06039")), set()),  # nobody knows how far
        (gathering(site=site(90, "06029"), languages=frozenset({"eng", "spa"})), set()),
        (
            gathering(site=site(90, "06029"), languages=frozenset({"spa", "mxt"})),
            {ClashKind.SAME_LANGUAGE_TEAM},
        ),
        (gathering(3, languages=frozenset({"mxt"})), set()),
        (gathering(languages=frozenset({"mxt"})), set(ClashKind)),
    ],
)
def test_a_clash_is_near_in_time_and_for_the_same_people_or_with_the_same_interpreters(
    other: Gathering, kinds: set[ClashKind]
) -> None:
    wish = gathering(languages=frozenset({"eng", "spa", "mxt"}))

    assert clash(wish, other) == kinds


_sites = st.builds(site, st.floats(-90, 90), st.sampled_from(["06019", "06029", "06039"])) | st.just(
    Site("06019")
)


@st.composite
def gatherings(draw: st.DrawFn) -> Gathering:
    first = DAY + timedelta(days=draw(st.integers(-40, 40)))
    return Gathering(
        first,
        first + timedelta(days=draw(st.integers(0, 2))),
        draw(_sites),
        frozenset(draw(st.sets(st.sampled_from([DACA, "legal.housing"]), min_size=1))),
        frozenset(draw(st.sets(st.sampled_from(["eng", "spa", "mxt", "hmn"])))),
    )


@given(gatherings(), gatherings())
def test_a_clash_is_mutual(one: Gathering, other: Gathering) -> None:
    assert clash(one, other) == clash(other, one)


@given(gatherings(), st.integers(-9, 9))
def test_moving_both_by_as_many_days_changes_nothing(one: Gathering, days: int) -> None:
    other = gathering(languages=frozenset({"hmn"}))
    step = timedelta(days=days)

    moved = clash(one.moved_to(one.first + step), other.moved_to(other.first + step))

    assert moved == clash(one, other)


@given(gatherings(), st.lists(gatherings(), max_size=12), st.integers(-30, 30))
def test_free_days_are_free_ahead_and_the_nearest(
    wish: Gathering, others: list[Gathering], days_from_today: int
) -> None:
    today = DAY + timedelta(days=days_from_today)
    found = free_days(wish, others, today)

    def free(day: date) -> bool:
        return not any(clash(wish.moved_to(day), other) for other in others)

    farthest = max((abs((day - wish.first).days) for day in found), default=0)
    bound = DAYS_SEARCHED if len(found) < ALTERNATIVES else farthest - 1
    nearer = {wish.first + timedelta(days=n) for n in range(-bound, bound + 1) if n}
    assert all(free(day) and day > today for day in found)
    assert [abs((d - wish.first).days) for d in found] == sorted(abs((d - wish.first).days) for d in found)
    assert {day for day in nearer if day > today and free(day)} <= set(found)


@given(gatherings(), st.lists(gatherings(), max_size=12), st.lists(_sites, max_size=9))
def test_free_places_are_the_first_that_clash_with_nothing(
    wish: Gathering, others: list[Gathering], sites: list[Site]
) -> None:
    def free(where: Site) -> bool:
        moved = Gathering(wish.first, wish.last, where, wish.terms, wish.languages)
        return not any(clash(moved, other) for other in others)

    expected = [number for number, where in enumerate(sites) if free(where)][:ALTERNATIVES]
    assert list(free_places(wish, others, enumerate(sites))) == expected


def test_no_place_helps_where_the_interpreters_are_elsewhere() -> None:
    wish = gathering(languages=frozenset({"mxt"}))
    other = gathering(
        site=site(90, "06029"), languages=frozenset({"mxt"}), terms=frozenset({"legal.housing"})
    )

    assert free_places(wish, [other], [("far", site(-90, "06107"))]) == ()


@pytest.mark.parametrize(
    ("yearly", "last", "aim"),
    [
        (100, date(2027, 12, 31), 100),
        (4, date(2027, 12, 31), 4),
        (4, date(2027, 3, 31), 1),
        (100, date(2027, 1, 1), 1),
    ],
)
def test_a_targets_share_is_that_of_the_days_rounded_up(yearly: int, last: date, aim: int) -> None:
    assert target(yearly, date(2027, 1, 1), last) == aim


def test_near_is_within_25_miles() -> None:
    assert NEAR_MILES == 25.0


_roles = st.sampled_from(
    [PractitionerRole.ATTORNEY, PractitionerRole.PARTIAL_REP, PractitionerRole.NAVIGATOR]
)
_terms_of_a_day = st.sets(
    st.sampled_from([DACA, "legal.immigration.asylum", "legal.housing", "education.esl"]), min_size=1
)


@st.composite
def _credentials(draw: st.DrawFn) -> Credential:
    begun = DAY + timedelta(days=draw(st.integers(-20, 4)))
    return Credential(
        draw(st.sampled_from([CredentialStatus.ACTIVE, CredentialStatus.TERMINATED])),
        begun,
        begun + timedelta(days=draw(st.integers(0, 25))),
        draw(st.booleans()),
        draw(st.sampled_from(AccreditationLevel)),
    )


@given(
    _roles,
    st.lists(_credentials(), max_size=2),
    st.lists(_credentials(), max_size=2),
    _terms_of_a_day,
    st.integers(0, 3),
)
def test_legal_help_is_announced_only_with_somebody_who_may_give_all_of_it_on_each_day(
    role: PractitionerRole,
    held: list[Credential],
    recognitions: list[Credential],
    terms: set[str],
    more_days: int,
) -> None:
    """What the guard lets through is what the law as we read it lets through, said here once more in other words."""
    last = DAY + timedelta(days=more_days)
    days = [DAY + timedelta(days=number) for number in range(more_days + 1)]
    courts = "legal.immigration.asylum" in terms

    def good(one: Credential, day: date) -> bool:
        in_time = one.granted_on <= day and (one.pending_renewal or day <= one.expires_on)
        return one.status is CredentialStatus.ACTIVE and in_time

    accredited = all(
        any(good(one, day) for one in recognitions)
        and any(good(one, day) and (one.level is AccreditationLevel.FULL or not courts) for one in held)
        for day in days
    )
    lawful = (
        terms == {"education.esl"}
        or role is PractitionerRole.ATTORNEY
        or (role is PractitionerRole.PARTIAL_REP and accredited)
    )

    practice = Practice(tuple(recognitions), (Staff(role, tuple(held)),))
    assert may_publish(practice, terms, DAY, last) is lawful
    assert may_publish(Practice(tuple(recognitions)), terms, DAY, last) is (terms == {"education.esl"})
