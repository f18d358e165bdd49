"""Finding services: one page in an order, and counts of all that was found, of the same conditions.

Asked of the index that search has of its own (`models/search.py`), as the system, since no index of words can be used
under row-level security; what was found is then read by its ids in the caller's name. What is asked is kept nowhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    REAL,
    BigInteger,
    ColumnElement,
    Double,
    Numeric,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.capacity import CapacityStatus
from services.partners.domain.facets import FacetName, Fee, ServiceModality, ServiceOrder
from services.partners.domain.freshness import FALLS
from services.partners.domain.terms import OrganizationKind, ServiceStatus
from services.partners.models import CapacityReport, Location, ServiceAtLocation, ServiceDocument
from services.partners.operations.search import Near, miles_from, within
from services.partners.operations.understanding import Understood, understand
from vereda.caller import Scope, system_caller
from vereda.context import RequestContext
from vereda.errors import ClientError, ErrorCode
from vereda.pagination import Order, Page, page_request, paginate_rows

#: Values of one facet, those with the most results first.
MOST_VALUES: Final = 60
#: Of lexemes of weight D, C, B and A (PostgreSQL 12.3.3): a name says more than a description.
_WEIGHTS: Final = (0.05, 0.2, 0.5, 1.0)
#: How much less what was made of the words counts than the words themselves.
_MADE_OF_THEM: Final = 0.4
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ServiceSearch:
    """All conditions hold together; within one of several values, any does."""

    text: str | None = None
    typing: bool = False
    terms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[OrganizationKind, ...] = ()
    county: str | None = None
    fees: tuple[Fee, ...] = ()
    modalities: tuple[ServiceModality, ...] = ()
    open_at: datetime | None = None
    near: Near | None = None
    with_capacity: bool = False
    statuses: tuple[ServiceStatus, ...] = (ServiceStatus.ACTIVE,)
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A service that was found. `miles` to its nearest place, where a point was given."""

    service: UUID
    score: int
    miles: float | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are in all, and by each value of each facet if that value alone were chosen in it."""

    total: int
    by: Mapping[FacetName, tuple[tuple[str, int], ...]]


@dataclass(slots=True)
class Searching:
    """One search of one request: read once, however much is asked of it."""

    context: RequestContext[Any]
    search: ServiceSearch
    _understood: Understood | None = field(default=None)

    async def understood(self) -> Understood:
        if self._understood is None:
            async with self._index() as session:
                await self._understand(session)
        assert self._understood is not None
        return self._understood

    async def page(self, order_by: ServiceOrder, first: int | None, after: str | None) -> Page[Hit]:
        """Raises: ClientError PAGE_TOO_LARGE, BAD_CURSOR, BAD_USER_INPUT (by distance from nowhere)."""
        if order_by is ServiceOrder.DISTANCE_ASC and self.search.near is None:
            raise ClientError(ErrorCode.BAD_USER_INPUT, "`orderBy: DISTANCE_ASC` needs `filter.near`.")
        request = page_request(first, after)
        async with self._index() as session:
            found = _found(self.search, await self._understand(session), self.context.now).subquery("found")
            page = await paginate_rows(session, select(found), _order(found, order_by), request)
        hits = tuple(Hit(row.service_id, row.score, row.miles) for row in page.rows)
        return Page(hits, page.cursors, page.has_next, page.has_previous)

    async def every(self, most: int) -> list[UUID]:
        """The services that were found, the best first, but no more than `most`."""
        async with self._index() as session:
            found = _found(self.search, await self._understand(session), self.context.now).subquery("found")
            best = select(found.c.service_id).order_by(found.c.score.desc(), found.c.service_id)
            return list(await session.scalars(best.limit(most)))

    async def counted(self) -> Counted:
        async with self._index() as session:
            understood = await self._understand(session)
            rows = (await session.execute(_counts(self.search, understood, self.context.now))).all()
        by: dict[FacetName, list[tuple[str, int]]] = {name: [] for name in FacetName}
        total = 0
        for facet, value, count in rows:
            if facet is None:
                total = count
            else:
                by[FacetName(facet)].append((value, count))
        return Counted(total, {name: _most(values) for name, values in by.items()})

    async def _understand(self, session: AsyncSession) -> Understood:
        if self._understood is None:
            text = self.search.text
            self._understood = (
                await understand(session, text, typing=self.search.typing) if text else Understood(None)
            )
        return self._understood

    @asynccontextmanager
    async def _index(self) -> AsyncIterator[AsyncSession]:
        self.context.caller.require(Scope.DIRECTORY_READ)
        system = system_caller(self.context.caller.organization, self.context.caller.subject)
        async with self.context.read_as(system) as session:
            yield session


def _most(values: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(values, key=lambda one: (-one[1], one[0]))[:MOST_VALUES])


def _order(found: Subquery, order_by: ServiceOrder) -> tuple[Order, ...]:
    first = {
        ServiceOrder.RELEVANCE_DESC: (Order(found.c.score, descending=True),),
        ServiceOrder.NAME_ASC: (),
        ServiceOrder.DISTANCE_ASC: (Order(found.c.miles),),
        ServiceOrder.VERIFIED_DESC: (Order(found.c.verified, descending=True),),
    }[order_by]
    return (*first, Order(found.c.name), Order(found.c.service_id))


def _found(search: ServiceSearch, understood: Understood, now: datetime) -> Select[Any]:
    document = ServiceDocument
    return select(
        document.service_id,
        document.name,
        func.coalesce(document.verified_at, _LONG_AGO).label("verified"),
        _score(understood, now).label("score"),
        _nearest(search.near).label("miles"),
    ).where(*_common(search, understood, now), *_chosen(search).values())


def _score(understood: Understood, now: datetime) -> ColumnElement[int]:
    """In millionths. By the day, so that a list stays in its order from one of its pages to the next."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    fresh = case(
        *((ServiceDocument.verified_at >= day - timedelta(days=days), factor) for days, factor in FALLS[:-1]),
        else_=FALLS[-1][1],
    )
    said: ColumnElement[Any] = literal(1.0)
    if understood.query is not None:
        said = _rank(understood.query.direct) + _MADE_OF_THEM * _rank(understood.query.wide)
    return cast(func.round(cast(said * fresh * 1_000_000, Numeric)), BigInteger)


def _rank(query: str) -> ColumnElement[float]:
    weights = cast(list(_WEIGHTS), ARRAY(REAL))
    return func.ts_rank(weights, ServiceDocument.words, cast(query, TSQUERY), 1)


def _nearest(near: Near | None) -> ColumnElement[Any]:
    """Rounded as it is shown. Of a place that is kept back, the row itself holds no nearer point than its town's (R17)."""
    if near is None:
        return cast(null(), Double)
    miles = (
        select(func.min(miles_from(near.point)))
        .where(
            ServiceAtLocation.service_id == ServiceDocument.service_id,
            ServiceAtLocation.location_id == Location.id,
        )
        .scalar_subquery()
    )
    return cast(func.round(cast(miles, Numeric), 1), Double)


def _common(search: ServiceSearch, understood: Understood, now: datetime) -> list[ColumnElement[bool]]:
    """What is no facet's: words, place, room, status, source."""
    document = ServiceDocument
    conditions: list[ColumnElement[bool]] = [document.working.is_(True)]
    if search.statuses:
        conditions.append(document.status.in_(search.statuses))
    if search.text:
        wide = understood.query.wide if understood.query else ""
        conditions.append(document.words.op("@@")(cast(wide, TSQUERY)))
    if search.near:
        near = exists().where(
            ServiceAtLocation.service_id == document.service_id,
            ServiceAtLocation.location_id == Location.id,
            within(search.near),
        )
        conditions.append(near)
    if search.with_capacity:
        conditions.append(_has_room(now))
    if search.source:
        conditions.append(document.source == search.source)
    return conditions


def _chosen(search: ServiceSearch) -> dict[FacetName, ColumnElement[bool]]:
    """What was chosen in each facet."""
    document = ServiceDocument
    chosen: dict[FacetName, ColumnElement[bool]] = {}
    if search.terms:
        chosen[FacetName.TERM] = document.terms.overlap(_texts(search.terms))
    if search.languages:
        chosen[FacetName.LANGUAGE] = document.languages.overlap(_texts(search.languages))
    if search.county:
        chosen[FacetName.COUNTY] = document.counties.contains(_texts((search.county,)))
    if search.kinds:
        chosen[FacetName.ORGANIZATION_KIND] = document.kind.in_(search.kinds)
    if search.fees:
        chosen[FacetName.FEE] = document.fee.in_(search.fees)
    if search.modalities:
        chosen[FacetName.MODALITY] = document.modalities.overlap(_texts(search.modalities))
    if search.open_at:
        chosen[FacetName.OPEN] = _open(search.open_at)
    return chosen


def _open(at: datetime) -> ColumnElement[bool]:
    return func.coalesce(ServiceDocument.openings.op("@>")(at), False)


def _texts(values: tuple[str, ...]) -> Any:
    return cast([str(one) for one in values], ARRAY(Text()))


def _counts(search: ServiceSearch, understood: Understood, now: datetime) -> Select[Any]:
    """Rows of (facet, value, count); the total has neither. All in one pass over what the common conditions leave."""
    document, chosen = ServiceDocument, _chosen(search)
    left = (
        select(
            document.terms,
            document.languages,
            document.counties,
            document.modalities,
            document.kind,
            document.fee,
            _open(search.open_at or now).label("open"),
            *(chosen.get(name, true()).label(f"chosen_{name.value}") for name in FacetName),
        )
        .where(*_common(search, understood, now))
        .cte("left_over")
        .prefix_with("MATERIALIZED")
    )

    def holding(but: FacetName | None) -> ColumnElement[bool]:
        return and_(*(left.c[f"chosen_{name.value}"] for name in FacetName if name is not but))

    total = select(
        cast(null(), Text).label("facet"), cast(null(), Text).label("value"), func.count().label("count")
    ).where(holding(None))
    rows: list[Any] = [total]
    values: dict[FacetName, Any] = {
        FacetName.TERM: func.unnest(left.c.terms),
        FacetName.LANGUAGE: func.unnest(left.c.languages),
        FacetName.COUNTY: func.unnest(left.c.counties),
        FacetName.MODALITY: func.unnest(left.c.modalities),
        FacetName.ORGANIZATION_KIND: left.c.kind,
        FacetName.FEE: left.c.fee,
        FacetName.OPEN: case((left.c.open, "true"), else_="false"),
    }
    for name, value in values.items():
        each = select(cast(value, Text).label("value")).where(holding(name)).subquery()
        rows.append(
            select(literal(name.value).label("facet"), each.c.value, func.count()).group_by(each.c.value)
        )
    return select(union_all(*rows).subquery("counted"))


def _has_room(now: datetime) -> ColumnElement[bool]:
    """The newest report says so, and has not expired."""
    newest = (
        select(
            and_(
                CapacityReport.status == CapacityStatus.CAPACITY,
                CapacityReport.expires_at > now,
                func.coalesce(CapacityReport.available, 1) > 0,
            )
        )
        .where(CapacityReport.service_id == ServiceDocument.service_id)
        .order_by(CapacityReport.reported_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, False)
