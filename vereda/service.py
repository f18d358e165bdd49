"""One service as a Starlette application: its subgraph at `/graphql` for the gateway alone, its keys, its probes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Generic

import orjson
import strawberry.federation
from cross_web import HTTPException  # what strawberry raises
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message
from strawberry.asgi import GraphQL

from vereda.asking import Answered, answered_route
from vereda.caller import PURPOSE_HEADER, Caller
from vereda.context import Loaders, RequestContext
from vereda.database import Database
from vereda.deadline import HEADER as DEADLINE_HEADER
from vereda.deadline import PASSED, Deadline
from vereda.errors import ErrorCode
from vereda.heads import HeadGuard
from vereda.health import Check, health_routes
from vereda.keyring import open_keys
from vereda.keys import KEYS_CACHED, key_ring
from vereda.listening import Listener
from vereda.migrations import migrate
from vereda.rounds import Round, Rounds
from vereda.served import Answering, Refusing, Served, served_route
from vereda.settings import Settings, database_url, load_settings, requests_url
from vereda.signed import TokenRefusedError
from vereda.telemetry import RequestLog, configure_logging, request_id
from vereda.tokens import HEADER, Verifier
from vereda.webhooks.delivering import CHANNELS, Deliverer
from vereda.webhooks.keeping import Webhooks

_LARGEST_BODY: Final = 4 * 1024 * 1024
_NO_REQUEST: Final = (
    "This is not one GraphQL request in JSON: an object with `query`, and `variables` if it has any."
)


@dataclass(frozen=True, slots=True)
class Service(Generic[Loaders]):
    """What makes one service different from the others.

    `folder` holds its migrations and policies; `database`: whose database it works on, where not its own of the same name;
    `signs`: whether it makes statements that others verify, and so has keys; `rounds`: what it does on its own; `sealed`: whether
    it keeps what only the keyring opens, and is not ready without it; `paths`: what it serves besides its graph;
    `answers`: what it states to other services that ask; `webhooks`: of its feed, which it delivers while it runs.
    """

    name: str
    folder: Path
    schema: strawberry.federation.Schema
    make_loaders: Callable[[RequestContext[Loaders]], Loaders]
    database: str | None = None
    signs: bool = True
    rounds: tuple[Round, ...] = ()
    sealed: bool = False
    paths: tuple[Served, ...] = ()
    answers: tuple[Answered, ...] = ()
    webhooks: Webhooks | None = None


def create_app(
    service: Service[Any], settings: Settings | None = None, database: Database | None = None
) -> Starlette:
    """The service's application; settings and database come from the environment unless they are given.

    At start it migrates its database; it serves nothing before that is done. While it runs it makes its rounds.
    """
    settings = settings or load_settings()
    configure_logging(settings, service.name)
    store = database or open_database(service.database or service.name, settings)
    channels = {one.wakes_on for one in service.rounds if one.wakes_on is not None}
    channels |= {*CHANNELS} if service.webhooks is not None else set()
    listener = Listener(store, channels) if channels else None
    rounds = Rounds(service.rounds, store, settings, listener)
    keys = open_keys(settings, service.name) if service.sealed else None
    delivers = service.webhooks
    deliverer = Deliverer(delivers, store, settings, listener) if delivers is not None else None
    counts = (deliverer.text,) if deliverer is not None else ()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await migrate(store, service.folder)
        await store.engine.dispose()  # from here on the rounds alone work as the owner
        if keys is not None:
            keys.begin()
        if listener is not None:
            listener.begin()
        rounds.begin()
        if deliverer is not None:
            deliverer.begin()
        try:
            yield
        finally:
            if deliverer is not None:
                await deliverer.end()
            await rounds.end()
            if listener is not None:
                await listener.end()
            if keys is not None:
                await keys.end()
            await store.close()

    return Starlette(
        routes=[*_routes(service, settings, store), *((rounds.route(*counts),) if service.rounds else ())],
        middleware=[Middleware(RequestLog), Middleware(HeadGuard)],
        lifespan=lifespan,
    )


def create_part(service: Service[Any], settings: Settings, database: Database) -> Starlette:
    """The service inside a process that has a database and a log already: it starts and ends with that process."""
    return Starlette(routes=_routes(service, settings, database))


def open_database(name: str, settings: Settings) -> Database:
    """The pools to the database of `name`. Raises: OperatorError when it is not known where that is."""
    return Database(
        database_url(name),
        requests_url(name),
        pool_size=settings.database_pool,
        statement_timeout_s=settings.statement_timeout_s,
        name=f"vereda-{name}",
    )


def _routes(service: Service[Any], settings: Settings, database: Database) -> list[Route]:
    entrance = _Entrance(service, settings, database)
    return [
        Route("/graphql", _Endpoint(entrance, service).answer, methods=["POST"]),
        *(served_route(one, entrance.answer) for one in service.paths),
        *(answered_route(one, settings, database) for one in service.answers),
        *(_key_routes(service.name, settings) if service.signs else ()),
        *health_routes(_checks(service, settings, database)),
    ]


def _checks(service: Service[Any], settings: Settings, database: Database) -> dict[str, Check]:
    found: dict[str, Check] = {"database": database.ping}
    if service.sealed:
        found["keys"] = open_keys(settings, service.name).check
    return found


def _key_routes(ring: str, settings: Settings) -> list[Route]:
    keys = key_ring(settings, ring)

    async def jwks(_request: Request) -> JSONResponse:
        return JSONResponse(keys.public_jwks(), headers=KEYS_CACHED)

    return [Route("/.well-known/jwks.json", jwks, methods=["GET"])]


class _View(GraphQL[Any, None]):
    """Strawberry's endpoint, with orjson at both ends."""

    def decode_json(self, data: str | bytes) -> object:
        try:
            document = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise json.JSONDecodeError(error.msg, "", 0) from None
        if not isinstance(document, dict | list):
            raise json.JSONDecodeError("neither an object nor a list", "", 0)
        return document

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)


class _Entrance:
    """The one way in: a valid transaction token first, then what was asked for, within its time."""

    def __init__(self, service: Service[Any], settings: Settings, database: Database) -> None:
        self.service = service
        self.settings = settings
        self.database = database
        self.verifier = Verifier(settings.jwks_location("transaction"))

    async def answer(self, request: Request, within: Answering, refusal: Refusing) -> Response:
        """What `within` answers in the caller's name; `refusal` says in its own form why nobody was let in."""
        try:
            caller = await self._caller(request)
        except TokenRefusedError:
            return refusal(401, ErrorCode.UNAUTHENTICATED, "A valid transaction token is needed.", None)
        named = request.headers.get(PURPOSE_HEADER)
        if named is not None:
            if caller.purpose not in (None, named):
                message = f"Your system is registered for another purpose than the one in {PURPOSE_HEADER}."
                return refusal(403, ErrorCode.FORBIDDEN, message, None)
            caller = replace(caller, purpose=named)
        deadline = Deadline.read(request.headers.get(DEADLINE_HEADER))
        context = RequestContext(caller, self.database, self.settings, self.service.make_loaders, deadline)
        try:
            async with asyncio.timeout(deadline.left_s if deadline is not None else None):
                answer = await within(request, context)
                await context.end()
                return answer
        except TimeoutError:
            # What is under way in Postgres ends by its own bound; the answer does not wait for it.
            return refusal(503, ErrorCode.DEADLINE_EXCEEDED, PASSED, BackgroundTask(context.end))
        except BaseException:
            await context.end()
            raise

    async def _caller(self, request: Request) -> Caller:
        tokens = request.headers.getlist(HEADER)
        if len(tokens) != 1:
            raise TokenRefusedError("one is needed")
        return replace(await self.verifier.verify(tokens[0]), request_id=request_id.get())


class _Endpoint:
    """Answers the gateway in GraphQL."""

    def __init__(self, entrance: _Entrance, service: Service[Any]) -> None:
        self.entrance = entrance
        self.view = _View(service.schema, graphql_ide=None, allow_queries_via_get=False)

    async def answer(self, request: Request) -> Response:
        return await self.entrance.answer(request, self._within, _refusal)

    async def _within(self, request: Request, context: RequestContext[Any]) -> Response:
        body = await _read(request)
        if body is None:
            return _refusal(413, ErrorCode.BAD_USER_INPUT, "The request is too large.")
        try:
            return await self.view.run(_with_body(request, body), context=context)
        except HTTPException as error:
            return _refusal(error.status_code, ErrorCode.BAD_USER_INPUT, _NO_REQUEST)


async def _read(request: Request) -> bytes | None:
    """The body; None when it is longer than we take, whatever its head announced."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    return bytes(body)


def _with_body(request: Request, body: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)


def _refusal(
    status: int, code: ErrorCode, message: str, afterwards: BackgroundTask | None = None
) -> JSONResponse:
    content = {"errors": [{"message": message, "extensions": {"code": code.value}}]}
    return JSONResponse(content, status, background=afterwards)
