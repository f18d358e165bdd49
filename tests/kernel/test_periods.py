"""Months, quarters and years, in California's time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vereda.periods import LONGEST_SERIES, PeriodKind, holding, period, series, settled

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(PeriodKind))
def test_a_moment_is_in_one_period_of_each_kind_which_its_name_finds_again(
    now: datetime, kind: PeriodKind
) -> None:
    found = holding(now, kind)

    assert found.begin <= now < found.end
    assert period(found.name) == found
    assert found.kind is kind
    assert found.before(1).end == found.begin
    assert found.before(-1).begin == found.end


@given(MOMENTS, st.sampled_from(PeriodKind))
def test_a_period_is_made_of_shorter_ones_without_gap_or_overlap(now: datetime, kind: PeriodKind) -> None:
    year = holding(now, PeriodKind.YEAR)

    parts = year.parts(kind)

    assert (parts[0].begin, parts[-1].end) == (year.begin, year.end)
    assert all(one.end == other.begin for one, other in pairwise(parts))


@given(MOMENTS, st.sampled_from(PeriodKind), st.integers(0, 90))
def test_what_is_settled_has_ended_long_enough_ago_and_comes_the_newest_first(
    now: datetime, kind: PeriodKind, days: int
) -> None:
    after = timedelta(days=days)

    found = list(islice(settled(now, kind, after), 3))

    assert all(one.end + after <= now for one in found)
    assert found[0].before(-1).end + after > now
    assert [found[0].before(by) for by in range(3)] == found


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-00", "2026-Q5", "26", "2026-1", "2026-Q3 ", "1999", "", "2026-q3"]
)
def test_what_names_no_period_is_none(name: str) -> None:
    assert period(name) is None


def test_a_quarter_knows_its_days_and_a_series_its_ends() -> None:
    quarter = period("2026-Q3")
    assert quarter is not None
    assert (quarter.first, quarter.last) == (date(2026, 7, 1), date(2026, 9, 30))
    assert [one.name for one in series("2025-Q4", "2026-Q2") or ()] == ["2025-Q4", "2026-Q1", "2026-Q2"]
    assert [one.name for one in series("2026-12", "2027-01") or ()] == ["2026-12", "2027-01"]


@pytest.mark.parametrize(
    ("first", "last"), [("2026", "2026-Q1"), ("2026-02", "2026-01"), ("2020-01", "2023-01"), ("x", "2026")]
)
def test_no_series_is_backwards_mixed_or_endless(first: str, last: str) -> None:
    assert series(first, last) is None
    assert LONGEST_SERIES == 36
