"""What came of applications for recognition and accreditation, and what that does to the credentials."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.applications import BY_NAME, RaForm, RaMove, RaPurpose, Through, allowed
from services.partners.domain.credentials import Terms
from services.partners.domain.terms import AccreditationLevel, PractitionerRole
from services.partners.events import tell
from services.partners.models import (
    Accreditation,
    IdempotencyRecord,
    Practitioner,
    RaApplication,
    Recognition,
)
from services.partners.operations.applications import (
    Refused,
    business_day,
    credential_of,
    locked,
    recognised_on,
    term_of,
)
from services.partners.refusals import (
    CredentialMissing,
    RaMoveNotAllowed,
    credential_missing,
    ra_move_not_allowed,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, invalid
from vereda.settings import Settings

_LEVELS: Final = {
    RaPurpose.INITIAL_PARTIAL: AccreditationLevel.PARTIAL,
    RaPurpose.FULL: AccreditationLevel.FULL,
}
_ROLES: Final = {
    AccreditationLevel.PARTIAL: PractitionerRole.PARTIAL_REP,
    AccreditationLevel.FULL: PractitionerRole.FULL_REP,
}


def terms_of(settings: Settings) -> Terms:
    return Terms(
        settings.conditional_recognition_years, settings.recognition_years, settings.accreditation_years
    )


async def record_decision(
    context: RequestContext[Any],
    id_: UUID,
    version: int,
    move: RaMove,
    decided_on: date,
    expires_on: date | None,
    key: str,
) -> RaApplication | InvalidInput | Refused | RaMoveNotAllowed | CredentialMissing:
    """Say what was decided, or that the application was withdrawn. An approval makes or renews the credential; any other
    end leaves a renewed one its own term, and no more.

    `expires_on`: as the decision has it; by the term that is usual where it is None.
    """
    context.caller.require(Scope.DIRECTORY_WRITE)
    if problem := _problem(move, decided_on, expires_on, business_day(context.now)):
        return invalid(**problem)
    async with context.write() as session:
        asked = [str(id_), version, move, str(decided_on), str(expires_on)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "recordDecision", key, asked)
        if claim.earlier is not None:
            return await session.get_one(RaApplication, id_)
        row = await locked(session, context, id_, version)
        if not isinstance(row, RaApplication):
            return row
        if BY_NAME[move] not in allowed(row.stage, {Through.DECISION}):
            return ra_move_not_allowed(
                "This cannot become of it at this stage.", row.stage, allowed(row.stage)
            )
        if row.filed_on is not None and decided_on < row.filed_on:
            return invalid(decided_on="must not be before the filing")
        if move is RaMove.APPROVE:
            ends = expires_on or terms_of(context.settings).end(row.purpose, decided_on)
            if row.form is RaForm.EOIR_31A and not await recognised_on(
                session, row.organization_id, decided_on
            ):
                return credential_missing(
                    "An accreditation is with a recognised organisation: record the recognition first."
                )
            await _approve(session, row, decided_on, ends)
        elif move is not RaMove.ACKNOWLEDGE:
            await _let_go(session, row)
        row.stage = BY_NAME[move].to
        row.decided_on = None if move is RaMove.ACKNOWLEDGE else decided_on
        row.updated_at = context.now
        await session.flush()
        tell(
            session,
            context.caller,
            f"ra_application.{move.value.lower()}",
            id_,
            application=str(id_),
            stage=row.stage.value,
        )
        claim.record({"id": str(id_)})
        return row


def _problem(move: RaMove, decided_on: date, expires_on: date | None, today: date) -> dict[str, str]:
    if BY_NAME[move].through is not Through.DECISION:
        return {"decision": "must be ACKNOWLEDGE, APPROVE, DENY or WITHDRAW"}
    if decided_on > today:
        return {"decided_on": "must not be in the future"}
    if expires_on is not None and (move is not RaMove.APPROVE or expires_on <= decided_on):
        return {"expires_on": "is of an approval alone, and after its day"}
    return {}


async def _approve(session: AsyncSession, row: RaApplication, decided_on: date, ends: date) -> None:
    held = await credential_of(session, row)
    if row.purpose is RaPurpose.EXTENSION_OFFICE:
        assert isinstance(held, Recognition)
        assert row.location_id is not None
        # A new list: of one that is changed in place the session takes no notice.
        held.extension_offices = sorted({*held.extension_offices, row.location_id})
        return
    if held is not None and term_of(held).valid_on(decided_on):
        held.expires_on, held.pending_renewal = max(ends, held.expires_on), False
        if isinstance(held, Recognition):
            held.conditional = False
        return
    # A first one, or one that had lapsed meanwhile: the days in between stay without, for whoever asks about them.
    if held is not None:
        held.pending_renewal = False
    if row.form is RaForm.EOIR_31:
        made = Recognition(
            organization_id=row.organization_id,
            granted_on=decided_on,
            expires_on=ends,
            conditional=row.purpose is RaPurpose.NEW_RECOGNITION,
            extension_offices=list(held.extension_offices) if isinstance(held, Recognition) else [],
        )
        session.add(made)
        await session.flush()
        row.recognition_id = made.id
        return
    await _accredit(session, row, held if isinstance(held, Accreditation) else None, decided_on, ends)


async def _accredit(
    session: AsyncSession, row: RaApplication, held: Accreditation | None, decided_on: date, ends: date
) -> None:
    assert row.practitioner_id is not None
    level = held.level if held is not None else _LEVELS[row.purpose]
    made = Accreditation(
        organization_id=row.organization_id,
        practitioner_id=row.practitioner_id,
        level=level,
        granted_on=decided_on,
        expires_on=ends,
    )
    session.add(made)
    person = await session.get_one(Practitioner, row.practitioner_id)
    # Who has the higher level already keeps it, and an attorney needs none.
    if person.role not in (PractitionerRole.ATTORNEY, PractitionerRole.FULL_REP):
        person.role = _ROLES[level]
    await session.flush()
    row.accreditation_id = made.id


async def _let_go(session: AsyncSession, row: RaApplication) -> None:
    held = await credential_of(session, row)
    if held is not None and row.purpose is not RaPurpose.EXTENSION_OFFICE:
        held.pending_renewal = False
