"""When a cohort meets: rules of RFC 5545, local time, holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grants.domain.scheduling import LOCAL_TIME, MOST_SESSIONS, RuleError, occurrences

FALL = date(2026, 9, 1), date(2027, 3, 1)  # over the end of summer time, on 1 November


def local(moment: datetime) -> tuple[date, time]:
    there = moment.astimezone(LOCAL_TIME)
    return there.date(), there.time()


def test_a_weekly_course_is_at_the_same_local_hour_in_summer_and_in_winter() -> None:
    found = occurrences("FREQ=WEEKLY;BYDAY=TU", *FALL, time(18))

    assert len(found) == 26
    assert {local(one)[1] for one in found} == {time(18)}
    assert {one.hour for one in found} == {1, 2}  # UTC, the day after
    assert (found[0], local(found[-1])[0]) == (datetime(2026, 9, 2, 1, tzinfo=UTC), date(2027, 2, 23))


def test_holidays_are_left_out_and_what_is_counted_counts_them() -> None:
    thanksgiving = date(2026, 11, 26)

    found = occurrences("FREQ=WEEKLY;BYDAY=TH;COUNT=14", *FALL, time(18), {thanksgiving})

    assert len(found) == 13
    assert thanksgiving not in {local(one)[0] for one in found}


def test_a_rule_that_ends_on_a_day_includes_that_day() -> None:
    found = occurrences("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260915", *FALL, time(18))

    assert [local(one)[0].day for one in found] == [1, 8, 15]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "text",
        "FREQ=SECONDLY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=3;COUNT=4",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20261001",
        "FREQ=WEEKLY;UNTIL=20260231",
        "FREQ=WEEKLY;UNTIL=20200101",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1TU",
        "BYDAY=TU",
        "DTSTART:20260901T000000\nFREQ=WEEKLY",
    ],
)
def test_other_rules_are_refused_in_words_that_repeat_nothing(rule: str) -> None:
    with pytest.raises(RuleError) as refused:
        occurrences(rule, *FALL, time(18))

    assert not rule or rule not in str(refused.value)


def test_a_rule_does_not_make_more_sessions_than_a_course_can_have() -> None:
    with pytest.raises(RuleError, match=str(MOST_SESSIONS)):
        occurrences("FREQ=DAILY", date(2026, 1, 1), date(2026, 12, 31), time(9))


@given(
    first=st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    length=st.integers(1, 190),
    interval=st.integers(1, 4),
    at=st.times(),
    days=st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1),
    off=st.sets(st.integers(0, 190)),
)
def test_sessions_are_in_order_within_the_cohorts_dates_on_the_days_of_the_rule(
    first: date, length: int, interval: int, at: time, days: set[str], off: set[int]
) -> None:
    last, without = first + timedelta(days=length), {first + timedelta(days=one) for one in off}
    rule = f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(sorted(days))}"

    try:
        found = occurrences(rule, first, last, at, without)
    except RuleError:
        return

    assert list(found) == sorted(set(found))
    for one in found:
        day = one.astimezone(LOCAL_TIME).date()
        assert first <= day <= last
        assert day not in without
        assert day.strftime("%a")[:2].upper() in days
