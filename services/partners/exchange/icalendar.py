"""The announced workshops as an iCalendar feed (RFC 5545): for people's own calendars, with nothing of clients in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from services.partners.domain.terms import Visibility, WorkshopStatus
from services.partners.models import Location, Organization, Workshop
from services.partners.operations.calendar import REGION_TIME
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.ids import new_id

#: RFC 5545 §3.8.1.11. A workshop that is only planned is its partners' business.
STATUS: Final = {
    WorkshopStatus.PUBLISHED: "CONFIRMED",
    WorkshopStatus.HELD: "CONFIRMED",
    WorkshopStatus.CANCELLED: "CANCELLED",
}
#: More octets than these, without the break, are folded (§3.1).
_LINE_OCTETS: Final = 75
_ZONE: Final = (
    "BEGIN:VTIMEZONE",
    f"TZID:{REGION_TIME.key}",
    "BEGIN:DAYLIGHT",
    "DTSTART:20070311T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
    "TZOFFSETFROM:-0800",
    "TZOFFSETTO:-0700",
    "TZNAME:PDT",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:20071104T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    "TZOFFSETFROM:-0700",
    "TZOFFSETTO:-0800",
    "TZNAME:PST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One workshop. `place`: as public as its location is (R17). `sequence` grows with every change."""

    id: UUID
    title: str
    host: str
    place: str | None
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    status: WorkshopStatus
    sequence: int


def feed(entries: Iterable[Entry]) -> str:
    """The whole calendar: lines end with CRLF and are folded (§3.1), times are those of the region (§3.6.5)."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Vereda//Workshops//EN",
        "CALSCALE:GREGORIAN",
        *_ZONE,
    ]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


async def announced(database: Database) -> list[Entry]:
    """Those that are in the feed, the earliest first, as an organisation that owns none of them sees them."""
    stranger = Caller("ics-export", new_id(), frozenset({Scope.DIRECTORY_READ.value}))
    async with database.transaction(stranger, read_only=True) as session:
        rows = await session.execute(
            select(Workshop, Organization.name, Location)
            .join(Organization, Organization.id == Workshop.organization_id)
            .outerjoin(Location, Location.id == Workshop.location_id)
            .where(Workshop.status.in_(STATUS))
            .order_by(Workshop.starts_at, Workshop.id)
        )
        return [
            Entry(
                id=row.id,
                title=row.title,
                host=host,
                place=_place(location),
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                changed_at=row.updated_at,
                status=row.status,
                sequence=row.version - 1,
            )
            for row, host, location in rows
        ]


def _event(entry: Entry) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.id}",
        f"DTSTAMP:{entry.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{entry.sequence}",
        f"STATUS:{STATUS[entry.status]}",
        f"SUMMARY:{_text(entry.title)}",
        f"DESCRIPTION:{_text(entry.host)}",
        f"DTSTART;TZID={REGION_TIME.key}:{_local(entry.starts_at)}",
        f"DTEND;TZID={REGION_TIME.key}:{_local(entry.ends_at)}",
    ]
    if entry.place:
        lines.append(f"LOCATION:{_text(entry.place)}")
    return [*lines, "END:VEVENT"]


def _place(location: Location | None) -> str | None:
    """A place that is not for everybody is told by its town alone."""
    if location is None:
        return None
    name = location.name if location.visibility is Visibility.PUBLIC else None
    return ", ".join(part for part in (name, location.city) if part) or None


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(REGION_TIME):%Y%m%dT%H%M%S}"


def _text(value: str) -> str:
    """§3.3.11. Control characters have no place in a calendar, and a break in a title is one of its words'."""
    for raw, escaped in (
        ("\\", "\\\\"),
        (";", "\\;"),
        (",", "\\,"),
        ("\r\n", "\n"),
        ("\r", "\n"),
        ("\n", "\\n"),
    ):
        value = value.replace(raw, escaped)
    return "".join(character for character in value if character >= " " and character != "\x7f")


def _folded(line: str) -> Iterator[str]:
    """Parts of at most 75 octets; no character is cut in two, and each part but the first begins with a space."""
    part = ""
    for character in line:
        if len((part + character).encode()) > _LINE_OCTETS:
            yield part
            part = " "
        part += character
    yield part
