"""Legal holds and demands (R24, R25): who must agree to what. A design, not legal advice: counsel decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """In what part somebody agrees. Two are needed, by two people."""

    COUNSEL = "COUNSEL"
    DIRECTOR = "DIRECTOR"


class HoldReason(StrEnum):
    DEMAND_RECEIVED = "DEMAND_RECEIVED"
    LITIGATION_EXPECTED = "LITIGATION_EXPECTED"
    PRESERVATION_REQUEST = "PRESERVATION_REQUEST"


class HoldState(StrEnum):
    PROPOSED = "PROPOSED"
    IN_FORCE = "IN_FORCE"
    LIFT_PROPOSED = "LIFT_PROPOSED"
    LIFTED = "LIFTED"


class DemandKind(StrEnum):
    """What an authority, or somebody who says so, came with."""

    JUDICIAL_WARRANT = "JUDICIAL_WARRANT"
    COURT_ORDER = "COURT_ORDER"
    SUBPOENA = "SUBPOENA"
    ADMINISTRATIVE_WARRANT = "ADMINISTRATIVE_WARRANT"
    INFORMAL = "INFORMAL"


#: What a judge stands behind, or can be asked about. An administrative warrant is signed by the authority itself, and an
#: informal request by nobody: neither can be approved, by whomever (R25).
APPROVABLE: Final = frozenset({DemandKind.JUDICIAL_WARRANT, DemandKind.COURT_ORDER, DemandKind.SUBPOENA})


class DemandState(StrEnum):
    RECEIVED = "RECEIVED"
    HALF_APPROVED = "HALF_APPROVED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"


class Objection(StrEnum):
    """Why somebody's agreement does not count."""

    SAME_PERSON = "SAME_PERSON"
    SAME_PART = "SAME_PART"
    NOTHING_PENDING = "NOTHING_PENDING"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One person's word, in one part."""

    by: str
    part: Part


def seconded(first: Agreement, by: str, parts: frozenset[Part]) -> Agreement | Objection:
    """The second agreement beside `first`, of a person who may speak in `parts`: of another, in another part."""
    if by == first.by:
        return Objection.SAME_PERSON
    left = sorted(parts - {first.part})
    return Agreement(by, left[0]) if left else Objection.SAME_PART


def hold_state(
    placed_at: datetime | None, lift_proposed_at: datetime | None, lifted_at: datetime | None
) -> HoldState:
    if lifted_at is not None:
        return HoldState.LIFTED
    if placed_at is None:
        return HoldState.PROPOSED
    return HoldState.IN_FORCE if lift_proposed_at is None else HoldState.LIFT_PROPOSED
