"""Emergency accesses, for who has to look at them."""

from __future__ import annotations

import strawberry

from services.referrals.operations.emergencies import EMERGENCY_ORDER, REVIEWING, emergencies
from services.referrals.schema.context import Info
from services.referrals.schema.emergencies import EmergencyAccess
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.type
class EmergencyQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*REVIEWING),
        description="Emergency accesses that your organisation opened, or that were to its clients, the newest first."
        " `toDo`: those that lack a review, or whose client was not told.",
    )
    async def emergency_accesses(
        self, info: Info, to_do: bool = False, first: int | None = None, after: str | None = None
    ) -> Connection[EmergencyAccess] | None:
        info.context.caller.require(*REVIEWING)
        statement = emergencies(to_do=to_do)
        return await listed(info.context, statement, EMERGENCY_ORDER, first, after, EmergencyAccess.of)
