"""To an external provider and back."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.people.cookies import VISIT, put, value_of
from gateway.people.external import CALLBACK, External
from gateway.people.pages.answering import Form, elsewhere, message, posted
from gateway.people.pages.steps import Steps
from gateway.people.paths import SIGN_IN, safe_next
from gateway.people.people import People
from gateway.people.provider import Asked, ProviderError
from gateway.people.signing_in import Proof
from vereda.telemetry import logger, request_id

_log: Final = logger("people")


class ExternalPages:
    def __init__(self, people: People, steps: Steps, external: External) -> None:
        self._people = people
        self._steps = steps
        self._external = external

    def routes(self) -> list[Route]:
        return [
            Route("/sign-in/external", posted(self.go), methods=["POST"]),
            Route(CALLBACK, self.back, methods=["GET"]),
        ]

    async def go(self, request: Request, form: Form) -> Response:
        """To the provider. What its answer has to fit is kept here, under a new cookie of this browser."""
        try:
            url, asked = await self._external.provider.ask()
        except ProviderError as error:
            return self._failed(request, error)
        next_path = safe_next(form.get("next"))
        cookie = await self._people.sign_ins.leave(
            asked.kept(), next_path, replacing=value_of(request, VISIT)
        )
        response = elsewhere(request, url)
        put(response, VISIT, cookie)
        return response

    async def back(self, request: Request) -> Response:
        """From the provider: in the browser that was sent there, once."""
        cookie = value_of(request, VISIT)
        left = None if cookie is None else await self._people.sign_ins.come_back(cookie)
        if left is None:
            return message(request, "stale", 403, link=SIGN_IN)
        kept, next_path = left
        try:
            vouched = await self._external.provider.answered(Asked(**kept), request.query_params)
        except ProviderError as error:
            return self._failed(request, error)
        person = await self._external.admit(vouched)
        if person is None:
            return message(request, "external.unknown", 403, link=SIGN_IN)
        proof = Proof.EXTERNAL_MULTI if vouched.several_factors else Proof.EXTERNAL
        return await self._steps.begin(request, person, proof, next_path)

    def _failed(self, request: Request, error: ProviderError) -> Response:
        _log.warning("external sign-in failed", why=str(error), rid=request_id.get())
        return message(request, "external.failed", 502, link=SIGN_IN)
