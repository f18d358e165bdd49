"""The paths of the HSDS API (OpenAPI of HSDS 3.0), each in the name of its caller."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.partners.models import Service
from services.partners.operations.service_search import Searching, ServiceSearch
from services.partners.rest import lists
from services.partners.rest.asked import PAGING, Asked
from services.partners.rest.gathering import Gathering, Object, Objects
from services.partners.rest.lists import newest_change
from services.partners.rest.pages import Page, answered, listed, single
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import among
from vereda.errors import ClientError, ErrorCode
from vereda.served import Served

PREFIX: Final = "/hsds/3.0"
#: Services that words may stand for; who finds more says more.
_MOST_FOUND: Final = 10_000

_ABOUT: Final = (
    b'{"version":"3.0","profile":"https://docs.openreferral.org/en/3.0/",'
    b'"openapi_url":"https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json"}'
)
Gather = Callable[[Gathering, Collection[UUID], Asked], Awaitable[Objects]]


@dataclass(frozen=True, slots=True)
class Collected:
    """A collection: its path, what it may be asked for, which objects it holds, and how these are gathered."""

    path: str
    what: str
    parameters: frozenset[str]
    ids: Callable[[Asked], Select[UUID]]
    gather: Gather
    #: Whether words are looked for in the directory's own search of services, in both languages, errors forgiven.
    of_services: bool = False


_OF_SERVICES: Final = frozenset(
    {"search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "full"}
)

COLLECTIONS: Final = (
    Collected(
        "/services",
        "service",
        _OF_SERVICES | {"minimal"},
        lists.services,
        lambda gathering, ids, asked: gathering.services(ids, full=asked.full),
        of_services=True,
    ),
    Collected(
        "/organizations",
        "organization",
        frozenset({"search", "full", "full_service"}),
        lists.organizations,
        lambda gathering, ids, asked: gathering.organizations(
            ids, full=asked.full or asked.full_service, full_services=asked.full_service
        ),
    ),
    Collected(
        "/service_at_locations",
        "service at a location",
        _OF_SERVICES | {"postcode", "proximity"},
        lists.services_at_locations,
        lambda gathering, ids, asked: gathering.services_at_locations(ids, full=asked.full),
        of_services=True,
    ),
    Collected(
        "/taxonomy_terms",
        "taxonomy term",
        frozenset({"search", "taxonomy_id", "top_only", "parent_id"}),
        lists.taxonomy_terms,
        lambda gathering, ids, _asked: gathering.terms(ids),
    ),
)


async def about(request: Request, context: RequestContext[Any]) -> Response:
    context.caller.require(Scope.DIRECTORY_READ)
    return answered(request, _ABOUT)


async def nothing(_request: Request, context: RequestContext[Any]) -> Response:
    context.caller.require(Scope.DIRECTORY_READ)
    raise ClientError(ErrorCode.NOT_FOUND, "The HSDS API has no such path.")


def _list_of(collected: Collected) -> Served:
    async def answer(request: Request, context: RequestContext[Any]) -> Response:
        context.caller.require(Scope.DIRECTORY_READ)
        asked = Asked.read(request.query_params, collected.parameters)
        if asked.search and collected.of_services:
            searching = Searching(context, ServiceSearch(text=asked.search, statuses=()))
            asked = replace(asked, found=tuple(await searching.every(_MOST_FOUND)))
        async with context.read() as session:
            gathering = Gathering(session)
            if asked.taxonomy_id is not None:
                scheme, _ = (await gathering.taxonomies()).get(str(asked.taxonomy_id), ("", {}))
                asked = replace(asked, scheme=scheme)
            statement = collected.ids(asked)
            total = int(
                await session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
                or 0
            )
            offset = (asked.page - 1) * asked.per_page
            ids = (
                (await session.scalars(statement.offset(offset).limit(asked.per_page))).all()
                if offset < total
                else []
            )
            if asked.minimal:
                return listed(request, asked, Page(await _minimal(session, ids), total))
            found = await collected.gather(gathering, ids, asked) if ids else {}
        return listed(request, asked, Page([found[str(id_)] for id_ in ids], total))

    return Served(f"{PREFIX}{collected.path}", answer)


def _one_of(collected: Collected) -> Served:
    known = collected.parameters & {"full_service"}

    async def answer(request: Request, context: RequestContext[Any]) -> Response:
        context.caller.require(Scope.DIRECTORY_READ)
        asked = replace(_without_paging(request, known), full=True)
        id_ = _id(request)
        async with context.read() as session:
            found = await collected.gather(Gathering(session), [id_], asked) if id_ else {}
        return single(request, found.get(str(id_)), collected.what)

    return Served(f"{PREFIX}{collected.path}/{{id}}", answer)


async def all_taxonomies(request: Request, context: RequestContext[Any]) -> Response:
    """There are few: of each a line is known, and the pages are cut from all of them."""
    context.caller.require(Scope.DIRECTORY_READ)
    asked = Asked.read(request.query_params, {"search"})
    found = [said for said in (await _taxonomies(context)).values() if _says(said, asked.search)]
    start = (asked.page - 1) * asked.per_page
    return listed(request, asked, Page(found[start : start + asked.per_page], len(found)))


async def one_taxonomy(request: Request, context: RequestContext[Any]) -> Response:
    context.caller.require(Scope.DIRECTORY_READ)
    _without_paging(request, ())
    return single(request, (await _taxonomies(context)).get(str(_id(request))), "taxonomy")


async def _taxonomies(context: RequestContext[Any]) -> Mapping[str, Object]:
    async with context.read() as session:
        return {id_: said for id_, (_, said) in (await Gathering(session).taxonomies()).items()}


async def _minimal(session: AsyncSession, ids: Collection[UUID]) -> list[Object]:
    """Ids and when each was last changed: what a copy needs to know what to fetch."""
    rows = await session.execute(select(Service.id, newest_change()).where(among(Service.id, ids)))
    changed = {str(id_): when.isoformat() for id_, when in rows}
    return [{"id": str(id_), "modified_date": changed[str(id_)]} for id_ in ids]


def _says(said: Object, words: str | None) -> bool:
    text = f"{said['name']} {said['description']}".lower()
    return all(word in text for word in (words or "").lower().split())


def _without_paging(request: Request, known: Collection[str]) -> Asked:
    if request.query_params.keys() & PAGING:
        raise ClientError(ErrorCode.BAD_USER_INPUT, "This is one object: it has no pages.")
    return Asked.read(request.query_params, known)


def _id(request: Request) -> UUID | None:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        return None


PATHS: Final = (
    Served(f"{PREFIX}/", about),
    *(_list_of(one) for one in COLLECTIONS),
    *(_one_of(one) for one in COLLECTIONS),
    Served(f"{PREFIX}/taxonomies", all_taxonomies),
    Served(f"{PREFIX}/taxonomies/{{id}}", one_taxonomy),
    Served(f"{PREFIX}/{{rest:path}}", nothing),
)
