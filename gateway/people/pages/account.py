"""The pages of somebody who is signed in: their factors, their sessions, their language; signing out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people import register
from gateway.people.cookies import LANGUAGE, SESSION, put, take_back
from gateway.people.events import Event
from gateway.people.pages.answering import Form, posted, see_other
from gateway.people.pages.languages import LANGUAGES
from gateway.people.pages.rendering import page
from gateway.people.paths import ACCOUNT, SIGN_IN, sign_in_url
from gateway.people.people import People
from gateway.people.sessions import SignedIn

Handler = Callable[[Request, Form, SignedIn], Awaitable[Response]]


class AccountPages:
    def __init__(self, people: People) -> None:
        self._people = people

    def routes(self) -> list[Route]:
        return [
            Route(ACCOUNT, self.show, methods=["GET"]),
            self._post(f"{ACCOUNT}/language", self.language),
            self._post(f"{ACCOUNT}/sessions/end", self.end_session),
            self._post("/sign-out", self.sign_out),
            self._post("/sign-out/everywhere", self.sign_out_everywhere),
        ]

    def _post(self, path: str, handle: Handler) -> Route:
        async def answer(request: Request, form: Form) -> Response:
            signed_in = await self._people.sessions.of(request)
            return see_other(SIGN_IN) if signed_in is None else await handle(request, form, signed_in)

        return Route(path, posted(answer), methods=["POST"])

    async def show(self, request: Request) -> Response:
        signed_in = await self._people.sessions.of(request)
        if signed_in is None:
            return see_other(sign_in_url(ACCOUNT))
        return page(
            request,
            "account.html",
            locale=signed_in.locale,
            signed_in=signed_in,
            sessions=await self._people.sessions.list_of(signed_in.person_id),
        )

    async def language(self, _request: Request, form: Form, signed_in: SignedIn) -> Response:
        response = see_other(ACCOUNT)
        if (language := form.get("language", "")) in LANGUAGES:
            await register.set_locale(self._people.database, signed_in.person_id, language)
            put(response, LANGUAGE, language)
        return response

    async def end_session(self, _request: Request, form: Form, signed_in: SignedIn) -> Response:
        try:
            which = UUID(form.get("session", ""))
        except ValueError:
            return see_other(ACCOUNT)
        await self._people.sessions.end(signed_in.person_id, which, Event.SESSION_ENDED)
        return see_other(ACCOUNT)

    async def sign_out(self, _request: Request, _form: Form, signed_in: SignedIn) -> Response:
        await self._people.sessions.end(signed_in.person_id, signed_in.session_id)
        return _signed_out()

    async def sign_out_everywhere(self, _request: Request, _form: Form, signed_in: SignedIn) -> Response:
        await self._people.sessions.end_everywhere(signed_in.person_id)
        return _signed_out()


def _signed_out() -> Response:
    """Nothing of what the pages showed stays behind in the browser (W3C Clear Site Data)."""
    response = see_other(SIGN_IN)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    take_back(response, SESSION)
    return response
