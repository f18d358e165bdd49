"""All pages as routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people.pages.account import AccountPages
from gateway.people.pages.answering import message
from gateway.people.pages.enrolment import EnrolmentPages
from gateway.people.pages.external import ExternalPages
from gateway.people.pages.factors import FactorPages
from gateway.people.pages.files import file_routes
from gateway.people.pages.passwords import PasswordPages
from gateway.people.pages.sign_in import SignInPages
from gateway.people.pages.steps import Steps
from gateway.people.people import People
from gateway.store.away import NO_DATABASE
from vereda.telemetry import logger, request_id

#: RFC 9110 §10.2.3.
_AGAIN_AFTER_S: Final = "10"
_log = logger("people")


def page_routes(people: People) -> list[Route]:
    steps = Steps(people)
    pages = [
        *SignInPages(people, steps).routes(),
        *EnrolmentPages(people, steps).routes(),
        *PasswordPages(people, steps).routes(),
        *AccountPages(people).routes(),
        *FactorPages(people).routes(),
        *(ExternalPages(people, steps, people.external).routes() if people.external else ()),
    ]
    return [
        *(Route(one.path, _answering(one.endpoint), methods=list(one.methods or ())) for one in pages),
        *file_routes(),
    ]


def _answering(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """While the database is away, people are asked to come back, in a page."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NO_DATABASE as error:
            # The kind of error only: its text would repeat what was sent to the database.
            _log.error("no database", kind=type(error).__name__, rid=request_id.get())
            response = message(request, "unavailable", 503)
            response.headers["Retry-After"] = _AGAIN_AFTER_S
            return response

    return answer
