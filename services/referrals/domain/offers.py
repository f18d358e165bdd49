"""Open offers: a referral without recipient, offered to several organisations, of which one gets it."""

from __future__ import annotations

from enum import StrEnum


class OfferState(StrEnum):
    """Where the offer to one organisation stands."""

    OFFERED = "OFFERED"
    PASSED = "PASSED"
    CLAIMED = "CLAIMED"
    WITHDRAWN = "WITHDRAWN"
