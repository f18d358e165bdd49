"""One service asks another what it states, with no client between them: both ways signed, neither taken on trust.

What is asked is a statement of the service that asks, and lives a minute; what comes back are statements of the one that
is asked. Neither names a person: ids of what every member of the network may know of. A client's word is carried by the
client (`vereda.statements`); this is for what no client carries, as that a workshop was called off.
"""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vereda.caller import Caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.errors import ErrorCode
from vereda.problems import problem
from vereda.rounds import NOBODY
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.statements import Statement, sign, verifier

_TIMEOUT_S: Final = 5.0
_LONGEST_QUESTION: Final = 8192
_LARGEST_ANSWER: Final = 1024 * 1024
_REFUSED: Final = "A statement of another service of the network is needed."

S = TypeVar("S", bound=Statement)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answers another: at `path`, to a statement of the kind `asks`, with statements of its own."""

    path: str
    asks: type[Any]
    answer: Callable[[RequestContext[Any], Any], Awaitable[Sequence[Statement]]]


def answered_route(answered: Answered, settings: Settings, database: Database) -> Route:
    """The path as a route that lets in nobody but the service whose statement it asks for."""

    async def answer(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_QUESTION:
                return problem(413, ErrorCode.BAD_USER_INPUT, "The question is too long.")
        try:
            question = await verifier(answered.asks, settings).read(body.decode("ascii", "replace"))
        except TokenRefusedError:
            return problem(401, ErrorCode.UNAUTHENTICATED, _REFUSED)
        asking = Caller(f"service {answered.asks.issuer}", NOBODY)  # sees what every member may, and no more
        context: RequestContext[Any] = RequestContext(asking, database, settings, _no_loaders)
        try:
            found = await answered.answer(context, question)
        finally:
            await context.end()
        return JSONResponse([sign(settings, one) for one in found])

    return Route(answered.path, answer, methods=["POST"])


async def ask(settings: Settings, service: str, path: str, question: Statement, kind: type[S]) -> list[S]:
    """What `service` states in answer, each statement checked.

    Raises: OSError when it cannot be reached or answers otherwise than with statements; TokenRefusedError when one of them
    is not genuine.
    """
    url = f"{settings.service_url(service)}{path}"
    content = await asyncio.to_thread(_fetched, url, sign(settings, question).encode())
    try:
        tokens = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise OSError("no statements") from None
    reader = verifier(kind, settings)
    return [await reader.read(str(token)) for token in tokens]


def _fetched(url: str, body: bytes) -> bytes:
    request = urllib.request.Request(url, body, {"Content-Type": "application/jwt"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        content: bytes = answer.read(_LARGEST_ANSWER)
        return content


def _no_loaders(_context: RequestContext[Any]) -> Any:
    raise AssertionError("what is answered to a service resolves no graph")
