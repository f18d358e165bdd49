"""From one step of a sign-in to the next: what all its pages share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people.browsers import browser_name
from gateway.people.cookies import SESSION, VISIT, put, take_back, value_of
from gateway.people.pages.answering import Form, message, onward, posted, see_other
from gateway.people.paths import SIGN_IN
from gateway.people.people import People
from gateway.people.signing_in import Proof, Step, UnderWay

#: Where each step is asked for.
PAGES: Final = {
    Step.IDENTIFY: SIGN_IN,
    Step.SECOND_FACTOR: "/sign-in/second-factor",
    Step.ENROL: "/sign-in/enrol",
    Step.ORGANIZATION: "/sign-in/organization",
}

Show = Callable[[Request, UnderWay], Awaitable[Response]]
Handle = Callable[[Request, Form, UnderWay], Awaitable[Response]]


class Steps:
    def __init__(self, people: People) -> None:
        self._people = people

    def get(self, step: Step, show: Show) -> Route:
        """The page of a step; whoever is elsewhere begins at the begin."""

        async def answer(request: Request) -> Response:
            under_way = await self._at(request, step)
            return see_other(SIGN_IN) if under_way is None else await show(request, under_way)

        return Route(PAGES[step], answer, methods=["GET"])

    def post(self, step: Step, path: str, handle: Handle) -> Route:
        """A form of a step, at `path`."""

        async def answer(request: Request, form: Form) -> Response:
            under_way = await self._at(request, step)
            return see_other(SIGN_IN) if under_way is None else await handle(request, form, under_way)

        return Route(path, posted(answer), methods=["POST"])

    async def begin(self, request: Request, person: UUID, proof: Proof, next_path: str) -> Response:
        """Somebody has shown a first proof; under a new cookie, they go on."""
        cookie = await self._people.sign_ins.begin(
            person, proof, next_path, replacing=value_of(request, VISIT)
        )
        return await self.lead_on(request, cookie, is_new=True)

    async def proven(self, request: Request, under_way: UnderWay, proof: Proof) -> Response:
        """They have shown another."""
        await self._people.sign_ins.add(under_way, proof)
        return await self.lead_on(request, under_way.cookie)

    async def lead_on(self, request: Request, cookie: str, *, is_new: bool = False) -> Response:
        """To what is asked next; when nothing is, the session is opened."""
        under_way = await self._people.sign_ins.of_cookie(cookie)
        if under_way is None:
            return message(request, "stale", 403, link=SIGN_IN)
        if under_way.step is Step.NOWHERE:
            await self._people.sign_ins.give_up(cookie)
            return message(request, "nowhere", 403)
        if under_way.step is Step.OPEN:
            return await self.open(request, under_way, under_way.workplaces[0].organization)
        response = see_other(PAGES[under_way.step])
        if is_new:
            put(response, VISIT, cookie)
        return response

    async def open(self, request: Request, under_way: UnderWay, organization: UUID) -> Response:
        """The session, for one organisation."""
        browser = browser_name(request.headers.get("user-agent", ""))
        value = await self._people.sign_ins.finish(request, under_way, organization, browser)
        if value is None:
            return message(request, "stale", 403, link=SIGN_IN)
        response = onward(request, under_way.next_path)
        put(response, SESSION, value)
        take_back(response, VISIT)
        return response

    async def _at(self, request: Request, step: Step) -> UnderWay | None:
        """The sign-in of this browser, if `step` is what is asked."""
        under_way = await self._people.sign_ins.of(request)
        return under_way if under_way is not None and under_way.step is step else None
