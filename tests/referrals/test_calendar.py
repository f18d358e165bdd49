"""Business days and hours, as properties and by the calendar on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.calendar import (
    FEDERAL,
    Calendar,
    EndlessHolidayError,
    business_days,
    business_hours,
    days,
    federal_holidays,
)
from services.referrals.domain.clocks import DEFAULTS, Limits, Urgency, bells, next_bell, problems, rung_by
from services.referrals.domain.lifecycle import Loop, State

PACIFIC = ZoneInfo("America/Los_Angeles")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


@pytest.mark.parametrize(
    ("since", "span", "until"),
    [
        ("2026-11-20T15:00", business_days(2), "2026-11-24T15:00"),  # over a weekend
        ("2026-11-25T15:00", business_days(1), "2026-11-27T15:00"),  # over Thanksgiving
        (
            "2026-07-02T10:00",
            business_days(1),
            "2026-07-06T10:00",
        ),  # 4 July is a Saturday, observed on Friday
        ("2027-12-30T10:00", business_days(1), "2028-01-03T10:00"),  # New Year's Day observed on 31 December
        ("2026-11-20T16:00", business_hours(4), "2026-11-23T11:00"),
        ("2026-11-21T16:00", business_hours(4), "2026-11-23T12:00"),  # begun on a Saturday
        ("2026-03-06T12:00", business_days(1), "2026-03-09T12:00"),  # the clocks change in between
        ("2026-03-06T12:00", days(30), "2026-04-05T12:00"),
    ],
)
def test_spans_by_the_calendar_on_the_wall(since: str, span: object, until: str) -> None:
    assert FEDERAL.after(local(since), span) == local(until)  # type: ignore[arg-type]


def test_an_organisations_own_holidays_and_hours_count_for_it() -> None:
    school = Calendar(frozenset({date(2026, 3, 31)}), opens=time(10), closes=time(14))

    assert school.after(local("2026-03-30T12:00"), business_days(1)) == local("2026-04-01T12:00")
    assert school.after(local("2026-03-30T12:00"), business_hours(4)) == local("2026-04-01T12:00")


@given(moments, st.integers(1, 14))
def test_so_many_business_days_hold_so_many_days_of_work(since: datetime, count: int) -> None:
    until = FEDERAL.after(since, business_days(count))

    assert until > since
    assert FEDERAL.worked(since, until) == timedelta(days=count)


@given(
    moments, st.timedeltas(timedelta(), timedelta(days=12)), st.timedeltas(timedelta(), timedelta(days=20))
)
def test_a_clock_that_was_held_goes_on_where_it_stood(
    since: datetime, ran: timedelta, held: timedelta
) -> None:
    start = FEDERAL.resumed(since, since + ran, since + ran + held)

    assert FEDERAL.worked(start, since + ran + held) == FEDERAL.worked(since, since + ran)


@given(moments, st.sampled_from(list(State)), st.sampled_from(list(Urgency)))
def test_bells_ring_one_after_the_other(since: datetime, state: State, urgency: Urgency) -> None:
    ringing = bells(state, Loop.REPORTED, urgency, DEFAULTS)
    times = [next_bell(FEDERAL, since, ringing, n) for n in range(len(ringing) + 1)]

    at = [one[0] for one in times if one is not None]
    assert at == sorted(at)
    assert times[-1] is None
    assert [rung_by(FEDERAL, since, ringing, one + timedelta(seconds=1)) for one in at] == list(
        range(1, len(at) + 1)
    )


def test_a_calendar_without_a_day_of_work_is_noticed() -> None:
    closed = Calendar(frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(4000)))

    with pytest.raises(EndlessHolidayError):
        closed.after(local("2026-01-05T10:00"), business_days(1))


def test_there_are_eleven_federal_holidays_a_year_or_one_more_where_new_year_moves() -> None:
    assert {len(federal_holidays(year)) for year in range(2020, 2040)} <= {10, 11, 12}
    assert date(2027, 12, 31) in federal_holidays(2027)
    assert date(2026, 6, 19) in federal_holidays(2026)


@pytest.mark.parametrize(
    "wrong",
    [
        Limits(acknowledge_business_days=0),
        Limits(expire_business_days=41),
        Limits(respond_business_days=9, expire_business_days=9),
        Limits(urgent_business_hours=9),
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong: Limits) -> None:
    assert problems(wrong)
    assert problems(DEFAULTS) == {}
