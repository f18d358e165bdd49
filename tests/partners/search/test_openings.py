"""When a service is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.openings import TIME_ZONE, Hours, holidays, is_holiday, openings


def hours(opens: int = 9, closes: int = 17, **more: object) -> Hours:
    return Hours(opens_at=time(opens), closes_at=time(closes), **more)  # type: ignore[arg-type]


def is_open(schedule: Hours, day: date, at: time) -> bool:
    moment = datetime.combine(day, at, TIME_ZONE).astimezone(UTC)
    return any(begin <= moment < end for begin, end in openings([schedule], day - timedelta(days=1), 2))


def test_the_federal_holidays_of_a_year_are_known_by_rule() -> None:
    assert {(d.month, d.day) for d in holidays(2026)} == {
        (1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25),
    }  # fmt: skip
    assert is_holiday(date(2021, 12, 31))  # New Year's Day of 2022 was a Saturday
    assert not is_holiday(date(2022, 1, 1))


@pytest.mark.parametrize(
    ("schedule", "day", "at", "open_then"),
    [
        (hours(freq="WEEKLY", byday="MO,WE"), date(2026, 7, 6), time(9), True),
        (hours(freq="WEEKLY", byday="MO,WE"), date(2026, 7, 6), time(17), False),
        (hours(freq="WEEKLY", byday="MO,WE"), date(2026, 7, 7), time(10), False),
        (hours(byday="TU"), date(2026, 7, 7), time(10), True),  # days alone are of each week
        (hours(freq="WEEKLY", byday="MO"), date(2026, 9, 7), time(10), False),  # Labor Day
        (hours(valid_from=date(2026, 9, 7), valid_to=date(2026, 9, 7)), date(2026, 9, 7), time(10), True),
        (hours(20, 2, freq="DAILY"), date(2026, 7, 7), time(1), True),  # of the evening before
        (hours(freq="MONTHLY", byday="1SA"), date(2026, 8, 1), time(10), True),
        (hours(freq="MONTHLY", byday="1SA"), date(2026, 8, 8), time(10), False),
        (hours(freq="MONTHLY", bymonthday="15"), date(2026, 7, 15), time(10), True),
        (hours(freq="WEEKLY", byday="MO", interval=2, valid_from=date(2026, 7, 6)), date(2026, 7, 13), time(10), False),
        (hours(freq="WEEKLY", byday="MO", interval=2, valid_from=date(2026, 7, 6)), date(2026, 7, 20), time(10), True),
        (hours(freq="WEEKLY", byday="MO", valid_to=date(2026, 7, 1)), date(2026, 7, 6), time(10), False),
        (hours(freq="SECONDLY"), date(2026, 7, 6), time(10), False),
        (hours(freq="WEEKLY", byday="Mondays"), date(2026, 7, 6), time(10), False),
        (Hours(opens_at=None, closes_at=time(17), freq="DAILY"), date(2026, 7, 6), time(10), False),
    ],
)  # fmt: skip
def test_hours_are_read_as_hsds_writes_them(schedule: Hours, day: date, at: time, open_then: bool) -> None:
    assert is_open(schedule, day, at) is open_then


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_nine_in_the_morning_is_nine_in_california_when_the_clocks_change(day: date) -> None:
    ((begin, _),) = openings([hours(freq="DAILY")], day, 1)

    assert begin.astimezone(TIME_ZONE).time() == time(9)


@given(
    st.lists(
        st.builds(
            hours,
            st.integers(0, 23),
            st.integers(0, 23),
            freq=st.sampled_from(["DAILY", "WEEKLY"]),
            byday=st.sampled_from(["MO", "TU,FR", "SA,SU"]),
        ),
        max_size=4,
    ),
    st.dates(date(2025, 1, 1), date(2028, 1, 1)),
)
def test_spans_never_touch_and_never_end_before_they_begin(schedules: list[Hours], first: date) -> None:
    spans = openings(schedules, first, 14)

    assert all(begin < end for begin, end in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
