"""A first sign-in adds a second factor, and shows recovery codes: the pages between a first password and a session."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people.browsers import browser_name
from gateway.people.cookies import browser_of
from gateway.people.events import SERVER
from gateway.people.pages.answering import REFUSED, Form, json_page
from gateway.people.pages.rendering import page
from gateway.people.pages.steps import PAGES, Steps
from gateway.people.people import People
from gateway.people.signing_in import Proof, Step, UnderWay

_PATH: Final = PAGES[Step.ENROL]


class EnrolmentPages:
    def __init__(self, people: People, steps: Steps) -> None:
        self._people = people
        self._steps = steps

    def routes(self) -> list[Route]:
        return [
            self._steps.get(Step.ENROL, self.show),
            self._steps.post(Step.ENROL, f"{_PATH}/totp", self.add_totp),
            self._steps.post(Step.ENROL, f"{_PATH}/passkey", self.add_passkey),
            self._steps.post(Step.ENROL, f"{_PATH}/passkey/options", self.passkey_options),
        ]

    async def show(self, request: Request, under_way: UnderWay) -> Response:
        return self._page(request, under_way)

    def _page(
        self, request: Request, under_way: UnderWay, *, offer: str = "", error: tuple[str, str] | None = None
    ) -> Response:
        return page(
            request,
            "enrol.html",
            status=REFUSED if error else 200,
            locale=under_way.locale,
            errors=dict([error]) if error else {},
            offered=self._people.totp.offer(under_way.person_id, under_way.email, again=offer),
        )

    async def add_totp(self, request: Request, form: Form, under_way: UnderWay) -> Response:
        offer = form.get("offer", "")
        if not await self._people.totp.confirm(under_way.person_id, offer, form.get("code", "")):
            return self._page(request, under_way, offer=offer, error=("code", "second.wrong"))
        return await self._added(request, under_way, Proof.TOTP)

    async def passkey_options(self, request: Request, _form: Form, under_way: UnderWay) -> Response:
        browser = browser_of(request)
        assert browser is not None  # the form's token was made of it
        return json_page(
            await self._people.passkeys.registration_options(
                browser, under_way.person_id, under_way.email, under_way.display_name
            )
        )

    async def add_passkey(self, request: Request, form: Form, under_way: UnderWay) -> Response:
        browser = browser_of(request)
        assert browser is not None
        label = browser_name(request.headers.get("user-agent", ""))
        credential = form.get("credential", "")
        if not await self._people.passkeys.register(browser, under_way.person_id, credential, label):
            return self._page(request, under_way, error=("form", "passkey.failed"))
        return await self._added(request, under_way, Proof.PASSKEY)

    async def _added(self, request: Request, under_way: UnderWay, proof: Proof) -> Response:
        """The factor is there, and proven by that. The codes are shown now, and never again."""
        await self._people.sign_ins.add(under_way, proof)
        async with self._people.database.transaction(SERVER) as session:
            codes = await self._people.recovery.renew(session, under_way.person_id)
        return page(
            request,
            "recovery_codes.html",
            locale=under_way.locale,
            codes=codes,
            action="/sign-in/continue",
        )
