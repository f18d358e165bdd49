"""The roots of programmes and money."""

from __future__ import annotations

from functools import partial

import strawberry
from sqlalchemy import select

from services.grants.domain.cohorts import CohortStatus
from services.grants.loaders import APPLICATION_ORDER, COHORT_ORDER, PROGRAM_ORDER, TRAINING_ORDER
from services.grants.models import Cohort as CohortRow
from services.grants.models import FundingProgram as FundingProgramRow
from services.grants.models import GrantApplication as ApplicationRow
from services.grants.models import TrainingProgram as TrainingProgramRow
from services.grants.schema.types import (
    APPLICATIONS,
    SEATS,
    Cohort,
    FundingProgram,
    FundingRound,
    GrantApplication,
    Info,
    Participant,
    TrainingProgram,
)
from vereda.audit.graph import READING as AUDIT_READING
from vereda.audit.graph import AuditLog
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.type
class Query:
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
        requires_scopes=one_of(Scope.DIRECTORY_READ), description="Cohorts of the network, the newest first."
    )
    async def cohorts(
        self,
        info: Info,
        statuses: list[CohortStatus] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Cohort] | None:
        info.context.caller.require(Scope.DIRECTORY_READ)
        statement = select(CohortRow)
        if statuses:
            statement = statement.where(CohortRow.status.in_(statuses))
        return await listed(info.context, statement, COHORT_ORDER, first, after, Cohort.of)

    @strawberry.federation.field(requires_scopes=one_of(Scope.DIRECTORY_READ))
    async def cohort(self, info: Info, id: strawberry.ID) -> Cohort | None:
        return await Cohort.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS), description="A participant whom you brought, or host."
    )
    async def participant(self, info: Info, id: strawberry.ID) -> Participant | None:
        return await Participant.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ), description="Programs of grants, by name."
    )
    async def funding_programs(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[FundingProgram] | None:
        info.context.caller.require(Scope.DIRECTORY_READ)
        return await listed(
            info.context, select(FundingProgramRow), PROGRAM_ORDER, first, after, FundingProgram.of
        )

    @strawberry.federation.field(requires_scopes=one_of(Scope.DIRECTORY_READ))
    async def funding_round(self, info: Info, id: strawberry.ID) -> FundingRound | None:
        return await FundingRound.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*APPLICATIONS), description="An application that you help with, or decide on."
    )
    async def grant_application(self, info: Info, id: strawberry.ID) -> GrantApplication | None:
        return await GrantApplication.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*APPLICATIONS),
        description="Applications that you help with, or decide on, the newest first.",
    )
    async def grant_applications(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[GrantApplication] | None:
        info.context.caller.require(*APPLICATIONS)
        return await listed(
            info.context,
            select(ApplicationRow),
            APPLICATION_ORDER,
            first,
            after,
            partial(GrantApplication.of, info),
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*AUDIT_READING),
        description="What this service did and showed, provably whole.",
    )
    def grants_audit(self, info: Info) -> AuditLog | None:
        info.context.caller.require(*AUDIT_READING)
        return AuditLog(service="grants")
