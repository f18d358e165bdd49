"""Possible duplicates among one's own clients, and their links."""

from __future__ import annotations

import strawberry

from services.referrals.operations import duplicates
from services.referrals.schema.context import Info
from services.referrals.schema.duplicates import ClientLink, PossibleDuplicate
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id

_MOST_SHOWN = 10


@strawberry.type
class DuplicateQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Your own clients who may be this one, at most 10, the likeliest first.",
    )
    async def possible_duplicates(self, info: Info, handle: strawberry.ID) -> list[PossibleDuplicate] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        found = await duplicates.possible_duplicates(info.context, parse_id(handle, "handle"), _MOST_SHOWN)
        return None if found is None else [PossibleDuplicate.of(info, *one) for one in found]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Links of a client of yours in force; each shows on both.",
    )
    async def client_links(self, info: Info, handle: strawberry.ID) -> list[ClientLink] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        found = await duplicates.links_of(info.context, parse_id(handle, "handle"))
        return None if found is None else [ClientLink.of(*one) for one in found]
