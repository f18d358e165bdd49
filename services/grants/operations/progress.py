"""Entering what comes of a training. Each entry is about a participant whom the caller hosts, under a consent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from iso639 import is_language
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.attendance import ATTENDED
from services.grants.domain.cohorts import SEATED, ParticipantStatus
from services.grants.domain.progress import (
    LONGEST_CONTACT_MINUTES,
    AssistanceMode,
    AssistanceTopic,
    FunnelStage,
    MilestoneKind,
    MilestoneStage,
    Path,
    VentureSector,
    VentureStage,
    evidence_problem,
    is_county,
    milestone_path,
)
from services.grants.events import tell
from services.grants.models import (
    AssistanceContact,
    AttendanceMark,
    IdempotencyRecord,
    Milestone,
    Participant,
    TrainingSession,
    Venture,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import among
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

#: Who was in the course; of those who withdrew only they who were seen there.
_ADMITTED = (*SEATED, ParticipantStatus.DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceFields:
    topic: AssistanceTopic
    mode: AssistanceMode
    language: str
    minutes: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneFields:
    kind: MilestoneKind
    stage: MilestoneStage
    on: date
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VentureFields:
    sector: VentureSector
    stage: VentureStage
    jobs: int
    county: str


async def log_assistance(
    context: RequestContext[Any], participant: UUID, given: AssistanceFields, key: str
) -> Participant | InvalidInput | NotFound | NotAllowed:
    """Enter time that the caller gave a participant."""
    context.caller.require(Scope.COHORT_WRITE)
    wrong = _day_problem(given.on, context.now)
    if not 0 < given.minutes <= LONGEST_CONTACT_MINUTES:
        wrong["minutes"] = f"must be from 1 to {LONGEST_CONTACT_MINUTES}"
    if not is_language(given.language, "pt3"):
        wrong["language"] = "must be an ISO 639-3 code"
    if wrong:
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "logAssistance", key, [participant, asdict(given)]
        )
        row = await _hosted(session, context, participant)
        if not isinstance(row, Participant) or claim.earlier is not None:
            return row
        session.add(
            AssistanceContact(
                organization_id=row.organization_id,
                participant_id=row.id,
                advisor=context.caller.subject,
                topic=given.topic,
                mode=given.mode,
                language=given.language,
                minutes=given.minutes,
                occurred_on=given.on,
            )
        )
        tell(session, context.caller, "assistance.logged", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def record_milestone(
    context: RequestContext[Any], participant: UUID, given: MilestoneFields, key: str
) -> Participant | InvalidInput | NotFound | NotAllowed:
    """Enter that a participant applied for something, obtained or lost it. Entered twice it is there once."""
    context.caller.require(Scope.COHORT_WRITE)
    wrong = _day_problem(given.on, context.now)
    if problem := evidence_problem(given.evidence):
        wrong["evidence"] = problem
    if wrong:
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordMilestone", key, [participant, asdict(given)]
        )
        row = await _hosted(session, context, participant)
        if not isinstance(row, Participant) or claim.earlier is not None:
            return row
        known = select(Milestone.id).where(
            Milestone.participant_id == row.id,
            Milestone.kind == given.kind,
            Milestone.stage == given.stage,
            Milestone.occurred_on == given.on,
        )
        if await session.scalar(known) is None:  # the participant's row is locked: nobody enters it meanwhile
            session.add(
                Milestone(
                    organization_id=row.organization_id,
                    participant_id=row.id,
                    kind=given.kind,
                    stage=given.stage,
                    occurred_on=given.on,
                    evidence=given.evidence,
                    recorded_by=context.caller.subject,
                    recorded_at=context.now,
                )
            )
        tell(session, context.caller, "milestone.recorded", row.id, id=str(row.id), kind=given.kind.value)
        claim.record({"id": str(row.id)})
        return row


async def set_venture(
    context: RequestContext[Any], participant: UUID, version: int | None, given: VentureFields, key: str
) -> Participant | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """Say what a participant is building, in the place of what was said before. `version`: of that; None for the first."""
    context.caller.require(Scope.COHORT_WRITE)
    wrong = {}
    if not 0 <= given.jobs <= 1000:
        wrong["jobs"] = "must be from 0 to 1000"
    if not is_county(given.county):
        wrong["county"] = "must be the FIPS code of a county of California"
    if wrong:
        return invalid(**wrong)
    async with context.write() as session:
        request = [participant, version, asdict(given)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "setVenture", key, request)
        row = await _hosted(session, context, participant)
        if not isinstance(row, Participant) or claim.earlier is not None:
            return row
        there = await session.get(Venture, row.id)
        if (there.version if there else None) != version:
            return version_conflict(there.version if there else 0)
        if there is None:
            there = Venture(participant_id=row.id, organization_id=row.organization_id)
            session.add(there)
        there.sector, there.stage = given.sector, given.stage
        there.jobs, there.county_fips = given.jobs, given.county
        await session.flush()
        tell(session, context.caller, "venture.set", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def caseload(session: AsyncSession, advisor: str, most: int) -> Sequence[Participant]:
    """Whom an advisor has helped who are still in a course or have completed it, whoever was helped last first."""
    helped = (
        select(AssistanceContact.participant_id, func.max(AssistanceContact.occurred_on).label("last"))
        .where(AssistanceContact.advisor == advisor)  # row-level security: of one's own organisation
        .group_by(AssistanceContact.participant_id)
        .subquery()
    )
    rows = await session.scalars(
        select(Participant)
        .join(helped, helped.c.participant_id == Participant.id)
        .where(Participant.status.in_(SEATED))
        .order_by(helped.c.last.desc(), Participant.id)
        .limit(most)
    )
    return rows.all()


async def paths_of(
    session: AsyncSession,
    cohorts: Sequence[UUID],
    statuses: Collection[ParticipantStatus] = tuple(ParticipantStatus),
) -> Mapping[UUID, list[Path]]:
    """How far everybody came who was admitted to each cohort and is in one of `statuses`, in no order that says who is who."""
    people = (await session.scalars(select(Participant).where(among(Participant.cohort_id, cohorts)))).all()
    ids = [one.id for one in people]
    attended = await session.execute(
        select(AttendanceMark.participant_id, func.min(TrainingSession.starts_at))
        .join(TrainingSession, TrainingSession.id == AttendanceMark.session_id)
        .where(among(AttendanceMark.participant_id, ids), AttendanceMark.mark.in_(ATTENDED))
        .group_by(AttendanceMark.participant_id)
    )
    first = {id_: at.date() for id_, at in attended}
    milestones = defaultdict(list)
    for row in await session.scalars(select(Milestone).where(among(Milestone.participant_id, ids))):
        milestones[row.participant_id].append((row.kind, row.stage, row.occurred_on))
    found: dict[UUID, list[Path]] = defaultdict(list)
    for one in people:
        if one.status not in statuses or (one.status not in _ADMITTED and one.id not in first):
            continue
        path = {FunnelStage.ADMITTED: one.enrolled_at.date()} | milestone_path(milestones[one.id])
        if one.id in first:
            path[FunnelStage.ATTENDING] = first[one.id]
        if one.status is ParticipantStatus.COMPLETED:
            path[FunnelStage.COMPLETED] = (one.completed_at or one.updated_at).date()
        found[one.cohort_id].append(path)
    return found


async def _hosted(
    session: AsyncSession, context: RequestContext[Any], id_: UUID
) -> Participant | NotFound | NotAllowed:
    row = await session.get(Participant, id_, with_for_update=True)
    if row is None or row.organization_id != context.caller.organization:
        return not_found("participant whom you host")
    if row.status not in SEATED or row.consent_expires_at <= context.now:
        return not_allowed("They have no seat in your course, or the client's consent has ended.")
    return row


def _day_problem(on: date, now: datetime) -> dict[str, str]:
    return {} if date(2000, 1, 1) <= on <= now.date() else {"on": "must be a day that has come"}
