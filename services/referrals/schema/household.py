"""Who comes with a client, as their home and others see it."""

from __future__ import annotations

import strawberry

from services.referrals import models
from services.referrals.domain.clients import AgeBand, KeyGroup
from services.referrals.domain.household import Relation
from services.referrals.schema.context import Info
from services.referrals.schema.disclosure import opened, shown
from vereda.caller import Scope
from vereda.graph import one_of


@strawberry.type(description="Somebody who comes with a client.")
class HouseholdMember:
    row: strawberry.Private[models.HouseholdMember]
    client: strawberry.Private[models.Client]

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def relation(self, info: Info) -> Relation | None:
        return self.row.relation if await shown(info, self.client) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def age_band(self, info: Info) -> AgeBand | None:
        return self.row.age_band if await shown(info, self.client) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ), description="ISO 639-3.")
    async def language(self, info: Info) -> str | None:
        return self.row.language if await shown(info, self.client) else None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def name(self, info: Info) -> str | None:
        if self.row.name_sealed is None:
            return None
        return await opened(info, self.client, KeyGroup.IDENTITY, self.row.name_sealed)


@strawberry.type
class ClientHousehold:
    """What a client has of a household."""

    row: strawberry.Private[models.Client]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Who comes with them. A minor is shown to others under a guardian's consent alone.",
    )
    async def household(self, info: Info) -> list[HouseholdMember] | None:
        if not await shown(info, self.row):
            return None
        rows = await info.context.loaders.household.load(self.row.id)
        return [HouseholdMember(row=one, client=self.row) for one in rows]
