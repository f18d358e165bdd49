"""DataLoaders over a request's session: one statement for an edge, however many objects it hangs on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.dataloader import DataLoader

from vereda.context import RequestContext
from vereda.database import among
from vereda.pagination import (
    Connection,
    Order,
    Page,
    PageRequest,
    connection,
    page_request,
    paginate,
    paginate_many,
)

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Node = TypeVar("Node")


def by_key(
    context: RequestContext[Any],
    load: Callable[[AsyncSession, Sequence[Key]], Awaitable[Mapping[Key, Value]]],
) -> DataLoader[Key, Value | None]:
    """Loads what `load` finds for a batch of keys; a key that it does not answer gives None."""

    async def batch(keys: list[Key]) -> list[Value | None]:
        async with context.read() as session:
            found = await load(session, keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=batch)


def rows_by(context: RequestContext[Any], column: InstrumentedAttribute[Any]) -> DataLoader[Any, Any]:
    """Loads the row of `column`'s table whose unique `column` has the key, or None."""

    async def load(session: AsyncSession, keys: Sequence[Any]) -> dict[Any, Any]:
        rows = (await session.execute(select(column.class_).where(among(column, keys)))).scalars()
        return {getattr(row, column.key): row for row in rows}

    return by_key(context, load)


def lists_by(
    context: RequestContext[Any], column: InstrumentedAttribute[Any], *order: InstrumentedAttribute[Any]
) -> DataLoader[Any, list[Any]]:
    """Loads all rows whose `column` has the key, in `order`: for edges that are short by nature."""

    async def batch(keys: list[Any]) -> list[list[Any]]:
        async with context.read() as session:
            rows = await session.execute(select(column.class_).where(among(column, keys)).order_by(*order))
        groups: dict[Any, list[Any]] = defaultdict(list)
        for row in rows.scalars():
            groups[getattr(row, column.key)].append(row)
        return [groups.get(key, []) for key in keys]

    return DataLoader(load_fn=batch)


def pages_by(
    context: RequestContext[Any],
    load: Callable[[AsyncSession, Sequence[Key], PageRequest], Awaitable[Mapping[Key, Page[Value]]]],
) -> DataLoader[tuple[Key, PageRequest], Page[Value]]:
    """Loads one page under each parent: one statement for each distinct page request in the batch.

    `load` is usually `vereda.pagination.paginate_many` with its table and order filled in.
    """

    async def batch(keys: list[tuple[Key, PageRequest]]) -> list[Page[Value]]:
        parents: dict[PageRequest, list[Key]] = defaultdict(list)
        for parent, page in keys:
            parents[page].append(parent)
        pages: dict[tuple[Key, PageRequest], Page[Value]] = {}
        async with context.read() as session:
            for page, under in parents.items():
                found = await load(session, under, page)
                pages.update({(parent, page): found[parent] for parent in under})
        return [pages[key] for key in keys]

    return DataLoader(load_fn=batch)


def pages_under(
    context: RequestContext[Any], parent: InstrumentedAttribute[Any], order: Sequence[Order]
) -> DataLoader[tuple[Any, PageRequest], Page[Any]]:
    """Loads pages of `parent`'s table under each value of `parent`, in `order`."""
    entity = cast("type[Any]", parent.class_)

    async def load(
        session: AsyncSession, parents: Sequence[Any], page: PageRequest
    ) -> Mapping[Any, Page[Any]]:
        return await paginate_many(session, entity, select(entity), parent, parents, order, page)

    return pages_by(context, load)


async def listed(
    context: RequestContext[Any],
    statement: Select[Value],
    order: Sequence[Order],
    first: int | None,
    after: str | None,
    to_node: Callable[[Value], Node],
    apart: Sequence[ColumnElement[bool]] = (),
) -> Connection[Node]:
    """A list at the root of the graph: one page of `statement`, as a connection of nodes. `apart`: see `paginate`.

    Raises: ClientError PAGE_TOO_LARGE, BAD_CURSOR.
    """
    async with context.read() as session:
        page = await paginate(session, statement, order, page_request(first, after), apart)
    return connection(page, to_node)


async def listed_under(
    loader: DataLoader[tuple[Key, PageRequest], Page[Any]],
    parent: Key,
    first: int | None,
    after: str | None,
    to_node: Callable[[Any], Node],
) -> Connection[Node]:
    """A list under an object of the graph: one page of what hangs on `parent`, loaded with its siblings' pages.

    Raises: ClientError PAGE_TOO_LARGE, BAD_CURSOR.
    """
    return connection(await loader.load((parent, page_request(first, after))), to_node)
