"""Awards, and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import partial
from typing import Final

import strawberry
from sqlalchemy import exists, select

from services.grants.domain.applications import ApplicationState
from services.grants.loaders import AWARD_ORDER
from services.grants.models import Award as AwardRow
from services.grants.models import GrantApplication as ApplicationRow
from services.grants.schema.awards import Award
from services.grants.schema.context import MONEY, Info
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.pagination import Connection, Order


@strawberry.enum(description="In what order awards are listed.")
class AwardOrder(Enum):
    AWARDED_DESC = strawberry.enum_value("AWARDED_DESC", description="The newest first.")
    AWARDED_ASC = strawberry.enum_value("AWARDED_ASC", description="The oldest first.")
    AMOUNT_DESC = strawberry.enum_value("AMOUNT_DESC", description="The largest first.")


_AWARDS: Final[Mapping[AwardOrder, tuple[Order, ...]]] = {
    AwardOrder.AWARDED_DESC: AWARD_ORDER,
    AwardOrder.AWARDED_ASC: (Order(AwardRow.id),),
    AwardOrder.AMOUNT_DESC: (Order(AwardRow.amount_cents, descending=True), Order(AwardRow.id)),
}


@strawberry.input(description="All that is given must hold; of several values, any.")
class AwardFilter:
    states: list[ApplicationState] | None = strawberry.field(
        default=None, description="Where their applications stand."
    )
    round: strawberry.ID | None = None


@strawberry.type
class AwardQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY), description="An award that you made, or helped to ask for."
    )
    async def award(self, info: Info, id: strawberry.ID) -> Award | None:
        return await Award.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY),
        description="Awards that you made, or helped to ask for.",
    )
    async def awards(
        self,
        info: Info,
        filter: AwardFilter | None = None,
        order_by: AwardOrder = AwardOrder.AWARDED_DESC,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Award] | None:
        info.context.caller.require(*MONEY)
        wanted = select(AwardRow)
        if filter and filter.round is not None:
            wanted = wanted.where(AwardRow.round_id == parse_id(filter.round, "round"))
        if filter and filter.states:
            application = ApplicationRow.id == AwardRow.application_id
            wanted = wanted.where(exists().where(application, ApplicationRow.state.in_(filter.states)))
        return await listed(info.context, wanted, _AWARDS[order_by], first, after, partial(Award.of, info))
