"""Linking records of one person, and taking that back."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.resemblance import Likeness
from services.referrals.operations import duplicates
from services.referrals.schema.context import Info
from services.referrals.schema.duplicates import ClientLink
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound


@strawberry.input
class LinkClientsInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the one record.")
    other: strawberry.ID = strawberry.field(description="Your handle of the other.")
    evidence: list[Likeness] = strawberry.field(description="In what they are alike, as you found it.")


@strawberry.input
class UnlinkClientsInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.type
class ClientsLinked:
    link: ClientLink


@strawberry.type
class ClientsUnlinked:
    link: ClientLink


LinkClientsPayload = Annotated[
    ClientsLinked | NotFound | InvalidInput, strawberry.union("LinkClientsPayload")
]
UnlinkClientsPayload = Annotated[ClientsUnlinked | NotFound, strawberry.union("UnlinkClientsPayload")]


@strawberry.type
class DuplicateMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Say that two records are of one person. Nothing is merged, and it can be taken back.",
    )
    async def link_clients(self, info: Info, input: LinkClientsInput) -> LinkClientsPayload | None:
        given = duplicates.LinkFields(
            one=parse_id(input.client, "client"),
            other=parse_id(input.other, "other"),
            evidence=tuple(input.evidence),
        )
        done = await duplicates.link_clients(info.context, given, input.idempotency_key)
        return ClientsLinked(link=ClientLink.of(done)) if isinstance(done, models.ClientLink) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND), description="Take a link back."
    )
    async def unlink_clients(self, info: Info, input: UnlinkClientsInput) -> UnlinkClientsPayload | None:
        id_ = parse_id(input.id, "id")
        done = await duplicates.unlink_clients(info.context, id_, input.idempotency_key)
        return ClientsUnlinked(link=ClientLink.of(done)) if isinstance(done, models.ClientLink) else done
