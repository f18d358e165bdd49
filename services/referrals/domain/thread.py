"""Messages between the workers on the two sides of a referral: short, about it, and not for long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import AFTER_CLOSURE
from services.referrals.domain.lifecycle import UNSENT, Party, State

LONGEST: Final = 2000
#: How many messages are marked as read in one go.
MOST_MARKED: Final = 100

#: The compartments of either side for what its lawyers' privilege covers (R15): no other organisation reaches them.
COMPARTMENT: Final = {
    Party.SENDER: KeyGroup.PRIVILEGED_SENDER,
    Party.RECIPIENT: KeyGroup.PRIVILEGED_RECIPIENT,
}


def problems(text: str) -> dict[str, str]:
    """What is wrong with a message, by field."""
    if not 1 <= len(text.strip()) <= LONGEST:
        return {"text": f"must have 1 to {LONGEST} characters"}
    return {}


def expires_at(written: datetime, kept_days: int) -> datetime:
    """When a message is deleted."""
    return written + timedelta(days=kept_days)


def is_over(state: State, ended_at: datetime | None, now: datetime) -> bool:
    """Whether the two sides have nothing more to say about a referral: it was not sent, or ended long ago (R6)."""
    return state in UNSENT or (ended_at is not None and now > ended_at + AFTER_CLOSURE)
