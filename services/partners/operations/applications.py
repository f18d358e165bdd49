"""Applications for DOJ recognition and accreditation: started, made ready, filed. Decisions: `operations/decisions.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.applications import (
    OPEN,
    PAPERS,
    RaForm,
    RaItem,
    RaPurpose,
    RaStage,
    Through,
    after_checklist,
    allowed,
    filing_problems,
    open_items,
)
from services.partners.domain.credentials import stays_active
from services.partners.domain.practice import Recognised
from services.partners.domain.terms import CredentialStatus
from services.partners.events import tell
from services.partners.models import (
    Accreditation,
    IdempotencyRecord,
    Location,
    Practitioner,
    RaApplication,
    RaChecklistItem,
    Recognition,
)
from services.partners.refusals import (
    ApplicationIncomplete,
    ApplicationUnderWay,
    CredentialMissing,
    RaMoveNotAllowed,
    application_incomplete,
    application_under_way,
    credential_missing,
    ra_move_not_allowed,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
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

#: Who may see how far an application is: its own organisation, and the network's coordinator, as row-level security has it.
READING: Final = (Scope.DIRECTORY_WRITE, Scope.ADMIN_NETWORK)
_BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")

Refused: TypeAlias = NotFound | NotAllowed | VersionConflict


def business_day(now: datetime) -> date:
    """The day in California."""
    return now.astimezone(_BUSINESS_TIME).date()


def applications(stages: tuple[RaStage, ...], organization: UUID | None) -> Select[RaApplication]:
    """Served by the index on `organization_id`; row-level security keeps the others' away."""
    statement = select(RaApplication)
    if stages:
        statement = statement.where(RaApplication.stage.in_(stages))
    if organization is not None:
        statement = statement.where(RaApplication.organization_id == organization)
    return statement


async def start_application(
    context: RequestContext[Any],
    purpose: RaPurpose,
    practitioner_id: UUID | None,
    location_id: UUID | None,
    key: str,
) -> RaApplication | InvalidInput | NotFound | CredentialMissing | ApplicationUnderWay:
    """Begin to prepare a form of one's own organisation, with all of its checklist open."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    paper, own = PAPERS[purpose], context.caller.organization
    problems = {}
    if paper.of_practitioner != (practitioner_id is not None):
        problems["practitioner"] = _wanted(paper.of_practitioner, "a representative")
    if paper.of_office != (location_id is not None):
        problems["location"] = _wanted(paper.of_office, "an office")
    if problems:
        return invalid(**problems)
    asked = [purpose, str(practitioner_id), str(location_id)]
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "startRaApplication", key, asked)
        if claim.earlier is not None:
            return await session.get_one(RaApplication, UUID(claim.earlier["id"]))
        # A representative is accredited with one organisation: at another they file anew, as that one's practitioner.
        person = await session.get(Practitioner, practitioner_id) if practitioner_id else None
        if practitioner_id and (person is None or person.organization_id != own):
            return not_found("practitioner of yours")
        office = await session.get(Location, location_id) if location_id else None
        if location_id and (office is None or office.organization_id != own):
            return not_found("location of yours")
        renewed = await _renewed(session, own, paper.form, practitioner_id) if paper.of_credential else None
        if paper.of_credential and renewed is None:
            return credential_missing("There is nothing to renew or to extend: start a first application.")
        await take_turns(session, own, "raApplication")
        same = await session.scalar(
            applications(tuple(OPEN), own).where(
                RaApplication.purpose == purpose,
                RaApplication.practitioner_id.is_not_distinct_from(practitioner_id),
                RaApplication.location_id.is_not_distinct_from(location_id),
            )
        )
        if same is not None:
            return application_under_way(same.id)
        row = RaApplication(
            organization_id=own,
            form=paper.form,
            purpose=purpose,
            practitioner_id=practitioner_id,
            location_id=location_id,
            recognition_id=renewed.id if isinstance(renewed, Recognition) else None,
            accreditation_id=renewed.id if isinstance(renewed, Accreditation) else None,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "ra_application.started", row.id, application=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def set_checklist_item(
    context: RequestContext[Any], id_: UUID, version: int, item: RaItem, done_on: date | None, key: str
) -> RaApplication | InvalidInput | Refused | RaMoveNotAllowed:
    """Say since when an item is ready, or that it is open again (`done_on` None). The list decides whether it is READY."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if done_on is not None and done_on > business_day(context.now):
        return invalid(done_on="must not be in the future")
    async with context.write() as session:
        asked = [str(id_), version, item, str(done_on)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "setChecklistItem", key, asked)
        if claim.earlier is not None:
            return await session.get_one(RaApplication, id_)
        row = await locked(session, context, id_, version)
        if not isinstance(row, RaApplication):
            return row
        moves = allowed(row.stage, {Through.CHECKLIST})
        if not moves:
            return ra_move_not_allowed(
                "What is filed has its checklist behind it.", row.stage, allowed(row.stage)
            )
        if item not in PAPERS[row.purpose].items:
            return invalid(item="is not on this form's checklist")
        await session.execute(
            delete(RaChecklistItem).where(RaChecklistItem.application_id == id_, RaChecklistItem.item == item)
        )
        if done_on is not None:
            session.add(
                RaChecklistItem(
                    organization_id=row.organization_id, application_id=id_, item=item, done_on=done_on
                )
            )
        await session.flush()
        row.stage = after_checklist(row.stage, row.purpose, await done_items(session, id_))
        row.updated_at = (
            context.now
        )  # a change of the list is one of the application, with a version of its own
        await session.flush()
        tell(session, context.caller, "ra_application.checklist", id_, application=str(id_), item=item.value)
        claim.record({"id": str(id_)})
        return row


async def file_application(
    context: RequestContext[Any], id_: UUID, version: int, filed_on: date, served_on: date, key: str
) -> RaApplication | InvalidInput | Refused | ApplicationIncomplete | RaMoveNotAllowed | CredentialMissing:
    """Say that a form was filed and served on USCIS. A renewal that is filed in time keeps what it renews (verify
    8 CFR 1292.16)."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if problems := filing_problems(filed_on, served_on, business_day(context.now)):
        return invalid(**problems)
    async with context.write() as session:
        asked = [str(id_), version, str(filed_on), str(served_on)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "fileApplication", key, asked)
        if claim.earlier is not None:
            return await session.get_one(RaApplication, id_)
        row = await locked(session, context, id_, version)
        if not isinstance(row, RaApplication):
            return row
        missing = open_items(row.purpose, await done_items(session, id_))
        if missing and row.stage is RaStage.PREPARING:
            return application_incomplete(missing)
        moves = allowed(row.stage, {Through.FILING})
        if not moves:
            return ra_move_not_allowed("It was filed already.", row.stage, allowed(row.stage))
        if row.form is RaForm.EOIR_31A and not await _may_sponsor(session, row.organization_id, filed_on):
            return credential_missing(
                "A representative is accredited with an organisation that is recognised, or asks to be: file your"
                " EOIR-31 before this form, or with it."
            )
        row.stage, row.filed_on, row.served_uscis_on = moves[0].to, filed_on, served_on
        renewed = await credential_of(session, row)
        # An extension of the offices is no renewal: it keeps nothing.
        if renewed is not None and row.purpose is not RaPurpose.EXTENSION_OFFICE:
            renewed.pending_renewal = stays_active(term_of(renewed), max(filed_on, served_on))
        await session.flush()
        tell(session, context.caller, "ra_application.filed", id_, application=str(id_))
        claim.record({"id": str(id_)})
        return row


async def locked(
    session: AsyncSession, context: RequestContext[Any], id_: UUID, version: int
) -> RaApplication | Refused:
    """An application of one's own, locked against whoever else is at it."""
    row = await session.scalar(
        select(RaApplication).where(RaApplication.id == id_).with_for_update(of=RaApplication)
    )
    if row is None:
        row = await session.get(RaApplication, id_)
        if row is None:
            return not_found("application")
    if row.organization_id != context.caller.organization:
        return not_allowed("Only the organisation whose application it is may change it.")
    return row if row.version == version else version_conflict(row.version)


async def done_items(session: AsyncSession, id_: UUID) -> frozenset[RaItem]:
    return frozenset(
        await session.scalars(select(RaChecklistItem.item).where(RaChecklistItem.application_id == id_))
    )


async def credential_of(session: AsyncSession, row: RaApplication) -> Recognition | Accreditation | None:
    """What the application renews or extends; once it is approved, what came of it."""
    if row.recognition_id is not None:
        return await session.get_one(Recognition, row.recognition_id)
    if row.accreditation_id is not None:
        return await session.get_one(Accreditation, row.accreditation_id)
    return None


def term_of(row: Recognition | Accreditation) -> Recognised:
    return Recognised(row.status, row.granted_on, row.expires_on, row.pending_renewal, ended_on=row.ended_on)


async def recognised_on(session: AsyncSession, organization: UUID, day: date) -> bool:
    rows = await session.scalars(select(Recognition).where(Recognition.organization_id == organization))
    return any(term_of(row).valid_on(day) for row in rows)


async def _may_sponsor(session: AsyncSession, organization: UUID, day: date) -> bool:
    if await recognised_on(session, organization, day):
        return True
    asking = applications((RaStage.FILED, RaStage.PENDING), organization).where(
        RaApplication.form == RaForm.EOIR_31
    )
    return await session.scalar(asking.with_only_columns(RaApplication.id).limit(1)) is not None


async def _renewed(
    session: AsyncSession, own: UUID, form: RaForm, practitioner_id: UUID | None
) -> Recognition | Accreditation | None:
    """The credential that ends last: what an application of this organisation renews."""
    if form is RaForm.EOIR_31:
        return await session.scalar(
            select(Recognition)
            .where(Recognition.organization_id == own, Recognition.status == CredentialStatus.ACTIVE)
            .order_by(Recognition.expires_on.desc(), Recognition.id)
            .limit(1)
        )
    return await session.scalar(
        select(Accreditation)
        .where(
            Accreditation.organization_id == own,
            Accreditation.practitioner_id == practitioner_id,
            Accreditation.status == CredentialStatus.ACTIVE,
        )
        .order_by(Accreditation.expires_on.desc(), Accreditation.id)
        .limit(1)
    )


def _wanted(needed: bool, what: str) -> str:
    return f"must name {what}" if needed else f"must be left out: this form is not about {what}"
