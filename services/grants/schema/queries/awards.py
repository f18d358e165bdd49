"""Awards, and the ledger."""

from __future__ import annotations

from functools import partial

import strawberry
from sqlalchemy import select

from services.grants.loaders import AWARD_ORDER
from services.grants.models import Award as AwardRow
from services.grants.schema.awards import Award
from services.grants.schema.context import MONEY, Info
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.type
class AwardQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY), description="An award that you made, or helped to ask for."
    )
    async def award(self, info: Info, id: strawberry.ID) -> Award | None:
        return await Award.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY),
        description="Awards that you made, or helped to ask for, the newest first.",
    )
    async def awards(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Award] | None:
        info.context.caller.require(*MONEY)
        return await listed(
            info.context, select(AwardRow), AWARD_ORDER, first, after, partial(Award.of, info)
        )
