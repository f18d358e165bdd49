"""Which states of a referral a Task.status stands for: the graph's own table (docs/referral-lifecycle.md), read backwards.

It is written out, because a facade imports no service; a test holds it to the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATES_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "draft": ("DRAFT", "AWAITING_CONSENT"),
    "requested": ("SENT", "CONFLICT_CHECK", "IN_REVIEW", "INFO_REQUESTED", "REDIRECT_OFFERED"),
    "accepted": ("ACCEPTED",),
    "in-progress": ("SCHEDULED", "IN_SERVICE"),
    "on-hold": ("WAITLISTED", "ON_HOLD"),
    "completed": ("COMPLETED",),
    "failed": ("NOT_COMPLETED", "UNREACHABLE"),
    "rejected": ("DECLINED",),
    "cancelled": ("CANCELLED", "EXPIRED", "REDIRECTED", "REVOKED"),
    "entered-in-error": ("VOID",),
}
