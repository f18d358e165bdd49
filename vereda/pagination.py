"""Relay connections over keyset pagination (Relay Cursor Connections Specification).

Every list is ordered by columns that end in a unique one; a cursor is the values of those columns in the last row
seen, so that a page costs the same at any depth and rows that come or go in between shift nothing. A list that can be
ordered in several ways says so by an enum (`orderBy`), whose values each stand for a tuple of `Order` in one table; a
cursor names the order that it was made by, and no other takes it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
import strawberry
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.elements import KeyedColumnElement

from vereda.database import among
from vereda.errors import ClientError, ErrorCode

DEFAULT_PAGE: Final = 20
MAX_PAGE: Final = 100

_BITMAPS: Final = text("SELECT set_config('enable_bitmapscan', :on, true)")

T = TypeVar("T")
Node = TypeVar("Node")


@dataclass(frozen=True, slots=True)
class Order:
    """One column of a list's order. The last one of a list must be unique.

    A row that has no value in a column that can be null has no place in the order, and is not in the list.
    """

    column: InstrumentedAttribute[Any] | KeyedColumnElement[Any]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many rows after which one; hashable, so that a DataLoader can batch by it."""

    first: int = DEFAULT_PAGE
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows with the cursor of each."""

    rows: tuple[T, ...]
    cursors: tuple[str, ...]
    has_next: bool
    has_previous: bool


def page_request(first: int | None, after: str | None) -> PageRequest:
    """Raises: ClientError PAGE_TOO_LARGE when `first` is not within 1..100."""
    size = DEFAULT_PAGE if first is None else first
    if not 1 <= size <= MAX_PAGE:
        raise ClientError(
            ErrorCode.PAGE_TOO_LARGE, f"`first` must be from 1 to {MAX_PAGE}.", {"maximum": MAX_PAGE}
        )
    return PageRequest(size, after)


async def paginate(
    session: AsyncSession,
    statement: Select[T],
    order: Sequence[Order],
    page: PageRequest,
    apart: Sequence[ColumnElement[bool]] = (),
) -> Page[T]:
    """The page of an entity `statement` in `order`.

    `apart`: of these conditions one must hold, and no two can. An index that begins with what they are about has the rows of
    each in order, and those of all of them in none: so each is read by itself, no further than the page needs.

    Raises: ClientError BAD_CURSOR when `page.after` is not a cursor of this list.
    """

    def cut(what: Select[Any]) -> Select[Any]:
        return _after(what, order, page.after).order_by(*_ordering(order)).limit(page.first + 1)

    if not apart:
        return _page((await session.execute(cut(statement))).scalars().all(), order, page)
    key = order[-1].column
    each = [cut(statement.where(one)).with_only_columns(key) for one in apart]
    found = cut(statement.where(key.in_(select(union_all(*each).subquery()))))
    # A policy says again whose rows they are, Postgres takes that for a second condition and expects next to none, and
    # would collect and sort thousands instead of reading twenty in their order.
    await session.execute(_BITMAPS, {"on": "off"})
    rows = (await session.execute(found)).scalars().all()
    await session.execute(_BITMAPS, {"on": "on"})
    return _page(rows, order, page)


async def paginate_rows(
    session: AsyncSession, statement: Select[Any], order: Sequence[Order], page: PageRequest
) -> Page[Row[Any]]:
    """The page of a `statement` of columns, not of one entity; those of `order`, which may be computed, are among them.

    Raises: ClientError BAD_CURSOR when `page.after` is not a cursor of this list.
    """
    cut = _after(statement, order, page.after).order_by(*_ordering(order)).limit(page.first + 1)
    return _page((await session.execute(cut)).all(), order, page)


async def paginate_many(
    session: AsyncSession,
    entity: type[T],
    statement: Select[T],
    parent: InstrumentedAttribute[Any],
    parents: Sequence[Any],
    order: Sequence[Order],
    page: PageRequest,
) -> dict[Any, Page[T]]:
    """The same page under each of `parents`, in one statement: what a DataLoader of a to-many edge calls.

    `parent` is the column of `entity` that names the parent. Rows are cut per parent by `row_number()`.
    """
    rank = func.row_number().over(partition_by=parent, order_by=_ordering(order)).label("rank_in_parent")
    ranked = _after(statement, order, page.after).where(among(parent, parents)).add_columns(rank).subquery()
    row = aliased(entity, ranked)
    found = await session.execute(
        select(row).where(ranked.c.rank_in_parent <= page.first + 1).order_by(ranked.c.rank_in_parent)
    )
    groups: dict[Any, list[T]] = {key: [] for key in parents}
    for item in found.scalars():
        groups[getattr(item, parent.key)].append(item)
    return {key: _page(rows, order, page) for key, rows in groups.items()}


def encode_cursor(values: Sequence[Any], order: Sequence[Order]) -> str:
    content = orjson.dumps([_name(order), *(_plain(value) for value in values)])
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode_cursor(cursor: str, order: Sequence[Order]) -> list[Any]:
    """Raises: ClientError BAD_CURSOR."""
    try:
        values = orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        if not isinstance(values, list) or len(values) != len(order) + 1 or values.pop(0) != _name(order):
            raise ValueError
        return [_typed(value, o.column) for value, o in zip(values, order, strict=True)]
    except (ValueError, TypeError, AttributeError, binascii.Error, orjson.JSONDecodeError):
        raise ClientError(
            ErrorCode.BAD_CURSOR,
            "`after` is not a cursor of this list in this order. Use `pageInfo.endCursor` of its last page.",
        ) from None


def _name(order: Sequence[Order]) -> str:
    """What tells an order from another one, in 32 bits; no secret, and nobody's to read."""
    said = ",".join(f"{one.column.key}{'-' if one.descending else '+'}" for one in order)
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | datetime | date):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    return value


def _typed(value: Any, column: InstrumentedAttribute[Any] | KeyedColumnElement[Any]) -> Any:
    kind = column.type.python_type
    if kind is UUID:
        return UUID(value)
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if not isinstance(value, kind):
        raise TypeError
    return value


def _ordering(order: Sequence[Order]) -> list[ColumnElement[Any]]:
    return [o.column.desc() if o.descending else o.column.asc() for o in order]


def _after(statement: Select[Any], order: Sequence[Order], cursor: str | None) -> Select[Any]:
    for one in order:
        if isinstance(one.column, InstrumentedAttribute) and one.column.nullable:
            statement = statement.where(one.column.is_not(None))
    if cursor is None:
        return statement
    values = decode_cursor(cursor, order)
    # Said by itself, an index that begins with the first column is entered at this place, and not read from its beginning.
    first = order[0]
    statement = statement.where(first.column <= values[0] if first.descending else first.column >= values[0])
    alternatives = []
    for index, (o, value) in enumerate(zip(order, values, strict=True)):
        equal = [e.column == v for e, v in zip(order[:index], values[:index], strict=True)]
        beyond = o.column < value if o.descending else o.column > value
        alternatives.append(and_(*equal, beyond))
    return statement.where(or_(*alternatives))


def _page(rows: Sequence[T], order: Sequence[Order], page: PageRequest) -> Page[T]:
    kept = tuple(rows[: page.first])
    cursors = tuple(encode_cursor([getattr(row, o.column.key) for o in order], order) for row in kept)
    return Page(kept, cursors, len(rows) > page.first, page.after is not None)


@strawberry.federation.type(shareable=True, description="Where a page stands in its list (Relay).")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One item of a list, with its cursor.")
class Edge(Generic[Node]):
    cursor: str
    node: Node


@strawberry.type(description="One page of a list (Relay Cursor Connections).")
class Connection(Generic[Node]):
    edges: list[Edge[Node]]
    page_info: PageInfo

    @strawberry.field(description="The items of `edges`, for clients that need no cursors.")  # type: ignore[untyped-decorator]
    def nodes(self) -> list[Node]:
        return [edge.node for edge in self.edges]


def connection(page: Page[T], to_node: Callable[[T], Node]) -> Connection[Node]:
    """A page of rows as a Relay connection of nodes."""
    edges = [Edge(cursor=c, node=to_node(row)) for row, c in zip(page.rows, page.cursors, strict=True)]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )
    return Connection(edges=edges, page_info=info)
