"""What happened, as it comes."""

from __future__ import annotations

import strawberry

from services.referrals.operations.feeding import FEED
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.feed.graph import ChangeFeed, change_feed
from vereda.graph import one_of

_READING = (Scope.CLIENT_READ,)


@strawberry.type
class FeedQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*_READING),
        description="What happened to clients and hand-offs of your organisation, after the place `after`, in their order (docs/events.md)."
        " `types`: only those that begin with one of these.",
    )
    async def referrals_feed(
        self, info: Info, after: str | None = None, first: int | None = None, types: list[str] | None = None
    ) -> ChangeFeed | None:
        info.context.caller.require(*_READING)
        return await change_feed(info.context, FEED, after, first, types)
