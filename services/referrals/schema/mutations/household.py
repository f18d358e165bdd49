"""Recording who comes with a client."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.clients import AgeBand
from services.referrals.domain.household import Relation
from services.referrals.operations import household
from services.referrals.refusals import SensitiveText
from services.referrals.schema.clients import Client
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input
class HouseholdMemberInput:
    relation: Relation
    age_band: AgeBand
    language: str | None = strawberry.field(default=None, description="ISO 639-3.")
    name: str | None = strawberry.field(default=None, description="If it is needed. Sealed; screened.")

    def parsed(self) -> household.MemberFields:
        return household.MemberFields(
            relation=self.relation, age_band=self.age_band, language=self.language, name=self.name
        )


@strawberry.input
class SetHouseholdInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the client.")
    expected_version: int = strawberry.field(description="`Client.version`.")
    members: list[HouseholdMemberInput] = strawberry.field(description="All of them, at most 15.")


@strawberry.type
class HouseholdSet:
    client: Client


SetHouseholdPayload = Annotated[
    HouseholdSet | InvalidInput | SensitiveText | NotFound | NotAllowed | VersionConflict,
    strawberry.union("SetHouseholdPayload"),
]


@strawberry.type
class HouseholdMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Say who comes with a client of yours, in the place of whoever was there before.",
    )
    async def set_household(self, info: Info, input: SetHouseholdInput) -> SetHouseholdPayload | None:
        done = await household.set_household(
            info.context,
            parse_id(input.client, "client"),
            input.expected_version,
            tuple(one.parsed() for one in input.members),
            input.idempotency_key,
        )
        return HouseholdSet(client=Client.of(info, done)) if isinstance(done, models.Client) else done
