"""Cells: whatever is in them, a value of the right kind comes out, or a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.terms import LocationType, ServiceStatus
from services.partners.exchange import cells

PARSERS = {
    cells.day: date,
    cells.moment: datetime,
    cells.clock: time,
    cells.url: str,
    cells.email: str,
    cells.phone: str,
    cells.age: int,
    cells.year: int,
    cells.latitude: float,
    cells.longitude: float,
    cells.status: ServiceStatus,
    cells.location_type: LocationType,
    cells.frequency: str,
    cells.weekdays: str,
    cells.country: str,
    cells.language: str,
}
_DIRTY = st.one_of(
    st.text(min_size=1),
    st.text("0123456789:-/+. apmAPMTZ", min_size=1, max_size=20),
    st.text("htps:/.w@[]?#%", min_size=1, max_size=20),
)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: getattr(p, "__name__", "parser"))
@given(raw=_DIRTY)
def test_a_cell_is_a_value_or_a_reason_and_never_a_crash(parser: Any, raw: str) -> None:
    found = reason = None
    try:
        found = parser(raw)
    except cells.UnreadableError as error:
        reason = str(error)

    assert reason or isinstance(found.value, PARSERS[parser])  # type: ignore[union-attr]
    assert len(raw.strip()) < 12 or raw.strip() not in (reason or "")


@given(st.dates(min_value=date(1800, 1, 1)))
def test_dates_are_read_as_written(value: date) -> None:
    assert cells.day(value.isoformat()) == cells.Read(value)
    assert cells.day(f"{value.isoformat()}T10:00:00Z").value == value
    assert cells.day(f"{value:%B %d, %Y}").value == value
    assert cells.day(f"{value:%m/%d/%Y}").value == value


@given(st.times().map(lambda t: t.replace(microsecond=0, second=0)))
def test_times_are_read_as_written(value: time) -> None:
    assert cells.clock(value.isoformat()).value == value
    assert cells.clock(f"{value:%H:%M}").value == value
    assert cells.clock(f"{value:%I:%M %p}").value == value
    assert cells.clock(f"{value:%H:%M}Z").note is not None


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.timezones()
    ).map(lambda t: t.replace(microsecond=0, fold=0))
)
def test_moments_keep_their_instant(value: datetime) -> None:
    written = value.isoformat()
    if value.utcoffset() is None or value.utcoffset().total_seconds() % 60:  # type: ignore[union-attr]
        return
    assert cells.moment(written).value == datetime.fromisoformat(written).astimezone(UTC)


@given(st.floats(-90, 90))
def test_degrees_are_read_as_written(value: float) -> None:
    assert cells.latitude(repr(value)).value == value


@given(st.text())
def test_cleaned_text_can_be_stored(raw: str) -> None:
    found = cells.clean(raw)

    found.encode()
    assert "\0" not in found
    assert cells.clean(found) == found


@pytest.mark.parametrize(
    ("parser", "raw", "value"),
    [
        (cells.clock, "9am", time(9)),
        (cells.clock, "12 a.m.", time(0)),
        (cells.clock, "4:00 PM", time(16)),
        (cells.day, "12/24/15", date(2015, 12, 24)),
        (cells.url, "www.bals.org", "http://www.bals.org"),
        (cells.status, "Temporarily Closed", ServiceStatus.TEMPORARILY_CLOSED),
        (cells.status, "who knows", ServiceStatus.INACTIVE),
        (cells.weekdays, "Monday", "MO"),
        (cells.weekdays, "1MO,-1fr", "1MO,-1FR"),
        (cells.year, "January 01, 1970", 1970),
        (cells.language, "ur", "urd"),
        (cells.language, "Spanish", "spa"),
        (cells.language, "es-MX", "spa"),
        (cells.language, "Chinese (Cantonese)", "yue"),
        (cells.country, "usa", "US"),
        (cells.phone, '"+44 1234 234567"', "+44 1234 234567"),
    ],
)
def test_forms_that_packages_use_are_understood(parser: Any, raw: str, value: Any) -> None:
    assert parser(raw).value == value


@pytest.mark.parametrize(
    ("parser", "raw"),
    [
        (cells.clock, "25:00"),
        (cells.clock, "9"),
        (cells.clock, "13pm"),
        (cells.day, "2023-02-30"),
        (cells.day, "January 01, 0001"),
        (cells.url, "javascript:alert(1)"),
        (cells.url, "ftp://example.org"),
        (cells.url, "no address"),
        (cells.email, "a@b"),
        (cells.email, "a@example.org, b@example.org"),
        (cells.latitude, "100"),
        (cells.latitude, "nan"),
        (cells.age, "-1"),
        (cells.age, "999"),
        (cells.phone, "n/a"),
        (cells.weekdays, "everyday"),
        (cells.country, "Mexico"),
        (cells.language, "Klingonese"),
    ],
)
def test_forms_that_mean_nothing_are_told(parser: Any, raw: str) -> None:
    with pytest.raises(cells.UnreadableError):
        parser(raw)
