"""What happened, as it comes, and who is told of it outside of the network."""

from __future__ import annotations

import strawberry

from services.grants.operations.feeding import FEED
from services.grants.operations.webhooks import READING, WEBHOOKS
from services.grants.schema.context import Info
from vereda.feed.graph import ChangeFeed, change_feed
from vereda.graph import one_of
from vereda.webhooks.graph import webhook_mutations, webhook_queries

WebhookQueries = webhook_queries(WEBHOOKS)
WebhookMutations = webhook_mutations(WEBHOOKS)


@strawberry.type
class FeedQueries(WebhookQueries):  # type: ignore[misc,valid-type]
    @strawberry.federation.field(
        requires_scopes=one_of(*READING),
        description="What happened in programmes and with money that your organisation has a part in, after the place `after`, in their order (docs/events.md)."
        " `types`: only those that begin with one of these.",
    )
    async def grants_feed(
        self, info: Info, after: str | None = None, first: int | None = None, types: list[str] | None = None
    ) -> ChangeFeed | None:
        info.context.caller.require(*READING)
        return await change_feed(info.context, FEED, after, first, types)
