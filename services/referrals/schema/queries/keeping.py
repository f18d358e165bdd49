"""Legal holds and demands of one's own organisation."""

from __future__ import annotations

import strawberry

from services.referrals.operations.demands import DEMAND_ORDER, own_demands
from services.referrals.operations.holding import HOLD_ORDER, LEGAL, own_holds
from services.referrals.schema.context import Info
from services.referrals.schema.keeping import LegalDemand, LegalHold
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.type
class KeepingQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*LEGAL), description="Holds of your organisation, the newest first."
    )
    async def legal_holds(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[LegalHold] | None:
        info.context.caller.require(*LEGAL)
        return await listed(
            info.context,
            own_holds(info.context),
            HOLD_ORDER,
            first,
            after,
            lambda row: LegalHold.of(info, row),
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*LEGAL), description="Demands on your organisation, the newest first."
    )
    async def legal_demands(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[LegalDemand] | None:
        info.context.caller.require(*LEGAL)
        return await listed(
            info.context,
            own_demands(info.context),
            DEMAND_ORDER,
            first,
            after,
            lambda row: LegalDemand.of(info, row),
        )
