"""Courses, cohorts and seats, as they are shown."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from uuid import UUID

import strawberry

from services.grants import models
from services.grants.domain.cohorts import (
    CohortMoveName,
    CohortStatus,
    ParticipantStatus,
    Season,
    cohort_moves,
)
from services.grants.operations.graduating import code_of
from services.grants.schema.attendance import Attendance, TrainingSession
from services.grants.schema.consents import ASSURED, enter_seat, holding, shown
from services.grants.schema.context import OFFERED, SEATS, Info
from services.grants.schema.extended import Client, Organization
from services.grants.schema.progress import (
    Assistance,
    FollowUpAnswer,
    LicenceFunnel,
    Milestone,
    PublishedFunnel,
    Venture,
)
from services.grants.schema.selection import CohortApplication, SelectionCriterion
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.mapping import from_row
from vereda.pagination import Connection


@strawberry.federation.type(keys=["id"], description="A course that is held again and again.")
class TrainingProgram:
    id: strawberry.ID
    name: str
    name_es: str | None
    description: str | None
    version: int
    organization_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: models.TrainingProgram) -> TrainingProgram:
        return from_row(cls, row, organization_id=row.organization_id)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> TrainingProgram | None:
        info.context.caller.require(*OFFERED)
        row = await info.context.loaders.training_program.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    def organization(self) -> Organization | None:
        return Organization.of(self.organization_id)

    @strawberry.field
    async def cohorts(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Cohort]:
        return await listed_under(
            info.context.loaders.cohorts_of_program, UUID(self.id), first, after, Cohort.of
        )


@strawberry.federation.type(keys=["id"], description="One run of a training program.")
class Cohort:
    id: strawberry.ID
    season: Season
    year: int
    capacity: int
    admitted: int = strawberry.field(description="Seats that are taken; never more than `capacity`.")
    starts_on: date
    ends_on: date
    languages: list[str]
    minimum_attendance_percent: int = strawberry.field(description="To complete it.")
    plan_required: bool = strawberry.field(description="Whether completing it takes a business plan.")
    status: CohortStatus
    version: int
    row: strawberry.Private[models.Cohort]

    @classmethod
    def of(cls, row: models.Cohort) -> Cohort:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Cohort | None:
        info.context.caller.require(*OFFERED)
        row = await info.context.loaders.cohort.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    def host(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field
    async def program(self, info: Info) -> TrainingProgram:
        return TrainingProgram.of(await info.context.loaders.training_program.load(self.row.program_id))

    @strawberry.field(description="What its host can do with it.")
    def allowed_moves(self, info: Info) -> list[CohortMoveName]:
        if self.row.organization_id != info.context.caller.organization:
            return []
        return [move.name for move in cohort_moves(self.row.status)]

    @strawberry.field(description="When it meets, in the order of time.")
    async def sessions(self, info: Info) -> list[TrainingSession]:
        rows = await info.context.loaders.sessions.load(self.row.id)
        return [TrainingSession.of(row) for row in rows]

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS),
        description="From admission to a licence: for the host; `null` for everybody else.",
    )
    async def funnel(self, info: Info) -> LicenceFunnel | None:
        info.context.caller.require(*SEATS)
        if self.row.organization_id != info.context.caller.organization:
            return None
        return LicenceFunnel.of(await info.context.loaders.paths.load(self.row.id) or [])

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REPORT_READ),
        description="For everybody, from 15 days after its last day, with small counts hidden (R31); `null` before.",
    )
    async def published_funnel(self, info: Info) -> PublishedFunnel | None:
        info.context.caller.require(Scope.REPORT_READ)
        row = await info.context.loaders.published_funnel.load(self.row.id)
        return PublishedFunnel.of(row) if row else None

    @strawberry.field(description="By what its applicants are judged; `null` where it takes none.")
    async def rubric(self, info: Info) -> list[SelectionCriterion] | None:
        row = await info.context.loaders.selection_rubric.load(self.row.id)
        return [SelectionCriterion(**one) for one in row.criteria] if row else None

    @strawberry.field(
        description="Applications: all for the host; for others those of clients whom they brought."
    )
    async def applications(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[CohortApplication]:
        return await listed_under(
            info.context.loaders.cohort_applications,
            self.row.id,
            first,
            after,
            partial(CohortApplication.of, info),
        )

    @strawberry.field(description="All for the host; for others those whom they brought.")
    async def participants(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Participant]:
        return await listed_under(
            info.context.loaders.participants, self.row.id, first, after, partial(Participant.of, info)
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS),
        description="Who completed it, by the day: all for the host; for others those whom they brought.",
    )
    async def graduates(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Participant] | None:
        info.context.caller.require(*SEATS)
        return await listed_under(
            info.context.loaders.graduates, self.row.id, first, after, partial(Participant.of, info)
        )


@strawberry.federation.type(keys=["id"], requires_scopes=one_of(*SEATS), description="A client in a cohort.")
class Participant:
    id: strawberry.ID
    status: ParticipantStatus
    enrolled_at: datetime
    completed_at: datetime | None
    version: int
    row: strawberry.Private[models.Participant]
    assurance: strawberry.Private[str | None]

    @classmethod
    def of(cls, info: Info, row: models.Participant, assurance: str | None = None) -> Participant:
        info.context.caller.require(*SEATS)
        enter_seat(info, row)
        return from_row(cls, row, row=row, assurance=assurance)

    @classmethod
    async def resolve_reference(
        cls, info: Info, id: strawberry.ID, client: dict[str, str | None] | None = None
    ) -> Participant | None:
        """`client`: with its `assurance`, which the fields below require of referrals."""
        info.context.caller.require(*SEATS)
        row = await info.context.loaders.participant.load(parse_id(id, "id"))
        return cls.of(info, row, (client or {}).get("assurance")) if row else None

    @strawberry.field
    async def cohort(self, info: Info) -> Cohort:
        return Cohort.of(await info.context.loaders.cohort.load(self.row.cohort_id))

    @strawberry.field(description="Under your own handle.")
    def client(self, info: Info) -> Client | None:
        host = self.row.organization_id == info.context.caller.organization
        return Client.of(self.row.host_handle if host else self.row.sponsor_handle)

    @strawberry.field(description="The organisation that brought the client.")
    def sponsor(self) -> Organization | None:
        return Organization.of(self.row.sponsor_id)

    @strawberry.field(
        description="The code of their certificate, to hand to them; whoever they show it to asks `certificate`."
    )
    def certificate(self, info: Info) -> str | None:
        if self.row.completed_at is None:
            return None
        return code_of(info.context.settings, self.row.id)

    @strawberry.federation.field(
        requires=[ASSURED], description="How they attend: for the host, while consent holds."
    )
    async def attendance(self, info: Info) -> Attendance | None:
        if not await self._open(info):
            return None
        marks = await info.context.loaders.marks.load(self.row.id)
        cohort = await info.context.loaders.cohort.load(self.row.cohort_id)
        return Attendance.of(marks or [], cohort.minimum_attendance_percent)

    @strawberry.federation.field(
        requires=[ASSURED], description="Help at their side: for the host, while consent holds."
    )
    async def assistance(self, info: Info) -> Assistance | None:
        if not await self._open(info):
            return None
        return Assistance.of(await info.context.loaders.assistance.load(self.row.id))

    @strawberry.federation.field(
        requires=[ASSURED], description="In the order of time: for the host, while consent holds."
    )
    async def milestones(self, info: Info) -> list[Milestone] | None:
        if not await self._open(info):
            return None
        return [Milestone.of(row) for row in await info.context.loaders.milestones.load(self.row.id)]

    @strawberry.federation.field(
        requires=[ASSURED], description="What they are building: for the host, while consent holds."
    )
    async def venture(self, info: Info) -> Venture | None:
        if not await self._open(info):
            return None
        row = await info.context.loaders.venture.load(self.row.id)
        return Venture.of(row) if row else None

    @strawberry.federation.field(
        requires=[ASSURED], description="What they said of it later: for the host, while consent holds."
    )
    async def follow_ups(self, info: Info) -> list[FollowUpAnswer] | None:
        if not await self._open(info):
            return None
        rows = await info.context.loaders.follow_ups.load(self.row.id)
        return [from_row(FollowUpAnswer, row) for row in rows if row.answered_at is not None]

    async def _open(self, info: Info) -> bool:
        """Whether the caller hosts them, and the client's consent holds now."""
        if self.row.organization_id != info.context.caller.organization:
            return False
        held = await holding(info, self.assurance, str(self.row.host_handle))
        return shown(info, self.row.consent_id, held)
