"""Scheduling a cohort's sessions, and saying who was there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated

import strawberry

from services.grants import models
from services.grants.domain.attendance import Mark
from services.grants.domain.scheduling import SessionMode
from services.grants.operations import attendance, sessions
from services.grants.schema.attendance import TrainingSession
from services.grants.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input
class ScheduleSessionsInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    cohort: strawberry.ID
    rule: str = strawberry.field(
        description="A recurrence rule of RFC 5545 by days or weeks, such as `FREQ=WEEKLY;BYDAY=TU`: from the cohort's"
        " first day to its last."
    )
    starts_at: time = strawberry.field(description="Local time of California, such as `18:00`.")
    minutes: int = 120
    mode: SessionMode = SessionMode.IN_PERSON
    without: list[date] = strawberry.field(
        default_factory=list, description="Days without a session: holidays."
    )

    def parsed(self) -> sessions.ScheduleFields:
        return sessions.ScheduleFields(
            cohort=parse_id(self.cohort, "cohort"),
            rule=self.rule,
            at=self.starts_at,
            minutes=self.minutes,
            mode=self.mode,
            without=tuple(self.without),
        )


@strawberry.input
class RescheduleSessionInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    starts_at: datetime
    minutes: int | None = None


@strawberry.input
class CancelSessionInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int


@strawberry.input
class AttendanceMarkInput:
    participant: strawberry.ID
    mark: Mark


@strawberry.input
class RecordAttendanceInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    session: strawberry.ID
    expected_version: int = strawberry.field(description="`TrainingSession.version`.")
    marks: list[AttendanceMarkInput] = strawberry.field(
        description="All of them are taken or none. Who was marked before is corrected."
    )


@strawberry.type
class SessionsScheduled:
    sessions: list[TrainingSession] = strawberry.field(description="All of the cohort, in their order.")


@strawberry.type
class SessionSaved:
    session: TrainingSession


ScheduleSessionsPayload = Annotated[
    SessionsScheduled | InvalidInput | NotFound | NotAllowed, strawberry.union("ScheduleSessionsPayload")
]
RescheduleSessionPayload = Annotated[
    SessionSaved | InvalidInput | NotFound | NotAllowed | VersionConflict,
    strawberry.union("RescheduleSessionPayload"),
]
CancelSessionPayload = Annotated[
    SessionSaved | NotFound | NotAllowed | VersionConflict, strawberry.union("CancelSessionPayload")
]
RecordAttendancePayload = Annotated[
    SessionSaved | InvalidInput | NotFound | NotAllowed | VersionConflict,
    strawberry.union("RecordAttendancePayload"),
]


@strawberry.type
class AttendanceMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Enter a cohort's sessions by a rule. Those that are there already stay as they are.",
    )
    async def schedule_sessions(
        self, info: Info, input: ScheduleSessionsInput
    ) -> ScheduleSessionsPayload | None:
        done = await sessions.schedule_sessions(info.context, input.parsed(), input.idempotency_key)
        if isinstance(done, Sequence):
            return SessionsScheduled(sessions=[TrainingSession.of(row) for row in done])
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE), description="Move one session to another time."
    )
    async def reschedule_session(
        self, info: Info, input: RescheduleSessionInput
    ) -> RescheduleSessionPayload | None:
        done = await sessions.reschedule_session(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.starts_at,
            input.minutes,
            input.idempotency_key,
        )
        return _saved(done) if isinstance(done, models.TrainingSession) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE), description="Say that a session is not held."
    )
    async def cancel_session(self, info: Info, input: CancelSessionInput) -> CancelSessionPayload | None:
        done = await sessions.cancel_session(
            info.context, parse_id(input.id, "id"), input.expected_version, input.idempotency_key
        )
        return _saved(done) if isinstance(done, models.TrainingSession) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Say who was at a session: for many at once, all or none.",
    )
    async def record_attendance(
        self, info: Info, input: RecordAttendanceInput
    ) -> RecordAttendancePayload | None:
        done = await attendance.record_attendance(
            info.context,
            parse_id(input.session, "session"),
            input.expected_version,
            [(parse_id(one.participant, "participant"), one.mark) for one in input.marks],
            input.idempotency_key,
        )
        return _saved(done) if isinstance(done, models.TrainingSession) else done


def _saved(row: models.TrainingSession) -> SessionSaved:
    return SessionSaved(session=TrainingSession.of(row))
