"""Paths that a service serves besides its graph: read by GET, in the caller's name, refused in problem details."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vereda.context import RequestContext
from vereda.errors import ClientError, ErrorCode
from vereda.problems import problem
from vereda.telemetry import logger, report, request_id

Answering: TypeAlias = Callable[[Request, RequestContext[Any]], Awaitable[Response]]
#: Status, code, message, and what is to be done once it was said.
Refusing: TypeAlias = Callable[[int, ErrorCode, str, BackgroundTask | None], Response]
#: Lets a request in: by its transaction token, for its purpose, within its time.
Entering: TypeAlias = Callable[[Request, Answering, Refusing], Awaitable[Response]]

_log = logger("served")
_STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.BAD_USER_INPUT: 400,
    ErrorCode.BAD_CURSOR: 400,
    ErrorCode.PAGE_TOO_LARGE: 400,
    ErrorCode.SERVICE_UNAVAILABLE: 503,
    ErrorCode.DEADLINE_EXCEEDED: 503,
}
_WRONG: Final = "Something went wrong on our side."


@dataclass(frozen=True, slots=True)
class Served:
    """`path` as Starlette writes paths; `answer` may raise ClientError, which becomes a problem."""

    path: str
    answer: Answering


def served_route(served: Served, enter: Entering) -> Route:
    """The path as a route that lets nobody in but by `enter`."""

    async def within(request: Request, context: RequestContext[Any]) -> Response:
        try:
            return await served.answer(request, context)
        except ClientError as error:
            return told(error)
        except Exception as error:
            report(_log, error, rid=request_id.get())
            return problem(500, ErrorCode.INTERNAL, _WRONG)

    async def answer(request: Request) -> Response:
        return await enter(request, within, refusal)

    return Route(served.path, answer, methods=["GET"])


def refusal(status: int, code: ErrorCode, message: str, afterwards: BackgroundTask | None = None) -> Response:
    return problem(status, code.value, message, background=afterwards)


def told(error: ClientError) -> Response:
    """An expected refusal as a problem. Where a scope is missing, the head names it as well (RFC 6750 §3.1)."""
    status = _STATUS.get(error.code, 500)
    if status == 500:
        return problem(500, ErrorCode.INTERNAL, _WRONG)
    scope = (error.extensions or {}).get("requiredScope")
    if scope is None:
        return problem(status, error.code, error.message)
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
    return problem(status, error.code, error.message, {"WWW-Authenticate": challenge}, requiredScope=scope)
