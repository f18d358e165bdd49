"""The OAuth endpoints as Starlette routes: read the form, authenticate the client, let authlib decide, store, answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from authlib.common.security import is_secure_transport
from authlib.oauth2 import OAuth2Error
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.backoff import Backoff
from gateway.oauth.access import AccessTokens, token_id
from gateway.oauth.assertions import AssertionCheck
from gateway.oauth.authentication import ClientAuthentication
from gateway.oauth.client_keys import ClientKeys
from gateway.oauth.errors import UnavailableError
from gateway.oauth.metadata import metadata_routes
from gateway.oauth.replays import SeenTokens
from gateway.oauth.requests import credentials_of, read_form
from gateway.oauth.server import AuthorizationServer, FormRequest, Presented
from gateway.outbound import Outbound
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.keys import key_ring
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.telemetry import logger, request_id

_log = logger("oauth")


def routes(
    settings: Settings,
    database: Database,
    *,
    backoff: Backoff | None = None,
    outbound: Outbound | None = None,
) -> list[Route]:
    """`/oauth/token`, `/oauth/revoke`, `/oauth/introspect` and the well-known documents.

    Raises: OperatorError when the public URL is neither https nor loopback (RFC 6749 §3.2 demands TLS).
    """
    if not is_secure_transport(settings.public_url):
        raise OperatorError(
            f"VEREDA_ISSUER is {settings.public_url}: tokens go over https only, except on this machine itself."
        )
    tokens = AccessTokens(settings, database)
    seen = SeenTokens(database)
    assertions = AssertionCheck(
        frozenset({tokens.issuer, f"{tokens.issuer}/oauth/token"}),
        ClientKeys(outbound or Outbound.of(settings)),
        seen,
    )
    clients = ClientAuthentication(database, backoff or Backoff.of(settings, database), assertions)
    endpoints = _Endpoints(tokens, clients)
    return [
        Route("/oauth/token", endpoints.token, methods=["POST"]),
        Route("/oauth/revoke", endpoints.revoke, methods=["POST"]),
        Route("/oauth/introspect", endpoints.introspect, methods=["POST"]),
        *metadata_routes(tokens, key_ring(settings, "transaction")),
    ]


class _Endpoints:
    def __init__(self, tokens: AccessTokens, clients: ClientAuthentication) -> None:
        self._tokens = tokens
        self._clients = clients
        self._server = AuthorizationServer(tokens)

    async def token(self, request: Request) -> Response:
        """RFC 6749 §3.2."""
        return await self._answer(request, self._issue)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009 §2."""
        return await self._answer(request, self._revoke)

    async def introspect(self, request: Request) -> Response:
        """RFC 7662 §2."""
        return await self._answer(request, self._introspect)

    async def _answer(
        self, request: Request, decide: Callable[[FormRequest], Awaitable[Response]]
    ) -> Response:
        try:
            form = await read_form(request)
            address = request.client.host if request.client else ""
            url = f"{self._tokens.issuer}{request.url.path}"
            client = await self._clients.client(credentials_of(request, form), address, url)
            presented = await self._presented(form["token"]) if "token" in form else None
            return await decide(FormRequest(url, form, client, presented))
        except OAuth2Error as error:
            return self._server.handle_response(*error())
        except (SQLAlchemyError, OSError) as error:
            # The kind of error only: its text would repeat what was sent to the database.
            _log.error("no database", kind=type(error).__name__, rid=request_id.get())
            return self._server.handle_response(*UnavailableError()())

    async def _issue(self, request: FormRequest) -> Response:
        response: Response = self._server.create_token_response(request)
        if request.issued is not None:
            await self._tokens.record(request.issued)
        return response

    async def _revoke(self, request: FormRequest) -> Response:
        response: Response = self._server.create_endpoint_response("revocation", request)
        if request.revoked is not None:
            await self._tokens.revoke(request.revoked)
        return response

    async def _introspect(self, request: FormRequest) -> Response:
        response: Response = self._server.create_endpoint_response("introspection", request)
        return response

    async def _presented(self, token: str) -> Presented | None:
        try:
            claims = await self._tokens.live_claims(token)
            return Presented(token_id(claims), claims)
        except TokenRefusedError:
            return None
