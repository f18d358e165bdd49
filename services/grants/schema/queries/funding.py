"""Programs of grants, rounds, applications."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import partial
from typing import Final

import strawberry
from sqlalchemy import select

from services.grants.domain.applications import ApplicationState
from services.grants.loaders import APPLICATION_ORDER, PROGRAM_ORDER
from services.grants.models import FundingProgram as FundingProgramRow
from services.grants.models import GrantApplication as ApplicationRow
from services.grants.schema.context import APPLICATIONS, Info
from services.grants.schema.funding import FundingProgram, FundingRound, GrantApplication
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.pagination import Connection, Order


@strawberry.enum(description="In what order applications are listed.")
class GrantApplicationOrder(Enum):
    CREATED_DESC = strawberry.enum_value("CREATED_DESC", description="The newest first.")
    SUBMITTED_ASC = strawberry.enum_value(
        "SUBMITTED_ASC", description="Who waits longest first; what was never submitted is not in the list."
    )
    SUBMITTED_DESC = strawberry.enum_value(
        "SUBMITTED_DESC", description="What was submitted last first; the same."
    )


_APPLICATIONS: Final[Mapping[GrantApplicationOrder, tuple[Order, ...]]] = {
    GrantApplicationOrder.CREATED_DESC: APPLICATION_ORDER,
    GrantApplicationOrder.SUBMITTED_ASC: (Order(ApplicationRow.submitted_at), Order(ApplicationRow.id)),
    GrantApplicationOrder.SUBMITTED_DESC: (
        Order(ApplicationRow.submitted_at, descending=True),
        Order(ApplicationRow.id, descending=True),
    ),
}


@strawberry.input(description="All that is given must hold; of several values, any.")
class GrantApplicationFilter:
    states: list[ApplicationState] | None = None
    round: strawberry.ID | None = None


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
        description="Applications that you help with, or decide on.",
    )
    async def grant_applications(
        self,
        info: Info,
        filter: GrantApplicationFilter | None = None,
        order_by: GrantApplicationOrder = GrantApplicationOrder.CREATED_DESC,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[GrantApplication] | None:
        info.context.caller.require(*APPLICATIONS)
        wanted = select(ApplicationRow)
        if filter and filter.states:
            wanted = wanted.where(ApplicationRow.state.in_(filter.states))
        if filter and filter.round is not None:
            wanted = wanted.where(ApplicationRow.round_id == parse_id(filter.round, "round"))
        return await listed(
            info.context,
            wanted,
            _APPLICATIONS[order_by],
            first,
            after,
            partial(GrantApplication.of, info),
        )
