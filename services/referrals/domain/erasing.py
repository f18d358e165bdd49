"""What becomes of a client who is erased (R22): on what occasion, and what is left of their rows."""

from __future__ import annotations

from enum import StrEnum


class Basis(StrEnum):
    """On what occasion a client is erased."""

    CLIENT_REQUEST = "CLIENT_REQUEST"
    FULL_REVOCATION = "FULL_REVOCATION"
    RETENTION = "RETENTION"


class KeyState(StrEnum):
    """Whether a client's keys are there. Of keys that a legal hold has sealed it says ERASED, too (R24)."""

    ACTIVE = "ACTIVE"
    ERASED = "ERASED"
