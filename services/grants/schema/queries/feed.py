"""What happened, as it comes."""

from __future__ import annotations

import strawberry

from services.grants.operations.feeding import FEED
from services.grants.schema.context import Info
from vereda.caller import Scope
from vereda.feed.graph import ChangeFeed, change_feed
from vereda.graph import one_of

_READING = (Scope.CLIENT_READ, Scope.COHORT_WRITE, Scope.GRANT_APPLY, Scope.GRANT_REVIEW, Scope.GRANT_PAY)


@strawberry.type
class FeedQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(*_READING),
        description="What happened in programmes and with money that your organisation has a part in, after the place `after`, in their order (docs/events.md)."
        " `types`: only those that begin with one of these.",
    )
    async def grants_feed(
        self, info: Info, after: str | None = None, first: int | None = None, types: list[str] | None = None
    ) -> ChangeFeed | None:
        info.context.caller.require(*_READING)
        return await change_feed(info.context, FEED, after, first, types)
