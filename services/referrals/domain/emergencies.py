"""Breaking the glass (R29): who a client is and how to reach them, for danger to life, for an hour, looked at afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.referrals.domain.consent import DataClass


class Danger(StrEnum):
    """The danger to somebody's life that is stated. There is no other ground."""

    SELF_HARM = "SELF_HARM"
    VIOLENCE = "VIOLENCE"
    MEDICAL = "MEDICAL"
    MISSING = "MISSING"
    DISASTER = "DISASTER"


#: All that it opens.
OPENED: Final = frozenset({DataClass.IDENTITY, DataClass.CONTACT})
#: How long it is open, and within what time it is reviewed.
LASTS: Final = timedelta(hours=1)
REVIEWED_WITHIN: Final = timedelta(hours=72)
REVIEWERS: Final = 2
#: What disclosures under it have for a purpose in the audit: it is none that a client consents to.
PURPOSE: Final = "EMERGENCY"
_SHORTEST, _LONGEST = 20, 1000


def problems(statement: str) -> dict[str, str]:
    """What is wrong with the statement of a danger, by field."""
    if not _SHORTEST <= len(statement.strip()) <= _LONGEST:
        return {"statement": "must have 20 to 1000 characters: whose life is in danger, and how this helps"}
    return {}


def is_open(opened_at: datetime, expires_at: datetime, now: datetime) -> bool:
    return opened_at <= now < expires_at


def is_overdue(opened_at: datetime, reviews: int, now: datetime) -> bool:
    """Whether two people should have looked at it and did not."""
    return reviews < REVIEWERS and now > opened_at + REVIEWED_WITHIN
