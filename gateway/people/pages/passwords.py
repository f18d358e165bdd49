"""Setting a password: the page behind an invitation's link, and how somebody who forgot theirs gets such a link."""

from __future__ import annotations

from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people import register
from gateway.people.events import SERVER, Event, record
from gateway.people.invitations import PATH, Invited, Purpose, redeem, whom
from gateway.people.pages.answering import REFUSED, TOO_MANY, Form, address_of, message, posted
from gateway.people.pages.rendering import page
from gateway.people.pages.steps import Steps
from gateway.people.passwords import Weakness
from gateway.people.paths import ACCOUNT, SIGN_IN
from gateway.people.people import People
from gateway.people.sessions import end_all
from gateway.people.signing_in import Proof

FORGOTTEN: Final = "/forgotten-password"


class PasswordPages:
    def __init__(self, people: People, steps: Steps) -> None:
        self._people = people
        self._steps = steps

    def routes(self) -> list[Route]:
        return [
            Route(FORGOTTEN, self.show_forgotten, methods=["GET"]),
            Route(FORGOTTEN, posted(self.forgotten), methods=["POST"]),
            Route(PATH, self.show_invitation, methods=["GET"]),
            Route(PATH, posted(self.accept), methods=["POST"]),
        ]

    async def show_forgotten(self, request: Request) -> Response:
        if not self._people.letters.mailer.works:
            return message(request, "forgotten.no_mail", link=SIGN_IN)
        return page(request, "forgotten.html")

    async def forgotten(self, request: Request, form: Form) -> Response:
        """One answer for all addresses; the search for the account comes after it, so that it takes the same time."""
        guess = await self._people.guessing.links(address_of(request))
        if guess.wait_s:
            return message(request, "forgotten.wait", TOO_MANY, link=SIGN_IN)
        answer = message(request, "forgotten.sent", link=SIGN_IN)
        answer.background = BackgroundTask(self._people.letters.reset, form.get("email", ""))
        return answer

    async def show_invitation(self, request: Request) -> Response:
        """Shows, and changes nothing: programs that look through mails open every link."""
        invited = await whom(self._people.database, request.query_params.get("token", ""))
        if invited is None:
            return message(request, "invitation.over", 410, link=FORGOTTEN)
        return self._invitation(request, invited, request.query_params["token"])

    def _invitation(
        self, request: Request, invited: Invited, token: str, error: str | None = None
    ) -> Response:
        return page(
            request,
            "invitation.html",
            status=REFUSED if error else 200,
            errors={"password": error} if error else {},
            key=f"invitation.{invited.purpose.value}",
            person=invited.display_name,
            email=invited.email,
            token_value=token,
        )

    async def accept(self, request: Request, form: Form) -> Response:
        """The link is used up; a new password ends whatever the old one opened. Then the sign-in goes on: a link alone
        opens nothing, either."""
        token, password = request.query_params.get("token", ""), form.get("password", "")
        invited = await whom(self._people.database, token)
        if invited is None:
            return message(request, "invitation.over", 410, link=FORGOTTEN)
        hashed = await self._people.hashed_if_good(invited.person_id, password)
        if isinstance(hashed, Weakness):
            return self._invitation(request, invited, token, f"password.{hashed.value}")
        async with self._people.database.transaction(SERVER) as session:
            person = await redeem(session, token)
            if person is None:
                return message(request, "invitation.over", 410, link=FORGOTTEN)
            await register.set_password(session, person, hashed, by=str(person))
            await end_all(session, person, reason="password_changed")
            if invited.purpose is Purpose.JOIN:
                await record(session, Event.JOINED, person, by=str(person))
        answer = await self._steps.begin(request, person, Proof.PASSWORD, ACCOUNT)
        if invited.purpose is Purpose.RESET:
            answer.background = BackgroundTask(self._people.letters.changed, person)
        return answer
