"""Who works at an organisation, for how many hours, and by what credential: said by the organisation, confirmed by others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.credentials import CredentialKind
from services.partners.domain.languages import GROUPS
from services.partners.domain.terms import AccreditationLevel, CredentialStatus, PractitionerRole
from services.partners.events import tell
from services.partners.models import Accreditation, IdempotencyRecord, Practitioner, Recognition
from services.partners.operations.applications import business_day
from vereda.caller import Scope, system_caller
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    invalid,
    not_allowed,
    not_found,
    version_conflict,
)

_FULL_WEEK: Final = 60
_MOST_LANGUAGES: Final = 20
_LONGEST_NAME: Final = 120
_LEVELS: Final = {
    AccreditationLevel.PARTIAL: PractitionerRole.PARTIAL_REP,
    AccreditationLevel.FULL: PractitionerRole.FULL_REP,
}
Held = Recognition | Accreditation
Refused = InvalidInput | NotFound | NotAllowed | VersionConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerFields:
    """The whole of what an organisation says of somebody: what is None is emptied."""

    role: PractitionerRole
    weekly_hours: int
    languages: tuple[str, ...]
    #: As they wish to be known to the network; None where they do not.
    public_name: str | None
    started_on: date | None
    ended_on: date | None


async def add_practitioner(
    context: RequestContext[Any], given: PractitionerFields, key: str
) -> Practitioner | InvalidInput:
    """Enter somebody who works at one's own organisation."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if wrong := _problems(given):
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "addPractitioner", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(Practitioner, UUID(claim.earlier["id"]))
        row = Practitioner(
            organization_id=context.caller.organization,
            **{**asdict(given), "languages": list(given.languages)},
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "practitioner.added", row.id, practitioner=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def change_practitioner(
    context: RequestContext[Any], id_: UUID, version: int, given: PractitionerFields, key: str
) -> Practitioner | Refused:
    """Say something else of somebody; with `ended_on`, that they are no more there after that day."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if wrong := _problems(given):
        return invalid(**wrong)
    async with context.write() as session:
        request = [str(id_), version, asdict(given)]
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "changePractitioner", key, request
        )
        row = await session.get(Practitioner, id_)
        if row is None:
            return not_found("practitioner")
        if claim.earlier is not None:
            return row
        if row.organization_id != context.caller.organization:
            return not_allowed("Only the organisation that somebody works at may say so.")
        if row.version != version:
            return version_conflict(row.version)
        for name, value in asdict(given).items():
            setattr(row, name, list(value) if isinstance(value, tuple) else value)
        row.updated_at = context.now
        await session.flush()
        tell(session, context.caller, "practitioner.changed", id_, practitioner=str(id_))
        claim.record({"id": str(id_)})
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFields:
    """A recognition of the organisation, or, with both, an accreditation of `practitioner` at `level`."""

    practitioner: UUID | None
    level: AccreditationLevel | None
    granted_on: date
    expires_on: date


async def record_credential(
    context: RequestContext[Any], given: CredentialFields, key: str
) -> Held | InvalidInput | NotFound:
    """Enter a credential that one's organisation, or somebody of it, has already; what is applied for here comes of its
    approval. Nobody has confirmed it yet."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    wrong = {}
    if (given.practitioner is None) != (given.level is None):
        wrong["level"] = "and `practitioner` go together: those of an accreditation"
    if given.granted_on > business_day(context.now):
        wrong["granted_on"] = "must not be in the future"
    if given.expires_on <= given.granted_on:
        wrong["expires_on"] = "must be after `grantedOn`"
    if wrong:
        return invalid(**wrong)
    own = context.caller.organization
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordCredential", key, asdict(given)
        )
        if claim.earlier is not None:
            there = await _held(session, CredentialKind(claim.earlier["kind"]), UUID(claim.earlier["id"]))
            return there if there is not None else not_found("credential")
        days = {"organization_id": own, "granted_on": given.granted_on, "expires_on": given.expires_on}
        row: Held
        if given.practitioner is None or given.level is None:
            row, kind = Recognition(**days), CredentialKind.RECOGNITION
        else:
            person = await session.get(Practitioner, given.practitioner)
            if person is None or person.organization_id != own:
                return not_found("practitioner of yours")
            # Who has the higher level already keeps it, and an attorney needs none.
            if person.role not in (PractitionerRole.ATTORNEY, PractitionerRole.FULL_REP):
                person.role = _LEVELS[given.level]
            kind = CredentialKind.ACCREDITATION
            row = Accreditation(practitioner_id=given.practitioner, level=given.level, **days)
        session.add(row)
        await session.flush()
        tell(session, context.caller, f"{kind.value.lower()}.recorded", row.id, credential=str(row.id))
        claim.record({"id": str(row.id), "kind": kind.value})
        return row


async def end_credential(
    context: RequestContext[Any],
    kind: CredentialKind,
    id_: UUID,
    status: CredentialStatus,
    on: date,
    key: str,
) -> Held | InvalidInput | NotFound | NotAllowed:
    """Say that a credential of one's organisation was ended before its term, since when, and how."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if status is CredentialStatus.ACTIVE:
        return invalid(status="must say how it ended")
    if on > business_day(context.now):
        return invalid(ended_on="must not be in the future")
    async with context.write() as session:
        request = [kind, str(id_), status, str(on)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "endCredential", key, request)
        row = await _held(session, kind, id_)
        if row is None:
            return not_found("credential")
        if claim.earlier is not None:
            return row
        if row.organization_id != context.caller.organization:
            return not_allowed("Only the organisation whose credential it is may say so.")
        if row.status is not CredentialStatus.ACTIVE:
            return not_allowed(f"It is {row.status.value} already.")
        if on < row.granted_on:
            return invalid(ended_on="must not be before it was granted")
        row.status, row.ended_on, row.pending_renewal = status, on, False
        await session.flush()
        tell(session, context.caller, f"{kind.value.lower()}.ended", id_, credential=str(id_))
        claim.record({"id": str(id_)})
        return row


async def confirm_credential(
    context: RequestContext[Any], kind: CredentialKind, id_: UUID, key: str
) -> Held | NotFound | NotAllowed:
    """Say, as the network's coordinator, that one looked at the Department's roster and it is so. Nobody confirms their own
    organisation's."""
    context.caller.require(Scope.ADMIN_NETWORK)
    own = context.caller.organization
    async with context.write(system_caller(own, context.caller.subject)) as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "confirmCredential", key, [kind, str(id_)]
        )
        row = await _held(session, kind, id_)
        if row is None:
            return not_found("credential")
        if claim.earlier is not None:
            return row
        if row.organization_id == own:
            return not_allowed("What your own organisation says of itself is for somebody else to confirm.")
        row.confirmed_on, row.confirmed_by = business_day(context.now), str(own)
        await session.flush()
        told = [row.organization_id]
        tell(session, context.caller, f"{kind.value.lower()}.confirmed", id_, told, credential=str(id_))
        claim.record({"id": str(id_)})
        return row


async def _held(session: AsyncSession, kind: CredentialKind, id_: UUID) -> Held | None:
    if kind is CredentialKind.RECOGNITION:
        return await session.get(Recognition, id_)
    return await session.get(Accreditation, id_)


def _problems(given: PractitionerFields) -> dict[str, str]:
    wrong = {}
    if not 0 <= given.weekly_hours <= _FULL_WEEK:
        wrong["weekly_hours"] = f"must be from 0 to {_FULL_WEEK}"
    if not _languages(given.languages):
        wrong["languages"] = (
            f"must be at most {_MOST_LANGUAGES} ISO 639-3 codes such as `mxb`, or groups such as `mixtec`"
        )
    if given.public_name is not None and not 1 <= len(given.public_name.strip()) <= _LONGEST_NAME:
        wrong["public_name"] = f"must have 1 to {_LONGEST_NAME} characters, or be left out"
    if given.started_on and given.ended_on and given.ended_on < given.started_on:
        wrong["ended_on"] = "must not be before `startedOn`"
    return wrong


def _languages(codes: Sequence[str]) -> bool:
    known = (
        code in GROUPS or (len(code) == 3 and code.isascii() and code.isalpha() and code.islower())
        for code in codes
    )
    return len(codes) <= _MOST_LANGUAGES and all(known)
