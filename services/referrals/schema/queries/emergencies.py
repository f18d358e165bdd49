"""Emergency accesses, for who has to look at them."""

from __future__ import annotations

import strawberry

from services.referrals.operations.emergencies import EMERGENCY_ORDER, REVIEWING, emergencies
from services.referrals.schema.context import Info
from services.referrals.schema.emergencies import EmergencyAccess
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.input(description="All that is given must hold.")
class EmergencyAccessFilter:
    to_do: bool = strawberry.field(
        default=False, description="Only those that lack a review, or whose client was not told."
    )


@strawberry.type
class EmergencyQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*REVIEWING),
        description="Emergency accesses that your organisation opened, or that were to its clients, the newest first.",
    )
    async def emergency_accesses(
        self,
        info: Info,
        filter: EmergencyAccessFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[EmergencyAccess] | None:
        info.context.caller.require(*REVIEWING)
        statement = emergencies(to_do=bool(filter and filter.to_do))
        return await listed(info.context, statement, EMERGENCY_ORDER, first, after, EmergencyAccess.of)
