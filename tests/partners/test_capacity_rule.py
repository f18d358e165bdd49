"""Room (DOMAIN 4.6): worked out from hours, reported for a time, inferred from declines, and never silently "yes"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.partners.domain.capacity import (
    INFERRED_FOR,
    CapacitySource,
    CapacityStatus,
    Room,
    derived,
    expires_at,
    open_places,
    room_now,
    week_of,
)
from services.partners.domain.terms import Sensitivity
from tests.partners.matching import NOW, room

_hours = st.floats(0, 400)
_cases = st.sampled_from((1.0, 3.0, 8.0, 40.0))
_few = st.integers(0, 30)
ROOMS: Final = st.none() | st.builds(
    room,
    status=st.sampled_from(CapacityStatus),
    days_old=st.floats(0, 30),
    available=st.none() | st.integers(0, 9),
)
DERIVED: Final = st.none() | st.builds(derived, st.integers(0, 9), st.just(NOW))
DECLINED: Final = st.none() | st.floats(0, 20).map(lambda days: NOW - timedelta(days=days))


def test_the_first_worked_example_nine_representatives_and_one_part_time_attorney() -> None:
    """Nine with 30 hours each and one with 20: 290 x 0.6 = 174 hours, 58 DACA renewals a week."""
    assert open_places(9 * 30 + 20, 3.0) == 58
    assert open_places(9 * 30 + 20, 3.0, accepted=50, reserved=5) == 3
    assert open_places(9 * 30 + 20 + 2 * 30, 3.0) == 70  # and two more from an affiliate's application


@settings(deadline=None)
@given(_hours, st.floats(0, 100), _cases, _few, _few, _few)
def test_more_hours_never_make_less_room_and_more_taken_never_more(
    hours: float, more: float, each: float, accepted: int, reserved: int, also: int
) -> None:
    places = open_places(hours, each, accepted=accepted, reserved=reserved)

    assert 0 <= places <= open_places(hours + more, each, accepted=accepted, reserved=reserved)
    assert places >= open_places(hours, each, accepted=accepted + also, reserved=reserved)
    assert places >= open_places(hours, each, accepted=accepted, reserved=reserved + also)
    assert (places + accepted + reserved) * each <= max(hours * 0.6, (accepted + reserved) * each) + 1e-6


@settings(deadline=None)
@given(ROOMS, DERIVED, DECLINED)
def test_room_is_said_to_be_there_only_by_what_holds(
    reported: Room | None, by_hours: Room | None, declined_at: datetime | None
) -> None:
    known = room_now(reported, by_hours, declined_at, NOW)

    if known is None:
        assert reported is None
        assert by_hours is None
    elif known.status is CapacityStatus.CAPACITY:
        assert known.expires_at > NOW
        assert known in (reported, by_hours)
        inferred = declined_at is not None and declined_at + INFERRED_FOR > NOW
        assert not inferred or (declined_at is not None and known.reported_at >= declined_at)


def test_what_has_expired_says_nothing_more() -> None:
    expired = room(days_old=14, available=9)

    known = room_now(expired, None, None, NOW)

    assert known is not None
    assert (known.status, known.reported_at) == (CapacityStatus.UNKNOWN, expired.reported_at)


@pytest.mark.parametrize(
    ("declined_days_ago", "reported_days_ago", "source"),
    [
        (1, 2, CapacitySource.INFERRED_FROM_DECLINES),
        (2, 1, CapacitySource.REPORTED),
        (11, 12, CapacitySource.REPORTED),
        (1, 15, CapacitySource.INFERRED_FROM_DECLINES),
    ],
)
def test_declines_count_for_ten_days_or_until_a_newer_report(
    declined_days_ago: int, reported_days_ago: int, source: CapacitySource
) -> None:
    known = room_now(room(days_old=reported_days_ago), None, NOW - timedelta(days=declined_days_ago), NOW)

    assert known is not None
    assert known.source is source


@pytest.mark.parametrize(
    ("sensitivity", "unit", "days"),
    [
        (Sensitivity.LEGAL, "case", 14),
        (Sensitivity.NORMAL, "case", 14),
        (Sensitivity.NORMAL, "seat", 7),
        (Sensitivity.LEGAL, "seat", 7),
        (Sensitivity.NORMAL, "bed", 3),
        (Sensitivity.SURVIVOR, "case", 3),
        (Sensitivity.SURVIVOR, "seat", 3),
    ],
)
def test_a_report_holds_for_the_shorter_of_what_its_kind_and_its_unit_say(
    sensitivity: Sensitivity, unit: str, days: int
) -> None:
    assert expires_at(sensitivity, NOW, unit) == NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("moment", "begin", "length"),
    [
        ("2026-11-25T18:00Z", "2026-11-23T08:00Z", 168),
        ("2026-11-23T07:59Z", "2026-11-16T08:00Z", 168),  # it is still Sunday in California
        ("2026-10-28T12:00Z", "2026-10-26T07:00Z", 169),  # the week in which the clocks go back
        ("2026-03-08T12:00Z", "2026-03-02T08:00Z", 167),
    ],
)
def test_a_week_begins_on_monday_in_california(moment: Any, begin: Any, length: int) -> None:
    first, last = week_of(datetime.fromisoformat(moment))

    assert first == datetime.fromisoformat(begin)
    assert first.tzinfo is UTC
    assert (last - first).total_seconds() / 3600 == length
