"""The routes under `/fhir/R4`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from facades.fhir import documents
from facades.fhir.capability import capability_statement, smart_configuration
from facades.fhir.moving import patched, put
from facades.fhir.outcomes import RefusedError, checked, outcome, refused
from facades.fhir.reading import READINGS, read
from facades.fhir.receiving import receive, response
from facades.fhir.searching import search
from facades.fhir.seeing import Resource
from facades.fhir.speaking import (
    JSON_PATCH,
    check_accepts,
    if_match,
    media_type,
    read_json,
    read_resource,
    told,
    told_refusal,
)
from facades.fhir.validating import validate
from vereda.facade import Ask
from vereda.telemetry import logger, report, request_id

PATH: Final = "/fhir/R4"
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
_log = logger("fhir")


def routes(ask: Ask, public_url: str) -> Sequence[BaseRoute]:
    """All of them; what is not there is answered as FHIR answers."""
    facade = _Facade(ask, f"{public_url}{PATH}", public_url)
    return [
        _route("/metadata", facade.metadata, "GET"),
        _route("/.well-known/smart-configuration", facade.smart, "GET"),
        _route("/Task", facade.search_tasks, "GET"),
        *(_route(f"/{kind}/{{id}}", facade.reads(kind), "GET") for kind in READINGS if kind != "Task"),
        Route(
            f"{PATH}/Task/{{id}}",
            _Methods({"GET": facade.reads("Task"), "PUT": facade.put, "PATCH": facade.patch}),
        ),
        *(
            _route(path, facade.transaction, "POST") for path in ("", "/")
        ),  # the base, as either kind of client has it
        _route("/$process-message", facade.process_message, "POST"),
        Route(f"{PATH}/{{rest:path}}", _Methods({})),
    ]


def _route(path: str, handler: Handler, method: str) -> Route:
    return Route(f"{PATH}{path}", _Methods({method: handler}))


class _Methods:
    """An ASGI application that answers by method, and every refusal with an OperationOutcome."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self._handlers = handlers
        if "GET" in handlers:
            handlers["HEAD"] = handlers["GET"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            if not self._handlers:
                raise refused(404, "There is nothing here; see /metadata.", kind="not-found")
            handler = self._handlers.get(request.method)
            if handler is None:
                allow = {"Allow": ", ".join(sorted(self._handlers))}
                raise RefusedError(405, refused(405, "This is not done here.").issues, allow)
            check_accepts(request)
            return await handler(request)
        except RefusedError as refusal:
            return told_refusal(refusal)
        except Exception as error:
            report(_log, error, rid=request_id.get())
            text = f"Something went wrong on our side. Quote request {request_id.get()}."
            return told_refusal(refused(500, text, kind="exception"))


class _Facade:
    def __init__(self, ask: Ask, base: str, issuer: str) -> None:
        self._ask = ask
        self._base = base
        self._issuer = issuer

    async def metadata(self, request: Request) -> Response:
        return told(capability_statement(self._base))

    async def smart(self, request: Request) -> Response:
        return JSONResponse(smart_configuration(self._issuer))

    def reads(self, kind: str) -> Handler:
        async def handler(request: Request) -> Response:
            return told(await read(self._ask, request, kind, request.path_params["id"]))

        return handler

    async def search_tasks(self, request: Request) -> Response:
        return told(await search(self._ask, request, self._base))

    async def put(self, request: Request) -> Response:
        await self._known(request)
        task = await read_resource(request, "Task")
        return await self._set(request, await asyncio.to_thread(validate, task, "Task"))

    async def patch(self, request: Request) -> Response:
        await self._known(request)
        if media_type(request) != JSON_PATCH:
            raise refused(415, f"A patch is {JSON_PATCH}.")
        operations = await read_json(request)
        task = patched(await read(self._ask, request, "Task", request.path_params["id"]), operations)
        return await self._set(request, await asyncio.to_thread(validate, task, "Task"))

    async def _set(self, request: Request, task: Resource) -> Response:
        version = if_match(request)
        return told(await put(self._ask, request, request.path_params["id"], task, version))

    async def transaction(self, request: Request) -> Response:
        await self._known(request)
        bundle = await read_resource(request, "Bundle")
        return told(response(bundle, await receive(self._ask, request, bundle)))

    async def process_message(self, request: Request) -> Response:
        """R4 §2.4: the same Bundle as a message, answered by one."""
        await self._known(request)
        bundle = await read_resource(request, "Bundle")
        entries = bundle.get("entry") or [{}]
        header = entries[0].get("resource", {}) if isinstance(entries[0], dict) else {}
        if bundle.get("type") != "message" or header.get("resourceType") != "MessageHeader":
            raise refused(422, "A message begins with its MessageHeader.", "Bundle.entry[0]")
        made = await receive(self._ask, request, bundle)
        warnings = [issue for issues in made.warnings.values() for issue in issues]
        answering = {
            "resourceType": "MessageHeader",
            **{name: header[name] for name in ("eventCoding", "eventUri") if name in header},
            "source": {"endpoint": self._base},
            "response": {"identifier": header.get("id") or "message", "code": "ok"},
            "focus": [{"reference": f"{self._base}/Task/{made.ids['Task']}"}],
        }
        resources = [answering, outcome(warnings)]
        return told(
            {
                "resourceType": "Bundle",
                "type": "message",
                "entry": [
                    {
                        "fullUrl": uuid.uuid5(uuid.NAMESPACE_URL, f"{made.ids['Task']}{at}").urn,
                        "resource": one,
                    }
                    for at, one in enumerate(resources)
                ],
            }
        )

    async def _known(self, request: Request) -> None:
        """Of nobody a body is read: who it is from is asked first. Raises: RefusedError."""
        checked(await self._ask(documents.WHO, {}, request))
