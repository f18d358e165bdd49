"""The sign-in pages: each takes one proof, and leads on to what is asked next."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people import register
from gateway.people.browsers import browser_name
from gateway.people.cookies import SESSION, VISIT, put, take_back, value_of
from gateway.people.events import SERVER, Event, record
from gateway.people.pages.answering import REFUSED, Form, message, onward, posted, see_other
from gateway.people.pages.rendering import page
from gateway.people.paths import SIGN_IN, safe_next
from gateway.people.people import People
from gateway.people.sessions import SignedIn
from gateway.people.signing_in import Proof, Step, UnderWay
from gateway.people.totp import qr_code

#: Where each step is asked for.
_PAGES: Final = {
    Step.IDENTIFY: SIGN_IN,
    Step.SECOND_FACTOR: "/sign-in/second-factor",
    Step.ENROL: "/sign-in/enrol",
    Step.ORGANIZATION: "/sign-in/organization",
}


class SignInPages:
    def __init__(self, people: People) -> None:
        self._people = people

    def routes(self) -> list[Route]:
        second, enrol, organization = (
            _PAGES[step] for step in (Step.SECOND_FACTOR, Step.ENROL, Step.ORGANIZATION)
        )
        return [
            Route(SIGN_IN, self.show, methods=["GET"]),
            Route(SIGN_IN, posted(self.identify), methods=["POST"]),
            Route(second, self.show_second_factor, methods=["GET"]),
            Route(second, posted(self.second_factor), methods=["POST"]),
            Route("/sign-in/recovery-code", posted(self.recovery_code), methods=["POST"]),
            Route(enrol, self.show_enrolment, methods=["GET"]),
            Route(f"{enrol}/totp", posted(self.enrol_totp), methods=["POST"]),
            Route(organization, self.show_organizations, methods=["GET"]),
            Route(organization, posted(self.organization), methods=["POST"]),
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
        error: str | None = None,
        status: int = 200,
    ) -> Response:
        return page(
            request,
            "sign_in.html",
            status=status,
            errors={"email": error} if error else {},
            next_path=next_path,
            email=email,
            again=again,
            external=False,
        )

    async def identify(self, request: Request, form: Form) -> Response:
        """The first proof: a password. Whoever it is about, or nobody, the work and the answer are the same."""
        email, next_path = form.get("email", ""), safe_next(form.get("next"))
        account = await register.find_account(self._people.database, email)
        known_hash = account.password_hash if account else None
        right = await self._people.hashing.matches(known_hash, form.get("password", ""))
        if account is None or not right:
            return self._form(request, next_path, email=email, error="sign_in.wrong", status=REFUSED)
        return await self.begin(request, account.person_id, Proof.PASSWORD, next_path)

    async def begin(self, request: Request, person: UUID, proof: Proof, next_path: str) -> Response:
        """A person has shown a first proof."""
        cookie = await self._people.sign_ins.begin(
            person, proof, next_path, replacing=value_of(request, VISIT)
        )
        response = await self.lead_on(request, cookie)
        if response.status_code < 400 and not _sets(response, VISIT):
            put(response, VISIT, cookie)
        return response

    async def lead_on(self, request: Request, cookie: str) -> Response:
        """To what is asked next; when nothing is, the session is opened."""
        under_way = await self._people.sign_ins.of_cookie(cookie)
        if under_way is None:
            return message(request, "stale", 403, link=SIGN_IN)
        if under_way.step is Step.NOWHERE:
            await self._people.sign_ins.give_up(cookie)
            return message(request, "nowhere", 403)
        if under_way.step is Step.OPEN:
            return await self._open(request, under_way, under_way.workplaces[0].organization)
        return see_other(_PAGES[under_way.step])

    async def _open(self, request: Request, under_way: UnderWay, organization: UUID) -> Response:
        browser = browser_name(request.headers.get("user-agent", ""))
        value = await self._people.sign_ins.finish(request, under_way, organization, browser)
        if value is None:
            return message(request, "stale", 403, link=SIGN_IN)
        response = onward(request, under_way.next_path)
        put(response, SESSION, value)
        take_back(response, VISIT)
        return response

    async def show_second_factor(self, request: Request) -> Response:
        return await self._second_factor(request)

    async def _second_factor(self, request: Request, error: tuple[str, str] | None = None) -> Response:
        under_way = await self._at(request, Step.SECOND_FACTOR)
        if under_way is None:
            return see_other(SIGN_IN)
        return page(
            request,
            "second_factor.html",
            status=REFUSED if error else 200,
            locale=under_way.locale,
            errors=dict([error]) if error else {},
            has_totp=under_way.has_totp,
            has_passkey=under_way.has_passkey,
        )

    async def second_factor(self, request: Request, form: Form) -> Response:
        under_way = await self._at(request, Step.SECOND_FACTOR)
        if under_way is None:
            return see_other(SIGN_IN)
        if not await self._people.totp.accept(under_way.person_id, form.get("code", "")):
            return await self._second_factor(request, ("code", "second.wrong"))
        return await self._proven(request, under_way, Proof.TOTP)

    async def recovery_code(self, request: Request, form: Form) -> Response:
        under_way = await self._at(request, Step.SECOND_FACTOR)
        if under_way is None:
            return see_other(SIGN_IN)
        if not await self._people.recovery.use(under_way.person_id, form.get("recovery_code", "")):
            return await self._second_factor(request, ("recovery_code", "second.wrong_recovery"))
        return await self._proven(request, under_way, Proof.RECOVERY_CODE)

    async def _proven(self, request: Request, under_way: UnderWay, proof: Proof) -> Response:
        await self._people.sign_ins.add(under_way, proof)
        return await self.lead_on(request, under_way.cookie)

    async def show_enrolment(self, request: Request) -> Response:
        return await self._enrolment(request)

    async def _enrolment(self, request: Request, offer: str = "", error: str | None = None) -> Response:
        """The offer stays the same when the code was mistyped: the app has its secret by now."""
        under_way = await self._at(request, Step.ENROL)
        if under_way is None:
            return see_other(SIGN_IN)
        totp = self._people.totp
        secret = totp.offered_secret(under_way.person_id, offer)
        if secret is None:
            offer = totp.offer(under_way.person_id)
            secret = totp.offered_secret(under_way.person_id, offer) or ""
        return page(
            request,
            "enrol.html",
            status=REFUSED if error else 200,
            locale=under_way.locale,
            errors={"code": error} if error else {},
            offer=offer,
            secret=secret,
            qr=qr_code(secret, under_way.email),
        )

    async def enrol_totp(self, request: Request, form: Form) -> Response:
        under_way = await self._at(request, Step.ENROL)
        if under_way is None:
            return see_other(SIGN_IN)
        person, offer = under_way.person_id, form.get("offer", "")
        secret = self._people.totp.offered_secret(person, offer)
        if secret is None or not await self._people.totp.confirm(person, secret, form.get("code", "")):
            return await self._enrolment(request, offer, "second.wrong")
        return await self.enrolled(request, under_way, Proof.TOTP)

    async def enrolled(self, request: Request, under_way: UnderWay, proof: Proof) -> Response:
        """The first second factor is there, and proven by that: recovery codes, once."""
        await self._people.sign_ins.add(under_way, proof)
        async with self._people.database.transaction(SERVER) as session:
            await record(session, Event.FACTOR_ADDED, under_way.person_id, by=str(under_way.person_id))
            codes = await self._people.recovery.renew(session, under_way.person_id)
        return page(
            request,
            "recovery_codes.html",
            locale=under_way.locale,
            codes=codes,
            action="/sign-in/continue",
        )

    async def show_organizations(self, request: Request) -> Response:
        under_way = await self._at(request, Step.ORGANIZATION)
        if under_way is None:
            return see_other(SIGN_IN)
        return page(
            request,
            "organization.html",
            locale=under_way.locale,
            workplaces=under_way.workplaces,
            current="",
            action=_PAGES[Step.ORGANIZATION],
        )

    async def organization(self, request: Request, form: Form) -> Response:
        under_way = await self._at(request, Step.ORGANIZATION)
        if under_way is None:
            return see_other(SIGN_IN)
        chosen = next(
            (
                one.organization
                for one in under_way.workplaces
                if str(one.organization) == form.get("organization")
            ),
            None,
        )
        if chosen is None:
            return see_other(_PAGES[Step.ORGANIZATION])
        return await self._open(request, under_way, chosen)

    async def carry_on(self, request: Request, _form: Form) -> Response:
        under_way = await self._people.sign_ins.of(request)
        return see_other(SIGN_IN) if under_way is None else await self.lead_on(request, under_way.cookie)

    async def give_up(self, request: Request, _form: Form) -> Response:
        if (cookie := value_of(request, VISIT)) is not None:
            await self._people.sign_ins.give_up(cookie)
        return see_other(SIGN_IN)

    async def _at(self, request: Request, step: Step) -> UnderWay | None:
        """The sign-in of this browser, if `step` is what is asked."""
        under_way = await self._people.sign_ins.of(request)
        return under_way if under_way is not None and under_way.step is step else None


def _is_before(signed_in: SignedIn, since: str | None) -> bool:
    """Whether the session is older than the sign-in that is asked for (`sign_in_url`)."""
    asked = since is not None and since.isascii() and since.isdigit() and len(since) <= 10
    return asked and signed_in.authenticated_at.timestamp() < int(since or 0)


def _sets(response: Response, cookie: str) -> bool:
    return any(value.startswith(f"{cookie}=") for value in response.headers.getlist("set-cookie"))
