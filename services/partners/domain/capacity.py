"""Room that a service has: reported, valid for a time, and unknown afterwards; never silently "yes"."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

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


#: How long a report holds, by what kind of service it is about (DOMAIN 4.6).
TIME_TO_LIVE: Final = {
    Sensitivity.LEGAL: timedelta(days=14),
    Sensitivity.SURVIVOR: timedelta(days=3),
}
_ORDINARY: Final = timedelta(days=14)


def expires_at(sensitivity: Sensitivity, reported_at: datetime) -> datetime:
    return reported_at + TIME_TO_LIVE.get(sensitivity, _ORDINARY)


def status_now(reported: CapacityStatus, expires: datetime, now: datetime) -> CapacityStatus:
    """What a report is worth at `now`: an expired one says nothing."""
    return reported if now < expires else CapacityStatus.UNKNOWN
