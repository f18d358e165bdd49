"""Reading a feed, from any place on, as CloudEvents 1.0 (https://github.com/cloudevents/spec, v1.0.2)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.context import RequestContext
from vereda.errors import ClientError, ErrorCode
from vereda.models import FeedEntryColumns, FeedHeadColumns, OutboxColumns
from vereda.pagination import page_request

#: What stands at the place of an event of which its reader may not know any more (R9, R16).
WITHHELD: Final = "org.vereda.withheld"
_NOT_OURS: Final = (
    "`after` is not a cursor of this feed: the installation may have been restored from a backup. Read your lists anew, and"
    " go on from `newest`."
)
_EXPIRED: Final = (
    "Events after this cursor are kept no longer. Read your lists anew, and go on from `newest`."
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in one organisation's feed, and the event that stood there: a place of the same number is another after
    the database was restored from a backup."""

    number: int
    event: UUID | None

    def encoded(self) -> str:
        said = orjson.dumps([self.number, str(self.event or "")])
        return base64.urlsafe_b64encode(said).decode().rstrip("=")


#: Before whatever is still kept.
BEGINNING: Final = Place(0, None)


def decoded(cursor: str | None) -> Place:
    """The place that a cursor names; the beginning without one. Raises: ClientError BAD_CURSOR."""
    if cursor is None:
        return BEGINNING
    try:
        number, event = orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        if type(number) is not int or not 0 <= number < 2**63:
            raise ValueError
        return Place(number, UUID(event)) if number else BEGINNING
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise ClientError(
            ErrorCode.BAD_CURSOR, "`after` is not a cursor of this feed. Use `cursor` of its last page."
        ) from None


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its reader may know of it: its type, its subject and its ids are for the service to say."""

    type: str
    subject: str | None
    data: dict[str, str]


#: Of these events, by id, what the reader in whose name the session is may know now. Of the others: nothing.
Tells: TypeAlias = Callable[
    [RequestContext[Any], AsyncSession, Sequence[OutboxColumns]], Awaitable[dict[UUID, Told]]
]


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed of one service: its tables, and what it tells whom."""

    service: str
    events: type[OutboxColumns]
    entries: type[FeedEntryColumns]
    heads: type[FeedHeadColumns]
    tells: Tells


@dataclass(frozen=True, slots=True)
class Event:
    """One event at its place in the reader's feed."""

    id: UUID
    number: int
    at: datetime
    told: Told | None

    @property
    def place(self) -> Place:
        return Place(self.number, self.id)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read; `cursor`: where to go on, also where nothing was; `more`: whether that can be done at once."""

    events: tuple[Event, ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    event: OutboxColumns


async def read(
    context: RequestContext[Any],
    feed: Feed,
    after: str | None,
    first: int | None = None,
    types: Sequence[str] | None = None,
) -> Read:
    """The next `first` events of the caller's organisation after the place of the cursor `after`, in their order.

    `types`: of which to say something: all that begin with one of these. The places of others are passed over.

    Raises: ClientError BAD_CURSOR where the cursor is not of this feed, also because the database was restored from a
    backup that did not have it; CURSOR_EXPIRED where events after it are kept no longer; PAGE_TOO_LARGE.
    """
    size, place = page_request(first, None).first, decoded(after)
    own = context.caller.organization
    async with context.read() as session:
        head = await session.scalar(select(feed.heads.place).where(feed.heads.organization_id == own)) or 0
        rows = _following(place, head, await _kept(session, feed, own, place.number, size + 1))[:size]
        told = await feed.tells(context, session, [row.event for row in rows])
    events = [Event(row.event.id, row.number, row.event.occurred_at, told.get(row.event.id)) for row in rows]
    last = Place(events[-1].number, events[-1].id) if events else place
    return Read(tuple(one for one in events if _wanted(one, types)), last.encoded(), last.number < head)


async def newest(context: RequestContext[Any], feed: Feed) -> str:
    """The cursor of the feed's end: for who wants to hear of what is to come alone."""
    last = select(feed.entries).where(feed.entries.organization_id == context.caller.organization)
    async with context.read() as session:
        row = await session.scalar(last.order_by(feed.entries.place.desc()).limit(1))
    return (Place(row.place, row.event_id) if row else BEGINNING).encoded()


async def _kept(session: AsyncSession, feed: Feed, organization: UUID, number: int, many: int) -> list[_Kept]:
    """Entries from `number` on, that one too, in their order."""
    wanted = (
        select(feed.entries.place, feed.events)
        .join(feed.events, feed.events.id == feed.entries.event_id)
        .where(feed.entries.organization_id == organization, feed.entries.place >= number)
        .order_by(feed.entries.place)
        .limit(many)
    )
    return [_Kept(number, event) for number, event in (await session.execute(wanted)).all()]


def _following(place: Place, head: int, kept: list[_Kept]) -> list[_Kept]:
    """What comes after `place`, of what is kept from there on."""
    if place == BEGINNING:
        return kept
    if place.number > head or (kept and kept[0].number == place.number and kept[0].event.id != place.event):
        # The database was restored from a backup that ends before this place.
        raise ClientError(ErrorCode.BAD_CURSOR, _NOT_OURS)
    if kept and kept[0].number > place.number + 1:
        raise ClientError(ErrorCode.CURSOR_EXPIRED, _EXPIRED)
    return [row for row in kept if row.number > place.number]


def _wanted(event: Event, types: Sequence[str] | None) -> bool:
    if types is None:
        return True
    return event.told is not None and event.told.type.startswith(tuple(types))
