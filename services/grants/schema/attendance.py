"""Sessions and who was there, as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from services.grants import models
from services.grants.domain.attendance import ATTENDED, Mark, Risk, Standing, standing
from services.grants.domain.scheduling import SessionMode, SessionStatus
from services.grants.operations.attendance import SessionMark
from services.grants.schema.context import SEATS, Info
from vereda.graph import one_of
from vereda.mapping import from_row

if TYPE_CHECKING:
    from services.grants.schema.training import Cohort

_Cohort = Annotated["Cohort", strawberry.lazy("services.grants.schema.training")]


@strawberry.type(description="How many of those who were marked had which mark.")
class AttendanceCounts:
    present: int
    late: int
    remote: int
    excused: int
    absent: int
    attended: int = strawberry.field(description="Present, late or remote.")
    marked: int


@strawberry.type(description="One meeting of a cohort.")
class TrainingSession:
    id: strawberry.ID
    starts_at: datetime
    minutes: int
    mode: SessionMode
    status: SessionStatus
    version: int = strawberry.field(description="Of the session and of its attendance sheet.")
    row: strawberry.Private[models.TrainingSession]

    @classmethod
    def of(cls, row: models.TrainingSession) -> TrainingSession:
        return from_row(cls, row, row=row)

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS),
        description="For the host, once it was held; `null` for everybody else.",
    )
    async def counts(self, info: Info) -> AttendanceCounts | None:
        info.context.caller.require(*SEATS)
        if self.row.organization_id != info.context.caller.organization:
            return None
        found = await info.context.loaders.mark_counts.load(self.row.id)
        if found is None:
            return None
        return AttendanceCounts(
            **{mark.value.lower(): found[mark] for mark in Mark},
            attended=sum(found[mark] for mark in ATTENDED),
            marked=found.total(),
        )


@strawberry.type
class AttendanceMark:
    session: TrainingSession
    mark: Mark

    @classmethod
    def of(cls, one: SessionMark) -> AttendanceMark:
        return cls(session=TrainingSession.of(one.session), mark=one.mark)


@strawberry.type(description="How a participant attends. What they were excused from counts neither way.")
class Attendance:
    percent: int | None = strawberry.field(
        description="Attended of those that count, rounded down; `null` before the first."
    )
    attended: int
    missed: int
    excused: int
    missed_in_a_row: int = strawberry.field(description="Missed since they were last there.")
    risks: list[Risk]
    marks: list[AttendanceMark]

    @classmethod
    def of(cls, marks: list[SessionMark], minimum_percent: int) -> Attendance:
        stands = standing(one.mark for one in marks)
        return cls(
            percent=stands.percent,
            attended=stands.attended,
            missed=stands.missed,
            excused=stands.excused,
            missed_in_a_row=stands.in_a_row,
            risks=list(stands.risks(minimum_percent)),
            marks=[AttendanceMark.of(one) for one in marks],
        )


@strawberry.type(description="How those with a seat in a cohort attend it: for its host.")
class CohortAttendance:
    cohort: _Cohort
    percent: int | None = strawberry.field(
        description="Of all seats and sessions that count, rounded down; `null` before the first."
    )
    at_risk: int = strawberry.field(description="How many have a risk: `Participant.attendance` says who.")
    curve: list[TrainingSession] = strawberry.field(
        description="The sessions that were held, in their order."
    )

    @classmethod
    def of(
        cls, cohort: _Cohort, standings: list[Standing], sessions: list[models.TrainingSession]
    ) -> CohortAttendance:
        attended, counted = (
            sum(one.attended for one in standings),
            sum(one.counted for one in standings),
        )
        minimum = cohort.minimum_attendance_percent
        return cls(
            cohort=cohort,
            percent=attended * 100 // counted if counted else None,
            at_risk=sum(bool(one.risks(minimum)) for one in standings),
            curve=[TrainingSession.of(row) for row in sessions if row.status is SessionStatus.HELD],
        )
