"""What the feed says to whom: nothing in it is about a client, and who is told may know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.events import EVENTS
from services.partners.models import FeedEntry, FeedHead, OutboxEvent
from vereda.context import RequestContext
from vereda.feed.catalogue import PREFIX
from vereda.feed.reading import Feed, Told
from vereda.models import OutboxColumns


async def tells(
    _context: RequestContext[Any], _session: AsyncSession, events: Sequence[OutboxColumns]
) -> dict[UUID, Told]:
    """All of `events` that the catalogue has."""
    known = (one for one in events if one.type.removeprefix(PREFIX) in EVENTS)
    return {one.id: Told(one.type, one.subject, one.data) for one in known}


FEED: Final = Feed("partners", OutboxEvent, FeedEntry, FeedHead, tells)
