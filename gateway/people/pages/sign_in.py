"""The sign-in pages: each takes one proof, and leads on to what is asked next."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people import register
from gateway.people.cookies import VISIT, browser_of, value_of
from gateway.people.pages.answering import (
    REFUSED,
    TOO_MANY,
    Form,
    address_of,
    json_page,
    onward,
    posted,
    see_other,
)
from gateway.people.pages.rendering import page
from gateway.people.pages.steps import PAGES, Steps
from gateway.people.paths import SIGN_IN, safe_next
from gateway.people.people import People
from gateway.people.sessions import SignedIn
from gateway.people.signing_in import Proof, Step, UnderWay


class SignInPages:
    def __init__(self, people: People, steps: Steps) -> None:
        self._people = people
        self._steps = steps

    def routes(self) -> list[Route]:
        second, organization = Step.SECOND_FACTOR, Step.ORGANIZATION
        return [
            Route(SIGN_IN, self.show, methods=["GET"]),
            Route(SIGN_IN, posted(self.identify), methods=["POST"]),
            Route("/sign-in/passkey", posted(self.passkey), methods=["POST"]),
            Route("/sign-in/passkey/options", posted(self.passkey_options), methods=["POST"]),
            self._steps.get(second, self.show_second_factor),
            self._steps.post(second, PAGES[second], self.second_factor),
            self._steps.post(second, "/sign-in/recovery-code", self.recovery_code),
            self._steps.get(organization, self.show_organizations),
            self._steps.post(organization, PAGES[organization], self.organization),
            Route("/sign-in/continue", posted(self.carry_on), methods=["POST"]),
            Route("/sign-in/give-up", posted(self.give_up), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        signed_in = await self._people.sessions.of(request)
        next_path = safe_next(request.query_params.get("next"))
        if (
            signed_in is not None
            and self._people.sessions.is_recent(signed_in)
            and not _is_before(signed_in, request.query_params.get("since"))
        ):
            return onward(request, next_path)
        return self._form(request, next_path, again=signed_in is not None)

    def _form(
        self,
        request: Request,
        next_path: str,
        *,
        email: str = "",
        again: bool = False,
        error: tuple[str, str] | None = None,
        wait_s: float = 0.0,
    ) -> Response:
        response = page(
            request,
            "sign_in.html",
            status=TOO_MANY if wait_s else REFUSED if error else 200,
            errors=dict([error]) if error else {},
            next_path=next_path,
            email=email,
            again=again,
            external=self._people.external is not None,
        )
        return _with_wait(response, wait_s)

    async def identify(self, request: Request, form: Form) -> Response:
        """The first proof: a password. Whoever it is about, or nobody, the work and the answer are the same."""
        email, next_path = form.get("email", ""), safe_next(form.get("next"))
        guess = await self._people.guessing.password(email, address_of(request))
        if guess.wait_s:
            return self._form(
                request, next_path, email=email, error=("form", "sign_in.wait"), wait_s=guess.wait_s
            )
        account = await register.find_account(self._people.database, email)
        known_hash = account.password_hash if account else None
        right = await self._people.hashing.matches(known_hash, form.get("password", ""))
        if account is None or not right:
            return self._form(request, next_path, email=email, error=("email", "sign_in.wrong"))
        await guess.was_right()
        return await self._steps.begin(request, account.person_id, Proof.PASSWORD, next_path)

    async def passkey_options(self, request: Request, _form: Form) -> Response:
        """What the device is asked: for any passkey of ours or, after a password, for one of that person."""
        browser = browser_of(request)
        assert browser is not None  # the form's token was made of it
        under_way = await self._people.sign_ins.of(request)
        person = under_way.person_id if under_way else None
        return json_page(await self._people.passkeys.sign_in_options(browser, person))

    async def passkey(self, request: Request, form: Form) -> Response:
        """Both factors at once. It never waits: nobody can guess a signature."""
        browser = browser_of(request)
        assert browser is not None
        person = await self._people.passkeys.whose(browser, form.get("credential", ""))
        under_way = await self._people.sign_ins.of(request)
        next_path = under_way.next_path if under_way else safe_next(form.get("next"))
        if person is None:
            return self._form(request, next_path, error=("form", "passkey.unknown"))
        return await self._steps.begin(request, person, Proof.PASSKEY, next_path)

    async def show_second_factor(self, request: Request, under_way: UnderWay) -> Response:
        return self._second_factor(request, under_way)

    def _second_factor(
        self,
        request: Request,
        under_way: UnderWay,
        error: tuple[str, str] | None = None,
        wait_s: float = 0.0,
    ) -> Response:
        response = page(
            request,
            "second_factor.html",
            status=TOO_MANY if wait_s else REFUSED if error else 200,
            locale=under_way.locale,
            errors=dict([error]) if error else {},
            has_totp=under_way.has_totp,
            has_passkey=under_way.has_passkey,
        )
        return _with_wait(response, wait_s)

    async def second_factor(self, request: Request, form: Form, under_way: UnderWay) -> Response:
        guess = await self._people.guessing.factor(under_way.person_id)
        if guess.wait_s:
            return self._second_factor(request, under_way, ("form", "second.wait"), guess.wait_s)
        if not await self._people.totp.accept(under_way.person_id, form.get("code", "")):
            return self._second_factor(request, under_way, ("code", "second.wrong"))
        await guess.was_right()
        return await self._steps.proven(request, under_way, Proof.TOTP)

    async def recovery_code(self, request: Request, form: Form, under_way: UnderWay) -> Response:
        guess = await self._people.guessing.factor(under_way.person_id)
        if guess.wait_s:
            return self._second_factor(request, under_way, ("form", "second.wait"), guess.wait_s)
        if not await self._people.recovery.use(under_way.person_id, form.get("recovery_code", "")):
            return self._second_factor(request, under_way, ("recovery_code", "second.wrong_recovery"))
        await guess.was_right()
        return await self._steps.proven(request, under_way, Proof.RECOVERY_CODE)

    async def show_organizations(self, request: Request, under_way: UnderWay) -> Response:
        return page(
            request,
            "organization.html",
            locale=under_way.locale,
            workplaces=under_way.workplaces,
            action=PAGES[Step.ORGANIZATION],
        )

    async def organization(self, request: Request, form: Form, under_way: UnderWay) -> Response:
        chosen = {str(one.organization): one.organization for one in under_way.workplaces}
        organization = chosen.get(form.get("organization", ""))
        if organization is None:
            return see_other(PAGES[Step.ORGANIZATION])
        return await self._steps.open(request, under_way, organization)

    async def carry_on(self, request: Request, _form: Form) -> Response:
        cookie = value_of(request, VISIT)
        return see_other(SIGN_IN) if cookie is None else await self._steps.lead_on(request, cookie)

    async def give_up(self, request: Request, _form: Form) -> Response:
        if (cookie := value_of(request, VISIT)) is not None:
            await self._people.sign_ins.give_up(cookie)
        return see_other(SIGN_IN)


def _is_before(signed_in: SignedIn, since: str | None) -> bool:
    """Whether the session is older than the sign-in that is asked for (`sign_in_url`)."""
    asked = since is not None and since.isascii() and since.isdigit() and len(since) <= 10
    return asked and signed_in.authenticated_at.timestamp() < int(since or 0)


def _with_wait(response: Response, wait_s: float) -> Response:
    if wait_s:
        response.headers["Retry-After"] = str(math.ceil(wait_s))
    return response
