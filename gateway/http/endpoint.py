"""`/graphql`, by GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.codes import GatewayCode
from gateway.engine import Engine
from gateway.executor import Outcome, Result
from gateway.executor.result import request_error
from gateway.guard.load import OverloadedError
from gateway.guard.rates import TooManyRequestsError
from gateway.http.media import GRAPHQL_RESPONSE, JSON, accepts_html, answer_type
from gateway.http.quotas import overloaded, quota_headers, too_many
from gateway.http.reading import HttpRefusedError, check_get, check_post, from_body, from_query, read_body
from gateway.http.wishes import read_wishes
from gateway.identity import (
    ANSWER_HEADERS,
    AuthenticationError,
    Authenticator,
    Identity,
    IdentityUnavailableError,
    for_purpose,
)
from gateway.metrics import Metrics
from gateway.request import GraphQLRequest, ReadOnlyError
from gateway.settings import GatewaySettings
from gateway.web import graphiql_page
from vereda.caller import PURPOSE_HEADER
from vereda.telemetry import logger, report, request_id

_log = logger("graphql")
_METHODS: Final = ("GET", "POST")
_STATUS: Final = {Outcome.REQUEST_ERROR: 400, Outcome.FORBIDDEN: 403}


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests."""

    def __init__(
        self, engine: Engine, authenticator: Authenticator, settings: GatewaySettings, metrics: Metrics
    ) -> None:
        self._engine = engine
        self._authenticator = authenticator
        self._settings = settings
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if self._settings.development and scope["method"] == "GET" and _opens_page(scope, headers):
            await graphiql_page()(scope, receive, send)
            return
        started = time.perf_counter()
        media_type = answer_type(headers.get("accept"))
        extra: Mapping[str, str] = {}
        try:
            if media_type is None:
                message = (
                    f"Answers are {GRAPHQL_RESPONSE} or {JSON}: say in Accept that you take one of them."
                )
                raise HttpRefusedError(406, GatewayCode.NOT_ACCEPTABLE, message)
            result = await self._answer(scope, headers, receive)
            status = _status(result, media_type)
            extra = scope.get(ANSWER_HEADERS, extra)
        except HttpRefusedError as refusal:
            status, extra = refusal.status, refusal.headers
            result = request_error(refusal.code, refusal.message, Outcome.REFUSED)
        except Exception as error:
            report(_log, error, rid=request_id.get())
            status = 500
            message = f"Something went wrong on our side. Quote request {request_id.get()}."
            result = request_error(GatewayCode.INTERNAL, message, Outcome.REFUSED)
        body = result.encode()
        if len(body) > self._settings.limits.answer_bytes:
            result = _too_large(self._settings.limits.answer_bytes)
            body = result.encode()
        self._metrics.answered(status, time.perf_counter() - started, result)
        content_type = f"{media_type or JSON}; charset=utf-8"
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", content_type.encode()),
                    (b"content-length", b"%d" % len(body)),
                    (b"cache-control", b"no-store"),
                    *((name.lower().encode(), value.encode("latin-1")) for name, value in extra.items()),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> Result:
        """Cheapest checks first: method, media type, who it is; only then the body.

        Raises: HttpRefusedError.
        """
        method = scope["method"]
        if method not in _METHODS:
            allow = {"Allow": ", ".join(_METHODS)}
            raise HttpRefusedError(
                405, GatewayCode.METHOD_NOT_ALLOWED, "Use POST, or GET for queries.", allow
            )
        if method == "GET":
            check_get(headers)
        else:
            check_post(headers, self._settings.limits.body_bytes)
        identity = await self.identify(scope)
        return await self.answer(scope, await self._request(scope, receive), identity)

    async def identify(self, scope: Scope) -> Identity:
        """Who a request is from, for the purpose that it names. Raises: HttpRefusedError."""
        if self._engine.load.full:  # before anything is looked up for it
            raise overloaded(by_caller=False)
        try:
            identity = await self._authenticator.authenticate(Request(scope))
        except AuthenticationError as error:
            challenge = {"WWW-Authenticate": error.challenge, **error.headers}
            raise HttpRefusedError(401, GatewayCode.UNAUTHENTICATED, str(error), challenge) from None
        except IdentityUnavailableError as error:
            retry = {"Retry-After": "1"}
            raise HttpRefusedError(503, GatewayCode.IDENTITY_UNAVAILABLE, str(error), retry) from None
        try:
            return for_purpose(identity, Headers(scope=scope).getlist(PURPOSE_HEADER))
        except ValueError:
            message = f"{PURPOSE_HEADER} holds one code, such as REFERRAL_DELIVERY."
            raise HttpRefusedError(400, GatewayCode.BAD_REQUEST, message) from None

    async def answer(self, scope: Scope, request: GraphQLRequest, identity: Identity) -> Result:
        """The answer to one GraphQL request of `identity`, with what its head wishes. Raises: HttpRefusedError."""
        wishes = read_wishes(scope["headers"])
        if wishes.report_cost:
            request = replace(request, report_cost=True)
        try:
            result = await self._engine.execute(request, identity, wishes.wait_s)
        except TooManyRequestsError as error:
            raise too_many(error.quota) from None
        except OverloadedError as error:
            raise overloaded(by_caller=error.by_caller) from None
        except ReadOnlyError:
            message = "A GET request may hold a query only; use POST."
            raise HttpRefusedError(405, GatewayCode.METHOD_NOT_ALLOWED, message, {"Allow": "POST"}) from None
        if identity.client_id is not None:
            quotas = quota_headers(self._engine.rates.quotas(identity))
            scope[ANSWER_HEADERS] = {**scope[ANSWER_HEADERS], **quotas} if ANSWER_HEADERS in scope else quotas
        return result

    async def _request(self, scope: Scope, receive: Receive) -> GraphQLRequest:
        if scope["method"] == "GET":
            return from_query(QueryParams(scope["query_string"]))
        limits = self._settings.limits
        body = await read_body(receive, limits.body_bytes, limits.body_s)
        return from_body(body)


def _status(result: Result, media_type: str) -> int:
    """GraphQL over HTTP §6.4: `application/json` tells a request error in the body alone."""
    if result.outcome is Outcome.REFUSED:
        return 400
    if media_type == GRAPHQL_RESPONSE:
        return _STATUS.get(result.outcome, 200)
    return 200


def _too_large(most: int) -> Result:
    """Instead of an answer that became larger than the parts it was made of: one object may stand in many places."""
    message = f"The answer has more than {most} bytes: ask for less at once."
    return Result(None, [{"message": message, "extensions": {"code": GatewayCode.ANSWER_TOO_LARGE.value}}])


def _opens_page(scope: Scope, headers: Headers) -> bool:
    return accepts_html(headers.get("accept")) and b"query=" not in scope["query_string"]
