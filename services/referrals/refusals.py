"""Refusals that a client of this service can expect, beside those that every service has."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import strawberry

from services.referrals.domain.consent import DataClass
from services.referrals.domain.holding import DemandKind, Objection
from services.referrals.domain.lifecycle import MoveName, State
from vereda.refusals import AttachmentRefused as AttachmentRefused
from vereda.refusals import Refusal
from vereda.refusals import SensitiveText as SensitiveText
from vereda.refusals import attachment_refused as attachment_refused
from vereda.refusals import sensitive_text as sensitive_text

strawberry.enum(DataClass, description="Classes of client data that consent is given for (R12).")
strawberry.enum(DemandKind, name="LegalDemandKind", description="What an authority came with (R25).")
strawberry.enum(Objection, name="AgreementObjection", description="Why somebody's agreement does not count.")
strawberry.enum(State, name="ReferralState", description="Where a referral stands (DOMAIN 4.3).")
strawberry.enum(MoveName, name="ReferralMove", description="What can be done with a referral.")


@strawberry.type(description="No consent in force covers this: ask the client, record it, then send again.")
class ConsentMissing(Refusal):
    missing: list[DataClass]


@strawberry.type(description="The service has no room: see what else fits, or ask for its waiting list.")
class ServiceFull(Refusal):
    pass


@strawberry.type(description="The offer is not genuine or its hour is over: read `Service.offer` again.")
class OfferRefused(Refusal):
    pass


@strawberry.type(description="This cannot be done with the referral as it stands.")
class MoveNotAllowed(Refusal):
    state: State | None = strawberry.field(
        description="Null where the client did not consent to your knowing it."
    )
    allowed_moves: list[MoveName]


@strawberry.type(description="Another organisation was quicker, or the offer was withdrawn.")
class OfferTaken(Refusal):
    pass


@strawberry.type(description="No seat of the workshop is left.")
class WorkshopFull(Refusal):
    pass


@strawberry.type(
    description="No seat of this workshop is taken up by this code. A wrong code, one that was used and one of another workshop"
    " are not told apart."
)
class CodeRefused(Refusal):
    wait_until: datetime | None = strawberry.field(
        description="After too many wrong ones: no code is looked at before this."
    )


def code_refused(until: datetime | None) -> CodeRefused:
    message = (
        "No seat has this code: read it again, or find the client in the workshop's bookings."
        if until is None
        else "Too many wrong codes were tried: wait, or find the client in the workshop's bookings."
    )
    return CodeRefused(code="CODE_REFUSED", message=message, wait_until=until)


def workshop_full() -> WorkshopFull:
    return WorkshopFull(code="WORKSHOP_FULL", message="No seat is left at this workshop: choose another one.")


def offer_taken() -> OfferTaken:
    return OfferTaken(
        code="OFFER_TAKEN", message="This is not on offer any more: another took it on, or it was withdrawn."
    )


@strawberry.type(
    description="One of many moves could not be tried; `code` is that of the error, as docs/errors.md has it."
)
class MoveFailed(Refusal):
    pass


def move_failed(code: str, message: str) -> MoveFailed:
    return MoveFailed(code=code, message=message)


@strawberry.type(
    description="The glass cannot be broken here: call 911 or 988, and the organisation that knows the client."
)
class EmergencyUnavailable(Refusal):
    pass


def emergency_unavailable() -> EmergencyUnavailable:
    return EmergencyUnavailable(
        code="EMERGENCY_UNAVAILABLE",
        message="This cannot be opened so: call 911 or 988, and the organisation that sent you the client.",
    )


@strawberry.type(description="This takes the word of a second person, in another part: counsel and director.")
class AnotherPersonNeeded(Refusal):
    objection: Objection


@strawberry.type(description="No one can approve a demand of this kind, in this software.")
class DemandNotApprovable(Refusal):
    kind: DemandKind


def consent_missing(missing: list[DataClass]) -> ConsentMissing:
    return ConsentMissing(
        code="CONSENT_MISSING",
        message="The client's consent does not cover this: ask for it, record it, then try again.",
        missing=missing,
    )


def service_full() -> ServiceFull:
    return ServiceFull(
        code="SERVICE_FULL", message="This service has no room now: choose another, or its waiting list."
    )


def offer_refused() -> OfferRefused:
    return OfferRefused(
        code="OFFER_REFUSED", message="This offer is not valid any more: read `Service.offer` again."
    )


def move_not_allowed(message: str, state: State | None, allowed_moves: list[MoveName]) -> MoveNotAllowed:
    return MoveNotAllowed(code="MOVE_NOT_ALLOWED", message=message, state=state, allowed_moves=allowed_moves)


_AGREEING: Final = {
    Objection.SAME_PERSON: "You have agreed already: it takes another person.",
    Objection.SAME_PART: "It takes a person who signed in, as counsel or as director, and not in the part that has agreed.",
    Objection.NOTHING_PENDING: "As it stands there is nothing to agree to.",
}


def another_person_needed(objection: Objection) -> AnotherPersonNeeded:
    return AnotherPersonNeeded(
        code="ANOTHER_PERSON_NEEDED", message=_AGREEING[objection], objection=objection
    )


def demand_not_approvable(kind: DemandKind) -> DemandNotApprovable:
    return DemandNotApprovable(
        code="DEMAND_NOT_APPROVABLE",
        message="No judge stands behind a demand of this kind: it is refused, and counsel is told.",
        kind=kind,
    )
