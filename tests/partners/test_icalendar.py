"""The feed of announced workshops, read back strictly by RFC 5545."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.terms import Visibility, WorkshopStatus
from services.partners.exchange.icalendar import Entry, announced, feed
from services.partners.models import Workshop
from tests.support.directory import Directory
from vereda.caller import system_caller
from vereda.ids import new_id

_LINE: Final = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^;:,]+)*):(.*)")
_ESCAPED: Final = re.compile(r"\\(.)")
_WHEN: Final = datetime(2026, 7, 4, 17, tzinfo=UTC)
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=120)


def entry(**more: Any) -> Entry:
    given: dict[str, Any] = {
        "id": new_id(),
        "title": "DACA day",
        "host": "Ayuda",
        "place": "Library, Fresno",
        "starts_at": _WHEN,
        "ends_at": _WHEN + timedelta(hours=4),
        "changed_at": _WHEN - timedelta(days=9),
        "status": WorkshopStatus.PUBLISHED,
        "sequence": 0,
    }
    return Entry(**(given | more))


def read(text: str) -> list[dict[str, str]]:
    """The events; fails on any line that RFC 5545 §3.1 does not know."""
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in lines)
    unfolded = "\r\n".join(lines).replace("\r\n ", "").split("\r\n")
    assert (unfolded[0], unfolded[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events: list[dict[str, str]] = []
    within: list[str] = []
    for line in unfolded:
        found = _LINE.fullmatch(line)
        assert found, line
        name, parameters, value = found.groups()
        if name == "BEGIN":
            within.append(value)
            events += [{}] if value == "VEVENT" else []
        elif name == "END":
            assert within.pop() == value
        elif within[-1] == "VEVENT":
            assert name + parameters not in events[-1]
            events[-1][name + parameters] = value
    assert within == []
    return events


@given(_texts, _texts)
def test_any_words_come_back_as_they_went_in(title: str, place: str) -> None:
    [event] = read(feed([entry(title=title, place=place)]))

    def plain(value: str) -> str:
        return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], value)

    assert plain(event["SUMMARY"]) == title
    assert plain(event.get("LOCATION", "")) == place


@pytest.mark.parametrize("month", range(1, 13))
def test_times_are_the_regions_and_its_zone_is_told_in_the_file(month: int) -> None:
    starts = datetime(2027, month, 9, 2, tzinfo=UTC)
    text = feed([entry(starts_at=starts)])

    [event] = read(text)
    zone = tz.tzical(io.StringIO(text[: text.index("BEGIN:VEVENT")] + "END:VCALENDAR\r\n")).get(
        "America/Los_Angeles"
    )

    local = datetime.strptime(event["DTSTART;TZID=America/Los_Angeles"], "%Y%m%dT%H%M%S")
    assert local.replace(tzinfo=zone).astimezone(UTC) == starts


@pytest.mark.parametrize(
    ("status", "told"), [(WorkshopStatus.PUBLISHED, "CONFIRMED"), (WorkshopStatus.CANCELLED, "CANCELLED")]
)
def test_status_and_sequence_tell_what_changed(status: WorkshopStatus, told: str) -> None:
    given = entry(status=status, sequence=3)

    [event] = read(feed([given]))

    assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (str(given.id), told, "3")
    assert event["DTSTAMP"] == "20260625T170000Z"


async def test_r17_the_feed_holds_what_was_announced_and_no_place_that_is_not_for_all(
    directory: Directory,
) -> None:
    host = await directory.organization("Ayuda")
    hidden = await directory.location(host.id, "93721", Visibility.PARTNERS)
    open_ = await directory.location(host.id, "93721")
    made = {}
    for name, status, where in (
        ("open", WorkshopStatus.PUBLISHED, open_),
        ("hidden", WorkshopStatus.CANCELLED, hidden),
        ("planned", WorkshopStatus.PLANNED, open_),
    ):
        row = Workshop(
            id=new_id(),
            organization_id=host.id,
            title=name,
            location_id=where.id,
            county_fips="06019",
            term_codes=["legal.housing"],
            languages=[],
            starts_at=_WHEN,
            ends_at=_WHEN + timedelta(hours=1),
            capacity=9,
            practitioner_ids=[],
            status=status,
        )
        await directory.add(row)
        made[row.id] = name

    found = {made[one.id]: one for one in await announced(directory.database) if one.id in made}

    assert set(found) == {"open", "hidden"}
    assert found["open"].place == f"{open_.name}, {open_.city}"
    assert found["hidden"].place == hidden.city
    assert found["open"].sequence == 0


async def test_a_change_makes_the_next_sequence(directory: Directory) -> None:
    host = await directory.organization("Ayuda")
    row = Workshop(
        id=new_id(),
        organization_id=host.id,
        title="Day",
        county_fips="06019",
        term_codes=["legal.housing"],
        languages=[],
        starts_at=_WHEN,
        ends_at=_WHEN + timedelta(hours=1),
        capacity=9,
        practitioner_ids=[],
        status=WorkshopStatus.PUBLISHED,
    )
    await directory.add(row)
    async with directory.database.transaction(system_caller(host.id)) as session:
        (await session.get_one(Workshop, row.id)).status = WorkshopStatus.CANCELLED

    [found] = [one for one in await announced(directory.database) if one.id == row.id]

    assert (found.sequence, found.status) == (1, WorkshopStatus.CANCELLED)
