"""What the feed says to whom: asked anew at each reading, in the reader's name (R9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.events import EVENTS
from services.grants.models import (
    Award,
    CohortApplication,
    FeedEntry,
    FeedHead,
    FollowUp,
    GrantApplication,
    OutboxEvent,
    Participant,
    Receipt,
)
from vereda.context import RequestContext
from vereda.database import among
from vereda.feed.catalogue import PREFIX, EventType, Shown
from vereda.feed.reading import Feed, Told
from vereda.models import OutboxColumns
from vereda.rounds import NOBODY

#: Where the subjects of events that are shown with their row (`Shown.ROW`) are.
_ROWS: Final[dict[str, Any]] = {
    "participant": Participant,
    "cohort_application": CohortApplication,
    "follow_up": FollowUp,
    "grant_application": GrantApplication,
    "receipt": Receipt,
    "award": Award,
}


async def tells(
    context: RequestContext[Any], session: AsyncSession, events: Sequence[OutboxColumns]
) -> dict[UUID, Told]:
    """Of those of `events` that the caller's organisation may know of now: what they say."""
    own = context.caller.organization
    known = [(one, kind) for one in events if (kind := EVENTS.get(one.type.removeprefix(PREFIX)))]
    rows = await _seen(session, [(one, kind) for one, kind in known if kind.shown is Shown.ROW])
    said = {one.id: _said(one, kind, own, rows) for one, kind in known}
    return {id_: told for id_, told in said.items() if told is not None}


def _said(event: OutboxColumns, kind: EventType, own: UUID, rows: set[UUID]) -> Told | None:
    whole = Told(event.type, event.subject, event.data)
    if event.organization_id == own or kind.shown is Shown.TOLD:
        return whole
    if kind.shown is Shown.ROW and UUID(event.subject) in rows:
        return Told(f"{PREFIX}{_kind(kind)}.changed", event.subject, {"id": event.subject})
    return whole if kind.shown is Shown.MAKER and event.organization_id == NOBODY else None


async def _seen(session: AsyncSession, asked: Sequence[tuple[OutboxColumns, EventType]]) -> set[UUID]:
    """Which of their subjects there are for the caller's organisation: one statement for each kind."""
    seen: set[UUID] = set()
    for name, table in _ROWS.items():
        if wanted := {UUID(one.subject) for one, kind in asked if _kind(kind) == name}:
            seen.update(await session.scalars(select(table.id).where(among(table.id, wanted))))
    return seen


def _kind(type_: EventType) -> str:
    return type_.name.partition(".")[0]


FEED: Final = Feed("grants", OutboxEvent, FeedEntry, FeedHead, tells)
