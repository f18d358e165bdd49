"""Programs of grants, rounds, applications."""

from __future__ import annotations

from functools import partial

import strawberry
from sqlalchemy import select

from services.grants.loaders import APPLICATION_ORDER, PROGRAM_ORDER
from services.grants.models import FundingProgram as FundingProgramRow
from services.grants.models import GrantApplication as ApplicationRow
from services.grants.schema.context import APPLICATIONS, Info
from services.grants.schema.funding import FundingProgram, FundingRound, GrantApplication
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.type
class FundingQueries:
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
