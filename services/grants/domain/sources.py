"""Where money comes from, and what may be done with it (DOMAIN 4.9, section 1 rows 12 and 12b). Amounts are whole cents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.grants.domain.applications import Side


class DeliverableState(StrEnum):
    DUE = "DUE"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"


class DeliverableMoveName(StrEnum):
    SUBMIT = "SUBMIT"
    ACCEPT = "ACCEPT"
    SEND_BACK = "SEND_BACK"


@dataclass(frozen=True, slots=True)
class DeliverableMove:
    """One row: by this move, from this state to that one, by that side; APPLICANT is who owes it."""

    name: DeliverableMoveName
    frm: DeliverableState
    to: DeliverableState
    by: Side


_S, _M = DeliverableState, DeliverableMoveName
DELIVERABLE_LIFE: Final = {
    row.name: row
    for row in (
        DeliverableMove(_M.SUBMIT, _S.DUE, _S.SUBMITTED, Side.APPLICANT),
        DeliverableMove(_M.ACCEPT, _S.SUBMITTED, _S.ACCEPTED, Side.FUNDER),
        DeliverableMove(_M.SEND_BACK, _S.SUBMITTED, _S.DUE, Side.FUNDER),
    )
}


def left_for_others(total_cents: int, pass_through_percent: int) -> int:
    """What of a source may be used for anything but grants to people, so that its percentage can still be kept."""
    return total_cents * (100 - pass_through_percent) // 100


def pass_through_reached(total_cents: int, pass_through_percent: int, granted_cents: int) -> bool:
    """Whether so much of the source is in rounds for people as it demands."""
    return granted_cents * 100 >= total_cents * pass_through_percent
