"""Room that a service has: reported, worked out, or unknown; never silently "yes" (DOMAIN 4.6)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.partners.domain.practice import PRODUCTIVE_SHARE
from services.partners.domain.terms import Sensitivity


class CapacityStatus(StrEnum):
    """FHIR SDOH Clinical Care capacity codes, and UNKNOWN for what was never reported or has expired."""

    CAPACITY = "CAPACITY"
    NO_CAPACITY = "NO_CAPACITY"
    WAITLIST = "WAITLIST"
    ASSESSMENT_REQUIRED = "ASSESSMENT_REQUIRED"
    UNKNOWN = "UNKNOWN"


class CapacitySource(StrEnum):
    REPORTED = "REPORTED"
    DERIVED_FROM_HOURS = "DERIVED_FROM_HOURS"
    INFERRED_FROM_DECLINES = "INFERRED_FROM_DECLINES"


class CapacityUnit(StrEnum):
    """What is counted, as it is written in the record (HSDS 3.1 unit)."""

    CASE = "case"
    SEAT = "seat"
    BED = "bed"


#: How long a report holds, by what kind of service it is about, and by what it counts: the shorter one.
TIME_TO_LIVE: Final = {
    Sensitivity.LEGAL: timedelta(days=14),
    Sensitivity.SURVIVOR: timedelta(days=3),
}
TIME_TO_LIVE_OF_UNIT: Final = {
    CapacityUnit.SEAT.value: timedelta(days=7),
    CapacityUnit.BED.value: timedelta(days=3),
}
ORDINARY_TIME_TO_LIVE: Final = timedelta(days=14)
#: How long it counts that a provider declined one referral after the other for want of room.
INFERRED_FOR: Final = timedelta(days=10)
_BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much room there is, since when that was true, and until when it is to be believed."""

    status: CapacityStatus
    source: CapacitySource
    reported_at: datetime
    expires_at: datetime
    available: int | None = None
    maximum: int | None = None
    unit: str = CapacityUnit.CASE.value
    estimated_wait_days: int | None = None


def expires_at(
    sensitivity: Sensitivity, reported_at: datetime, unit: str = CapacityUnit.CASE.value
) -> datetime:
    by_kind = TIME_TO_LIVE.get(sensitivity, ORDINARY_TIME_TO_LIVE)
    return reported_at + min(by_kind, TIME_TO_LIVE_OF_UNIT.get(unit, by_kind))


def status_now(reported: CapacityStatus, expires: datetime, now: datetime) -> CapacityStatus:
    """What a report is worth at `now`: an expired one says nothing."""
    return reported if now < expires else CapacityStatus.UNKNOWN


def week_of(now: datetime) -> tuple[datetime, datetime]:
    """From Monday's midnight in California to the next, in UTC: what a week's hours are spent in."""
    local = now.astimezone(_BUSINESS_TIME)
    monday = local.date() - timedelta(days=local.weekday())
    return _midnight(monday), _midnight(monday + timedelta(days=7))


def open_places(hours_a_week: float, hours_per_case: float, *, accepted: int = 0, reserved: int = 0) -> int:
    """How many more matters fit into a week of those who may take them."""
    fitting = math.floor(hours_a_week * PRODUCTIVE_SHARE / hours_per_case)
    return max(0, fitting - accepted - reserved)


def derived(places: int, now: datetime) -> Room:
    """Room by the hours of this week. Acceptances since its beginning are counted where they are known, against
    `available` as of `reported_at`, in the same way as against a report."""
    begin, end = week_of(now)
    status = CapacityStatus.CAPACITY if places else CapacityStatus.NO_CAPACITY
    return Room(
        status=status,
        source=CapacitySource.DERIVED_FROM_HOURS,
        reported_at=begin,
        expires_at=end,
        available=places,
        maximum=places,
    )


def room_now(
    reported: Room | None, by_hours: Room | None, declined_at: datetime | None, now: datetime
) -> Room | None:
    """What there is to say of a service's room at `now`; None where there never was anything.

    A report goes before what is worked out from hours, until it expires. Who declined three referrals for want of room
    within ten days, the last of them at `declined_at`, has none, whatever stood before; a newer report says otherwise.
    """
    held = reported if reported is not None and now < reported.expires_at else None
    inferred = declined_at is not None and now < declined_at + INFERRED_FOR
    if declined_at is not None and inferred and (held is None or held.reported_at < declined_at):
        return Room(
            status=CapacityStatus.NO_CAPACITY,
            source=CapacitySource.INFERRED_FROM_DECLINES,
            reported_at=declined_at,
            expires_at=declined_at + INFERRED_FOR,
        )
    if held is not None or by_hours is not None:
        return held or by_hours
    return replace(reported, status=CapacityStatus.UNKNOWN) if reported is not None else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _BUSINESS_TIME).astimezone(UTC)
