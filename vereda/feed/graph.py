"""The feed in the graph: the same types in every service, a root field of its own in each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from vereda.context import RequestContext
from vereda.feed.reading import WITHHELD, Event, Feed, newest, read

#: CloudEvents' `sequence` is ordered as text.
_DIGITS = 19


@strawberry.federation.type(
    shareable=True,
    description="Something that happened, with CloudEvents 1.0 attributes. `data` holds ids and codes only: what they stand for"
    " is read by a query, which asks for the client's consent again.",
)
class ChangeEvent:
    id: strawberry.ID
    specversion: str
    source: str = strawberry.field(description="The service that tells: `/referrals`.")
    type: str = strawberry.field(
        description=f"Such as `org.vereda.referral.accept` (docs/events.md). `{WITHHELD}`: you may not know any more what it was."
    )
    subject: str | None = strawberry.field(description="The id of what it happened to.")
    time: datetime
    sequence: str = strawberry.field(
        description="Its place in your organisation's feed of this service, of one length: without gaps, ordered as text."
    )
    data: JSON


@strawberry.federation.type(shareable=True, description="A part of your organisation's feed of one service.")
class ChangeFeed:
    events: list[ChangeEvent]
    cursor: str = strawberry.field(
        description="Where to go on (`after`); it moves on where `events` is empty too. Keep it once you have dealt with them."
    )
    has_more: bool = strawberry.field(description="Whether there is more to read at once.")
    feed: strawberry.Private[Feed]

    @strawberry.field(description="Where what is to come begins.")  # type: ignore[untyped-decorator]
    async def newest(self, info: strawberry.Info[RequestContext[Any], None]) -> str:
        return await newest(info.context, self.feed)


async def change_feed(
    context: RequestContext[Any], feed: Feed, after: str | None, first: int | None, types: list[str] | None
) -> ChangeFeed:
    """Raises: ClientError as `vereda.feed.reading.read`."""
    found = await read(context, feed, after, first, types)
    events = [as_cloud_event(feed.service, one) for one in found.events]
    return ChangeFeed(events=events, cursor=found.cursor, has_more=found.more, feed=feed)


def as_cloud_event(service: str, event: Event) -> ChangeEvent:
    told = event.told
    return ChangeEvent(
        id=strawberry.ID(str(event.id)),
        specversion="1.0",
        source=f"/{service}",
        type=told.type if told else WITHHELD,
        subject=told.subject if told else None,
        time=event.at,
        sequence=f"{event.number:0{_DIGITS}}",
        data=JSON(told.data if told else {}),
    )
