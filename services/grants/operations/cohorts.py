"""Courses, cohorts, and seats in them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.attendance import standing
from services.grants.domain.cohorts import MOVES, TAKES_PEOPLE, ParticipantStatus, Season
from services.grants.domain.completion import CompletionNeed, missing
from services.grants.domain.progress import MilestoneKind, MilestoneStage
from services.grants.events import tell
from services.grants.models import Cohort, IdempotencyRecord, Milestone, Participant, TrainingProgram
from services.grants.operations.attendance import marks_of
from services.grants.operations.graduating import give_certificate
from services.grants.operations.proofs import read_proof
from services.grants.refusals import (
    AlreadyThere,
    CompletionMissing,
    ConsentProofRefused,
    already_there,
    completion_missing,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.ids import new_id
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
from vereda.statements import ConsentProof

_LARGEST: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortFields:
    program: UUID
    season: Season
    year: int
    capacity: int
    starts_on: date
    ends_on: date
    languages: tuple[str, ...]
    minimum_attendance_percent: int
    plan_required: bool


async def create_training_program(
    context: RequestContext[Any], name: str, name_es: str | None, description: str | None, key: str
) -> TrainingProgram | InvalidInput:
    """Add a course to the caller's organisation."""
    context.caller.require(Scope.COHORT_WRITE)
    if not name.strip():
        return invalid(name="must not be empty")
    async with context.write() as session:
        claim = await claim_key(
            session,
            IdempotencyRecord,
            context.caller,
            "createTrainingProgram",
            key,
            [name, name_es, description],
        )
        if claim.earlier is not None:
            return await session.get_one(TrainingProgram, UUID(claim.earlier["id"]))
        row = TrainingProgram(
            organization_id=context.caller.organization, name=name, name_es=name_es, description=description
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "training_program.created", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def open_cohort(
    context: RequestContext[Any], given: CohortFields, key: str
) -> Cohort | InvalidInput | NotFound | NotAllowed:
    """Open a run of one of the caller's courses for enrolment."""
    context.caller.require(Scope.COHORT_WRITE)
    if wrong := _problems(given):
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "openCohort", key, asdict(given))
        if claim.earlier is not None:
            return await session.get_one(Cohort, UUID(claim.earlier["id"]))
        program = await session.get(TrainingProgram, given.program)
        if program is None:
            return not_found("training program")
        if program.organization_id != context.caller.organization:
            return not_allowed("Only the organisation that runs a course may open a cohort of it.")
        row = Cohort(
            organization_id=program.organization_id,
            program_id=program.id,
            season=given.season,
            year=given.year,
            capacity=given.capacity,
            starts_on=given.starts_on,
            ends_on=given.ends_on,
            languages=list(given.languages),
            minimum_attendance_percent=given.minimum_attendance_percent,
            plan_required=given.plan_required,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "cohort.opened", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def enrol_participant(
    context: RequestContext[Any], cohort_id: UUID, proof: str, key: str
) -> Participant | ConsentProofRefused | AlreadyThere | NotFound | NotAllowed:
    """Give a client a seat, or a place on the waiting list, with the proof that they consented to it.

    The host or the organisation that brings the client may do it. Postgres counts the seats (policies/training.sql): the one after
    the last waits, however many ask at once.
    """
    context.caller.require(Scope.COHORT_WRITE)
    held = await read_proof(context, proof, "PROGRAM_ENROLMENT")
    if isinstance(held, ConsentProofRefused):
        return held
    async with context.write() as session:
        request = [cohort_id, held.sponsor, held.sponsor_handle]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "enrolParticipant", key, request)
        if claim.earlier is not None:
            return await session.get_one(Participant, UUID(claim.earlier["id"]))
        cohort = await session.get(Cohort, cohort_id)
        if cohort is None or cohort.organization_id != held.recipient:
            return not_found("cohort of the organisation that the client consented to")
        if cohort.status not in TAKES_PEOPLE:
            return not_allowed("This cohort takes nobody any more.")
        row = await _enrolled(session, context, cohort.id, held)
        if row is None:
            return already_there()
        audience = [row.organization_id, row.sponsor_id]
        tell(
            session,
            context.caller,
            f"participant.{row.status.value.lower()}",
            row.id,
            audience,
            id=str(row.id),
        )
        claim.record({"id": str(row.id)})
        return row


async def _enrolled(
    session: AsyncSession, context: RequestContext[Any], cohort_id: UUID, held: ConsentProof
) -> Participant | None:
    """The new participant, admitted or waiting; None where they are in this cohort already, whoever brought them."""
    enrolling = insert(Participant).values(
        id=new_id(),
        organization_id=held.recipient,
        cohort_id=cohort_id,
        host_handle=held.recipient_handle,
        sponsor_id=held.sponsor,
        sponsor_handle=held.sponsor_handle,
        consent_id=held.consent,
        consent_expires_at=held.consent_expires_at,
        status=ParticipantStatus.ADMITTED,  # `take_seat` has them wait where there is no seat
        enrolled_at=context.now,
    )
    return await session.scalar(enrolling.returning(Participant))


async def change_participant(
    context: RequestContext[Any], id_: UUID, version: int, status: ParticipantStatus, key: str
) -> Participant | CompletionMissing | NotFound | NotAllowed | VersionConflict:
    """Say how it goes with a participant: the host anything that may follow, the sponsor that the client withdraws.

    A seat that becomes free goes to the next who waits, while the course is young: Postgres sees to it (policies/training.sql).
    """
    context.caller.require(Scope.COHORT_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "changeParticipant", key, [id_, version, status]
        )
        row = await session.get(Participant, id_, with_for_update=True)
        if row is None:
            return not_found("participant")
        if claim.earlier is not None:
            return row
        if row.version != version:
            return version_conflict(row.version)
        host = row.organization_id == context.caller.organization
        if not host and status is not ParticipantStatus.WITHDRAWN:
            return not_allowed(
                "Only the host may say this; the organisation that brought a client may withdraw them."
            )
        if status not in MOVES[row.status]:
            names = ", ".join(sorted(one.value for one in MOVES[row.status])) or "nothing more"
            return not_allowed(f"From {row.status.value} a participant can become: {names}.")
        if status is ParticipantStatus.COMPLETED:
            if lacks := await _missing(session, row):
                return completion_missing(lacks)
            row.completed_at = context.now
            give_certificate(session, context.settings, row)
        row.status = status
        await session.flush()
        audience = [row.organization_id, row.sponsor_id]
        tell(session, context.caller, f"participant.{status.value.lower()}", row.id, audience, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def _missing(session: AsyncSession, row: Participant) -> tuple[CompletionNeed, ...]:
    """What a participant lacks to have completed the training, by the rule of their cohort."""
    cohort = await session.get_one(Cohort, row.cohort_id)
    marks = (await marks_of(session, [row.id])).get(row.id, [])
    plan = select(Milestone.id).where(
        Milestone.participant_id == row.id,
        Milestone.kind == MilestoneKind.BUSINESS_PLAN,
        Milestone.stage != MilestoneStage.LAPSED,
    )
    return missing(
        standing(one.mark for one in marks),
        cohort.minimum_attendance_percent,
        plan_required=cohort.plan_required,
        plan=await session.scalar(plan.limit(1)) is not None,
    )


def _problems(given: CohortFields) -> dict[str, str]:
    wrong = {}
    if not 1 <= given.capacity <= _LARGEST:
        wrong["capacity"] = f"must be from 1 to {_LARGEST}"
    if given.ends_on <= given.starts_on:
        wrong["ends_on"] = "must be after `startsOn`"
    if not 0 <= given.minimum_attendance_percent <= 100:
        wrong["minimum_attendance_percent"] = "must be from 0 to 100"
    if not 2000 <= given.year <= 2200:
        wrong["year"] = "must be a year of this century"
    return wrong
