"""One prefix whose paths a subgraph serves: the same guards as at `/graphql`, then the subgraph's answer."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.codes import GatewayCode
from gateway.engine import Engine
from gateway.guard import Limits
from gateway.guard.load import OverloadedError
from gateway.guard.rates import TooManyRequestsError
from gateway.http.quotas import overloaded, quota_headers, too_many
from gateway.http.reading import HttpRefusedError
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
from gateway.passing.answers import PassedAnswer, passed_on
from gateway.passing.prefixes import UnpassableError, target
from gateway.transport import DEADLINE, SubgraphAnswer, SubgraphUnavailableError
from vereda.caller import PURPOSE_HEADER
from vereda.deadline import Deadline
from vereda.problems import MEDIA_TYPE, problem_body
from vereda.telemetry import logger, report, request_id

_log = logger("passing")
#: What of a request's head goes on to the subgraph. Credentials never do: a transaction token goes in their place.
_PASSED: Final = ("accept", "accept-language", "if-none-match", "if-modified-since")
_ACCEPT: Final = "application/json"
#: What an answer costs, in the unit of `docs/gateway.md`, "Cost": its kibibytes, and never less than this.
_LEAST_COST: Final = 10.0
_KIBIBYTE: Final = 1024


class Getting(Protocol):
    """Carries one GET to a subgraph."""

    async def get(self, subgraph: str, target: str, headers: Mapping[str, str]) -> SubgraphAnswer:
        """Ask for `target`, a path with its query, at the subgraph's origin. Raises: SubgraphUnavailableError."""
        ...


class PassedPath:
    """An ASGI application that answers GET requests by asking `subgraph` for the same path."""

    def __init__(
        self,
        subgraph: str,
        getting: Getting,
        engine: Engine,
        authenticator: Authenticator,
        limits: Limits,
        metrics: Metrics,
    ) -> None:
        """`engine`: whose load and allowances it shares, so that a caller has no more by asking in two ways."""
        self._subgraph = subgraph
        self._getting = getting
        self._engine = engine
        self._authenticator = authenticator
        self._limits = limits
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        code: GatewayCode | None = None
        try:
            answer = await self._answer(scope)
        except HttpRefusedError as refusal:
            code, answer = refusal.code, _problem(refusal)
        except Exception as error:
            report(_log, error, rid=request_id.get())
            message = f"Something went wrong on our side. Quote request {request_id.get()}."
            code = GatewayCode.INTERNAL
            answer = _problem(HttpRefusedError(500, code, message))
        self._metrics.passed(self._subgraph, answer.status, time.perf_counter() - started, code)
        headers = {**answer.headers, **scope.get(ANSWER_HEADERS, {})}
        sent = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        if answer.status != 304:
            sent.append((b"content-length", b"%d" % len(answer.body)))
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope) -> PassedAnswer:
        """Cheapest checks first, as at `/graphql`. Raises: HttpRefusedError."""
        headers = Headers(scope=scope)
        if scope["method"] != "GET":
            message = "This path is read: use GET."
            raise HttpRefusedError(405, GatewayCode.METHOD_NOT_ALLOWED, message, {"Allow": "GET"})
        if self._engine.load.full:
            raise overloaded(by_caller=False)
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            message = "A GET request has no body here."
            raise HttpRefusedError(400, GatewayCode.BAD_REQUEST, message, {"Connection": "close"})
        try:
            asked = target(scope["raw_path"], scope["query_string"])
        except UnpassableError as error:
            raise HttpRefusedError(400, GatewayCode.BAD_REQUEST, str(error)) from None
        identity = await self._identity(scope, headers)
        passed = {name: headers[name] for name in _PASSED if name in headers}
        answer = await self._bounded(scope, identity, asked, {"accept": _ACCEPT, **passed})
        if identity.client_id is not None:
            quotas = quota_headers(self._engine.rates.quotas(identity))
            scope[ANSWER_HEADERS] = {**scope.get(ANSWER_HEADERS, {}), **quotas}
        return answer

    async def _identity(self, scope: Scope, headers: Headers) -> Identity:
        try:
            identity = await self._authenticator.authenticate(Request(scope))
        except AuthenticationError as error:
            challenge = {"WWW-Authenticate": error.challenge, **error.headers}
            raise HttpRefusedError(401, GatewayCode.UNAUTHENTICATED, str(error), challenge) from None
        except IdentityUnavailableError as error:
            raise HttpRefusedError(
                503, GatewayCode.IDENTITY_UNAVAILABLE, str(error), {"Retry-After": "1"}
            ) from None
        try:
            return for_purpose(identity, headers.getlist(PURPOSE_HEADER))
        except ValueError:
            message = f"{PURPOSE_HEADER} holds one code, such as REFERRAL_DELIVERY."
            raise HttpRefusedError(400, GatewayCode.BAD_REQUEST, message) from None

    async def _bounded(
        self, scope: Scope, identity: Identity, asked: str, headers: Mapping[str, str]
    ) -> PassedAnswer:
        """Within the caller's allowance, its share of the load, and its time."""
        wait_s, most_s = read_wishes(scope["headers"]).wait_s, self._limits.deadline_s
        deadline = Deadline(time.monotonic() + (most_s if wait_s is None else min(wait_s, most_s)))
        token = DEADLINE.set(deadline)
        try:
            with self._engine.load.one_more(identity):
                return await self._charged(identity, asked, {**headers, **identity.headers})
        except OverloadedError as error:
            raise overloaded(by_caller=error.by_caller) from None
        except TooManyRequestsError as error:
            raise too_many(error.quota) from None
        except SubgraphUnavailableError as error:
            _log.warning("not passed on", service=self._subgraph, why=error.reason, rid=request_id.get())
            message = "The service that answers here cannot be reached just now: nothing was done, try again."
            code = GatewayCode.SUBGRAPH_UNAVAILABLE if deadline.left_s else GatewayCode.DEADLINE_EXCEEDED
            raise HttpRefusedError(503, code, message, {"Retry-After": "1"}) from None
        finally:
            DEADLINE.reset(token)

    async def _charged(self, identity: Identity, asked: str, headers: Mapping[str, str]) -> PassedAnswer:
        charge = await self._engine.rates.admit(identity, self._limits.passed_cost)
        actual = float(self._limits.passed_cost)  # where it is never known
        try:
            answer = await self._getting.get(self._subgraph, asked, headers)
            actual = max(_LEAST_COST, math.ceil(len(answer.body) / _KIBIBYTE))
        finally:
            self._engine.rates.settle(charge, actual)
        return passed_on(answer)


def _problem(refusal: HttpRefusedError) -> PassedAnswer:
    body = problem_body(refusal.status, refusal.code.value, refusal.message)
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", **refusal.headers}
    return PassedAnswer(refusal.status, body, headers)
