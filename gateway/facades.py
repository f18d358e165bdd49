"""The port through which facades (`vereda.facade`) ask the graph: the endpoint's own way, past nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import BaseRoute

from gateway.executor.result import Outcome, Result
from gateway.http.endpoint import GraphQLEndpoint
from gateway.http.reading import HttpRefusedError
from gateway.identity import ANSWER_HEADERS, Identity
from gateway.request import GraphQLRequest
from vereda.facade import Answer, facade

#: Where, in a request's scope, who it is from is kept, so that a proof of possession is spent once.
_IDENTITY: Final = "vereda.facade_identity"
_STATUS: Final = {Outcome.EXECUTED: 200, Outcome.FORBIDDEN: 403}


def facade_routes(endpoint: GraphQLEndpoint, paths: Sequence[str], public_url: str) -> list[BaseRoute]:
    """The routes of the facades that `paths` name. Raises: OperatorError where one cannot be found."""
    port = FacadePort(endpoint)
    return [route for path in paths for route in facade(path)(port, public_url)]


class FacadePort:
    """`vereda.facade.Ask`, over an endpoint."""

    def __init__(self, endpoint: GraphQLEndpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, document: str, variables: Mapping[str, Any], request: Request) -> Answer:
        asked = GraphQLRequest(document, variables=variables, installed=True)
        scope = request.scope
        try:
            identity = await self._identity(request)
            result = await self._endpoint.answer(scope, asked, identity)
        except HttpRefusedError as refusal:
            error = {"message": refusal.message, "extensions": {"code": refusal.code.value}}
            return Answer(refusal.status, None, [error], {}, refusal.headers)
        return _answer(result, scope.get(ANSWER_HEADERS, {}))

    async def _identity(self, request: Request) -> Identity:
        """Raises: HttpRefusedError."""
        known = request.scope.get(_IDENTITY)
        if isinstance(known, Identity):
            return known
        # Without its cookies: a page of another site can make a browser send those, and no access token.
        bare = {**request.scope, "headers": [one for one in request.scope["headers"] if one[0] != b"cookie"]}
        identity = await self._endpoint.identify(bare)
        if ANSWER_HEADERS in bare:
            request.scope[ANSWER_HEADERS] = bare[ANSWER_HEADERS]
        request.scope[_IDENTITY] = identity
        return identity


def _answer(result: Result, headers: Mapping[str, str]) -> Answer:
    status = _STATUS.get(result.outcome, 400)
    return Answer(status, result.data, result.errors, result.extensions, headers)
