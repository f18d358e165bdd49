"""Courses, cohorts, participants."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

import strawberry
from sqlalchemy import select

from services.grants.domain.cohorts import CohortStatus
from services.grants.loaders import COHORT_ORDER, FOLLOW_UP_ORDER, TRAINING_ORDER
from services.grants.models import Cohort as CohortRow
from services.grants.models import FollowUp as FollowUpRow
from services.grants.models import TrainingProgram as TrainingProgramRow
from services.grants.operations import progress
from services.grants.schema.attendance import CohortAttendance
from services.grants.schema.context import SEATS, Info
from services.grants.schema.progress import Caseload, FollowUp
from services.grants.schema.selection import CohortApplication
from services.grants.schema.training import Cohort, Participant, TrainingProgram
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.pagination import Connection, Order

#: More than anybody can be an advisor to at a time.
_MOST_HELPED: Final = 200


@strawberry.enum(description="In what order cohorts are listed.")
class CohortOrder(Enum):
    STARTS_DESC = strawberry.enum_value("STARTS_DESC", description="The newest first.")
    STARTS_ASC = strawberry.enum_value("STARTS_ASC", description="The earliest first.")


_COHORTS: Final[Mapping[CohortOrder, tuple[Order, ...]]] = {
    CohortOrder.STARTS_DESC: COHORT_ORDER,
    CohortOrder.STARTS_ASC: (Order(CohortRow.starts_on), Order(CohortRow.id)),
}


@strawberry.input(description="All that is given must hold; of several values, any.")
class CohortFilter:
    statuses: list[CohortStatus] | None = None
    program: strawberry.ID | None = None


@strawberry.type
class TrainingQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ), description="Courses of the network, by name."
    )
    async def training_programs(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[TrainingProgram] | None:
        info.context.caller.require(Scope.DIRECTORY_READ)
        return await listed(
            info.context, select(TrainingProgramRow), TRAINING_ORDER, first, after, TrainingProgram.of
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ), description="Cohorts of the network."
    )
    async def cohorts(
        self,
        info: Info,
        filter: CohortFilter | None = None,
        order_by: CohortOrder = CohortOrder.STARTS_DESC,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Cohort] | None:
        info.context.caller.require(Scope.DIRECTORY_READ)
        statement = select(CohortRow)
        if filter and filter.statuses:
            statement = statement.where(CohortRow.status.in_(filter.statuses))
        if filter and filter.program is not None:
            statement = statement.where(CohortRow.program_id == parse_id(filter.program, "program"))
        return await listed(info.context, statement, _COHORTS[order_by], first, after, Cohort.of)

    @strawberry.federation.field(requires_scopes=one_of(Scope.DIRECTORY_READ))
    async def cohort(self, info: Info, id: strawberry.ID) -> Cohort | None:
        return await Cohort.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS), description="A participant whom you brought, or host."
    )
    async def participant(self, info: Info, id: strawberry.ID) -> Participant | None:
        return await Participant.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS), description="An application to a cohort, by its two sides."
    )
    async def cohort_application(self, info: Info, id: strawberry.ID) -> CohortApplication | None:
        return await CohortApplication.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS),
        description="Whom an advisor of yours helps; without one named, whom you do.",
    )
    async def caseload(self, info: Info, advisor: str | None = None) -> Caseload | None:
        info.context.caller.require(*SEATS)
        who = advisor or info.context.caller.subject
        async with info.context.read() as session:
            rows = await progress.caseload(session, who, _MOST_HELPED)
        return Caseload(advisor=who, participants=[Participant.of(info, row) for row in rows])

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS),
        description="Whom you are to ask what came of it, the longest due first.",
    )
    async def follow_ups(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[FollowUp] | None:
        info.context.caller.require(*SEATS)
        open_ = select(FollowUpRow).where(FollowUpRow.answered_at.is_(None))
        return await listed(info.context, open_, FOLLOW_UP_ORDER, first, after, FollowUp.of)

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS), description="How a cohort of yours is attended; `null` for others."
    )
    async def attendance(self, info: Info, cohort: strawberry.ID) -> CohortAttendance | None:
        info.context.caller.require(*SEATS)
        loaders, id_ = info.context.loaders, parse_id(cohort, "cohort")
        row = await loaders.cohort.load(id_)
        if row is None or row.organization_id != info.context.caller.organization:
            return None
        standings = await loaders.standings.load(id_) or []
        return CohortAttendance.of(Cohort.of(row), standings, await loaders.sessions.load(id_))
