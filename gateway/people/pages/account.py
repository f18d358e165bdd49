"""The pages of somebody who is signed in: their organisation, their language, their sessions; signing out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people import register
from gateway.people.browsers import browser_name
from gateway.people.cookies import LANGUAGE, SESSION, put, take_back, value_of
from gateway.people.events import SERVER, Event, record
from gateway.people.languages import LANGUAGES
from gateway.people.pages.answering import Form, posted, see_other
from gateway.people.pages.rendering import page
from gateway.people.paths import ACCOUNT, SIGN_IN, sign_in_url
from gateway.people.people import People
from gateway.people.sessions import SignedIn
from gateway.people.signing_in import workplaces_of

Handler = Callable[[Request, Form, SignedIn], Awaitable[Response]]


class AccountPages:
    def __init__(self, people: People) -> None:
        self._people = people

    def routes(self) -> list[Route]:
        return [
            Route(ACCOUNT, self.show, methods=["GET"]),
            self._post(f"{ACCOUNT}/organization", self.organization),
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
        person = signed_in.person_id
        async with self._people.database.transaction(SERVER, read_only=True) as session:
            workplaces = await workplaces_of(session, person)
        account = await register.account(self._people.database, person)
        return page(
            request,
            "account.html",
            locale=signed_in.locale,
            signed_in=signed_in,
            workplaces=workplaces,
            names={one.organization: one.name for one in workplaces},
            has_totp=account is not None and account.has_totp,
            has_password=account is not None and account.password_hash is not None,
            passkeys=await self._people.passkeys.list_of(person),
            codes_left=await self._people.recovery.left(person),
            sessions=await self._people.sessions.list_of(person),
        )

    async def organization(self, request: Request, form: Form, signed_in: SignedIn) -> Response:
        """Act for another organisation from now on: in a session of its own, under a new identifier."""
        async with self._people.database.transaction(SERVER) as session:
            workplaces = await workplaces_of(session, signed_in.person_id)
            chosen = [one for one in workplaces if str(one.organization) == form.get("organization")]
            if not chosen:
                return see_other(ACCOUNT)
            person, organization = signed_in.person_id, chosen[0].organization
            await record(session, Event.SIGNED_IN, person, by=str(person), organization=organization)
            value = await self._people.sessions.open(
                session,
                person,
                organization,
                factors=sorted(signed_in.factors),
                browser=browser_name(request.headers.get("user-agent", "")),
                replacing=value_of(request, SESSION),
                authenticated_at=signed_in.authenticated_at,
            )
        response = see_other(ACCOUNT)
        put(response, SESSION, value)
        return response

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
