"""Who was there: a session's sheet, written as a whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.attendance import Mark, Standing, standing
from services.grants.domain.cohorts import SEATED
from services.grants.domain.scheduling import SessionStatus
from services.grants.events import tell
from services.grants.models import AttendanceMark, IdempotencyRecord, Participant, TrainingSession
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

MOST_MARKS: Final = 500


@dataclass(frozen=True, slots=True)
class SessionMark:
    """One participant's mark at one session, as it is shown."""

    session: TrainingSession
    mark: Mark


async def record_attendance(
    context: RequestContext[Any], id_: UUID, version: int, marks: Sequence[tuple[UUID, Mark]], key: str
) -> TrainingSession | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """Mark participants at one session: all of them or none. Who is marked again is corrected; others stay as they are.

    `version`: of the session; each sheet that is written makes it one more.
    """
    context.caller.require(Scope.COHORT_WRITE)
    if not 0 < len(marks) <= MOST_MARKS:
        return invalid(marks=f"must be from 1 to {MOST_MARKS}")
    async with context.write() as session:
        request = [id_, version, marks]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "recordAttendance", key, request)
        row = await session.get(TrainingSession, id_, with_for_update=True)  # its host alone finds it
        if row is None:
            return not_found("session of a cohort of yours")
        if claim.earlier is not None:
            return row
        if row.version != version:
            return version_conflict(row.version)
        if row.status is SessionStatus.CANCELLED or row.starts_at > context.now:
            return not_allowed("This session was cancelled, or has not begun.")
        if wrong := await _problems(session, context, row, marks):
            return invalid(**wrong)
        await _write(session, context, row, marks)
        row.status, row.attendance_at = SessionStatus.HELD, context.now
        await session.flush()
        tell(
            session, context.caller, "attendance.recorded", row.id, id=str(row.id), cohort=str(row.cohort_id)
        )
        claim.record({"id": str(row.id)})
        return row


async def _problems(
    session: AsyncSession,
    context: RequestContext[Any],
    row: TrainingSession,
    marks: Sequence[tuple[UUID, Mark]],
) -> dict[str, str]:
    """What is wrong with which mark: someone twice, not seated in this cohort, or no longer under a consent."""
    ids = [participant for participant, _ in marks]
    found = await session.scalars(select(Participant).where(among(Participant.id, ids)))
    known = {
        one.id
        for one in found
        if one.cohort_id == row.cohort_id and one.status in SEATED and one.consent_expires_at > context.now
    }
    times = Counter(ids)
    wrong = {}
    for number, participant in enumerate(ids):
        if participant not in known:
            wrong[f"marks.{number}.participant"] = "has no seat in this cohort under a consent that holds"
        elif times[participant] > 1:
            wrong[f"marks.{number}.participant"] = "is marked twice"
    return wrong


async def _write(
    session: AsyncSession,
    context: RequestContext[Any],
    row: TrainingSession,
    marks: Sequence[tuple[UUID, Mark]],
) -> None:
    statement = insert(AttendanceMark).values(
        [
            {
                "session_id": row.id,
                "participant_id": participant,
                "organization_id": row.organization_id,
                "cohort_id": row.cohort_id,
                "mark": mark,
                "recorded_by": context.caller.subject,
                "recorded_at": context.now,
            }
            for participant, mark in marks
        ]
    )
    said = ("mark", "recorded_by", "recorded_at")
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["session_id", "participant_id"],
            set_={name: statement.excluded[name] for name in said},
        )
    )


async def marks_of(session: AsyncSession, participants: Sequence[UUID]) -> Mapping[UUID, list[SessionMark]]:
    """Each participant's marks at sessions that were held, in the order of these. Row-level security: the host's alone."""
    rows = await session.execute(
        select(AttendanceMark.participant_id, AttendanceMark.mark, TrainingSession)
        .join(TrainingSession, TrainingSession.id == AttendanceMark.session_id)
        .where(among(AttendanceMark.participant_id, participants))  # ix_attendance_marks_participant_id
        .order_by(TrainingSession.starts_at)
    )
    found: dict[UUID, list[SessionMark]] = defaultdict(list)
    for participant, mark, held in rows:
        found[participant].append(SessionMark(held, mark))
    return found


async def counts_of(session: AsyncSession, sessions: Sequence[UUID]) -> Mapping[UUID, Counter[Mark]]:
    """How many had which mark at each session. Row-level security: the host's alone."""
    rows = await session.execute(
        select(AttendanceMark.session_id, AttendanceMark.mark, func.count())
        .where(among(AttendanceMark.session_id, sessions))
        .group_by(AttendanceMark.session_id, AttendanceMark.mark)
    )
    found: dict[UUID, Counter[Mark]] = defaultdict(Counter)
    for id_, mark, number in rows:
        found[id_][mark] = number
    return found


async def standings_of(session: AsyncSession, cohorts: Sequence[UUID]) -> Mapping[UUID, list[Standing]]:
    """The attendance of all who have a seat in each cohort, in no order that says who is who."""
    seated = await session.execute(
        select(Participant.cohort_id, Participant.id).where(
            among(Participant.cohort_id, cohorts), Participant.status.in_(SEATED)
        )
    )
    people = {id_: cohort for cohort, id_ in seated}
    marks = await marks_of(session, list(people))
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for id_, cohort in people.items():
        found[cohort].append(standing(one.mark for one in marks.get(id_, ())))
    return found
