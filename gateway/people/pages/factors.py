"""What a person signs in with, changed by themselves: password, authenticator app, passkeys, recovery codes.

Each page and each form asks for a sign-in that is no older than five minutes, and leads through one where it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people import register
from gateway.people.browsers import browser_name
from gateway.people.cookies import SESSION, browser_of, put, value_of
from gateway.people.events import SERVER, Event, record
from gateway.people.pages.answering import REFUSED, Form, json_page, message, posted, see_other
from gateway.people.pages.rendering import page
from gateway.people.passwords import Weakness
from gateway.people.paths import ACCOUNT, sign_in_url
from gateway.people.people import People
from gateway.people.sessions import SignedIn, end_all
from gateway.store import Passkey, Person

_PASSWORD: Final = f"{ACCOUNT}/password"
_TOTP: Final = f"{ACCOUNT}/totp"
_PASSKEYS: Final = f"{ACCOUNT}/passkeys"
_CODES: Final = f"{ACCOUNT}/recovery-codes"

Show = Callable[[Request, SignedIn], Awaitable[Response]]
Handle = Callable[[Request, Form, SignedIn], Awaitable[Response]]


class FactorPages:
    def __init__(self, people: People) -> None:
        self._people = people

    def routes(self) -> list[Route]:
        return [
            self._get(_PASSWORD, self.show_password),
            self._post(_PASSWORD, self.change_password),
            self._get(_TOTP, self.show_totp),
            self._post(_TOTP, self.add_totp),
            self._post(f"{_TOTP}/remove", self.remove_totp),
            self._get(_PASSKEYS, self.show_passkeys),
            self._post(f"{_PASSKEYS}/add", self.add_passkey),
            self._post(f"{_PASSKEYS}/add/options", self.passkey_options),
            self._post(f"{_PASSKEYS}/remove", self.remove_passkey),
            self._post(_CODES, self.renew_codes),
        ]

    def _get(self, path: str, show: Show) -> Route:
        async def answer(request: Request) -> Response:
            signed_in = await self._recently(request)
            return see_other(sign_in_url(path)) if signed_in is None else await show(request, signed_in)

        return Route(path, answer, methods=["GET"])

    def _post(self, path: str, handle: Handle) -> Route:
        async def answer(request: Request, form: Form) -> Response:
            signed_in = await self._recently(request)
            if signed_in is None:
                return see_other(sign_in_url(ACCOUNT))
            return await handle(request, form, signed_in)

        return Route(path, posted(answer), methods=["POST"])

    async def _recently(self, request: Request) -> SignedIn | None:
        signed_in = await self._people.sessions.of(request)
        return signed_in if signed_in and self._people.sessions.is_recent(signed_in) else None

    async def _changed(
        self,
        request: Request,
        signed_in: SignedIn,
        response: Response,
        session: AsyncSession,
        *,
        others_end: bool = False,
    ) -> Response:
        """The session goes on under a new identifier, and the person is told by mail. `others_end`: what other sessions
        and tokens were opened with is good no more, so they end."""
        person = signed_in.person_id
        if others_end:
            await end_all(session, person, reason="factors_changed", keeping=signed_in.session_id)
        value = await self._people.sessions.open(
            session,
            person,
            signed_in.organization,
            factors=sorted(signed_in.factors),
            browser=browser_name(request.headers.get("user-agent", "")),
            replacing=value_of(request, SESSION),
            authenticated_at=signed_in.authenticated_at,
        )
        put(response, SESSION, value)
        response.background = BackgroundTask(self._people.letters.changed, person)
        return response

    async def show_password(self, request: Request, signed_in: SignedIn) -> Response:
        return await self._password(request, signed_in)

    async def _password(
        self, request: Request, signed_in: SignedIn, weakness: Weakness | None = None
    ) -> Response:
        account = await register.account(self._people.database, signed_in.person_id)
        return page(
            request,
            "password.html",
            status=REFUSED if weakness else 200,
            locale=signed_in.locale,
            errors={"password": f"password.{weakness.value}"} if weakness else {},
            email=account.email if account else "",
        )

    async def change_password(self, request: Request, form: Form, signed_in: SignedIn) -> Response:
        person = signed_in.person_id
        hashed = await self._people.hashed_if_good(person, form.get("password", ""))
        if isinstance(hashed, Weakness):
            return await self._password(request, signed_in, hashed)
        async with self._people.database.transaction(SERVER) as session:
            await register.set_password(session, person, hashed, by=str(person))
            return await self._changed(request, signed_in, see_other(ACCOUNT), session, others_end=True)

    async def show_totp(self, request: Request, signed_in: SignedIn) -> Response:
        return await self._totp(request, signed_in)

    async def _totp(
        self, request: Request, signed_in: SignedIn, offer: str = "", error: str | None = None
    ) -> Response:
        person = signed_in.person_id
        account = await register.account(self._people.database, person)
        return page(
            request,
            "account_totp.html",
            status=REFUSED if error else 200,
            locale=signed_in.locale,
            errors={"code": error} if error else {},
            offered=self._people.totp.offer(person, account.email if account else "", again=offer),
            has_totp=account is not None and account.has_totp,
        )

    async def add_totp(self, request: Request, form: Form, signed_in: SignedIn) -> Response:
        person, offer = signed_in.person_id, form.get("offer", "")
        if not await self._people.totp.confirm(person, offer, form.get("code", "")):
            return await self._totp(request, signed_in, offer, "second.wrong")
        async with self._people.database.transaction(SERVER) as session:
            return await self._changed(request, signed_in, see_other(ACCOUNT), session)

    async def remove_totp(self, request: Request, _form: Form, signed_in: SignedIn) -> Response:
        person = signed_in.person_id
        async with self._people.database.transaction(SERVER) as session:
            if await self._factors(session, person) < 2:
                return message(request, "last_factor", REFUSED, link=ACCOUNT)
            await self._people.totp.remove(session, person)
            await record(session, Event.FACTOR_REMOVED, person, by=str(person))
            return await self._changed(request, signed_in, see_other(ACCOUNT), session, others_end=True)

    async def show_passkeys(self, request: Request, signed_in: SignedIn) -> Response:
        return await self._passkeys(request, signed_in)

    async def _passkeys(self, request: Request, signed_in: SignedIn, error: str | None = None) -> Response:
        return page(
            request,
            "account_passkeys.html",
            status=REFUSED if error else 200,
            locale=signed_in.locale,
            errors={"form": error} if error else {},
            passkeys=await self._people.passkeys.list_of(signed_in.person_id),
            suggested=browser_name(request.headers.get("user-agent", "")),
        )

    async def passkey_options(self, request: Request, _form: Form, signed_in: SignedIn) -> Response:
        browser = browser_of(request)
        account = await register.account(self._people.database, signed_in.person_id)
        assert browser is not None
        assert account is not None
        return json_page(
            await self._people.passkeys.registration_options(
                browser, account.person_id, account.email, account.display_name
            )
        )

    async def add_passkey(self, request: Request, form: Form, signed_in: SignedIn) -> Response:
        browser = browser_of(request)
        assert browser is not None
        added = await self._people.passkeys.register(
            browser, signed_in.person_id, form.get("credential", ""), form.get("name", "")
        )
        if not added:
            return await self._passkeys(request, signed_in, "passkey.failed")
        async with self._people.database.transaction(SERVER) as session:
            return await self._changed(request, signed_in, see_other(_PASSKEYS), session)

    async def remove_passkey(self, request: Request, form: Form, signed_in: SignedIn) -> Response:
        person = signed_in.person_id
        try:
            credential_id = bytes.fromhex(form.get("passkey", ""))
        except ValueError:
            return see_other(_PASSKEYS)
        async with self._people.database.transaction(SERVER) as session:
            if await self._factors(session, person) < 2:
                return message(request, "last_factor", REFUSED, link=ACCOUNT)
            if not await self._people.passkeys.remove(session, person, credential_id):
                return see_other(_PASSKEYS)
            await record(session, Event.FACTOR_REMOVED, person, by=str(person))
            return await self._changed(request, signed_in, see_other(_PASSKEYS), session, others_end=True)

    async def renew_codes(self, request: Request, _form: Form, signed_in: SignedIn) -> Response:
        async with self._people.database.transaction(SERVER) as session:
            codes = await self._people.recovery.renew(session, signed_in.person_id)
        response = page(request, "recovery_codes.html", locale=signed_in.locale, codes=codes, action=None)
        response.background = BackgroundTask(self._people.letters.changed, signed_in.person_id)
        return response

    async def _factors(self, session: AsyncSession, person: UUID) -> int:
        """How many second factors the person has; held until the transaction ends, so that two requests at once do not
        each take away the last but one."""
        has_totp = await session.scalar(
            select(Person.totp_secret.is_not(None)).where(Person.id == person).with_for_update()
        )
        passkeys = await session.scalar(
            select(func.count()).select_from(Passkey).where(Passkey.person_id == person)
        )
        return int(bool(has_totp)) + (passkeys or 0)
