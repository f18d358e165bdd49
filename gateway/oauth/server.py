"""authlib's authorization server, bound to ours.

authlib decides synchronously. All that it needs from outside is loaded before it runs (the client, checked; the token
presented to an endpoint), and what it decided is stored after it (`issued`, `revoked`): while it runs, nothing waits.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from authlib.oauth2 import rfc6749, rfc7009, rfc7662
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from starlette.responses import Response

from gateway.oauth.access import AccessTokens, Issued
from gateway.oauth.clients import Client
from gateway.oauth.errors import InvalidTargetError, UnsupportedGrantError

#: authlib writes the tokens that it gives to its debug log: it keeps no debug log here.
logging.getLogger("authlib").setLevel(logging.INFO)

GRANT_TYPES: Final = ("client_credentials",)
AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")


@dataclass(frozen=True, slots=True)
class Presented:
    """A token that a client asks about, already known to be genuine, unexpired and not revoked."""

    jti: UUID
    claims: Mapping[str, Any]

    def check_client(self, client: Client) -> bool:
        return bool(self.claims.get("client_id") == client.client_id)

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


class FormRequest(rfc6749.OAuth2Request):  # type: ignore[misc]
    """A form that an authenticated client sent, and what came of it."""

    def __init__(
        self, url: str, form: Mapping[str, str], client: Client, presented: Presented | None = None
    ) -> None:
        super().__init__("POST", url)
        self.payload = BasicOAuth2Payload(dict(form))
        self.authenticated = client
        self.presented = presented
        self.issued: Issued | None = None
        self.revoked: UUID | None = None

    @property
    def form(self) -> Mapping[str, str]:
        form: Mapping[str, str] = self.payload.data
        return form


class AuthorizationServer(rfc6749.AuthorizationServer):  # type: ignore[misc]
    """RFC 6749 with the client credentials grant, RFC 7009 and RFC 7662."""

    def __init__(self, tokens: AccessTokens) -> None:
        super().__init__()
        self.tokens = tokens
        self.register_grant(_ClientCredentials)
        self.register_endpoint(_Revocation)
        self.register_endpoint(_Introspection)

    def authenticate_client(self, request: FormRequest, methods: Any, endpoint: str = "token") -> Client:
        request.auth_method = methods[0]
        return request.authenticated

    def get_token_grant(self, request: FormRequest) -> Any:
        if not request.payload.grant_type:
            raise rfc6749.InvalidRequestError("The grant_type is missing.")
        try:
            return super().get_token_grant(request)
        except rfc6749.UnsupportedGrantTypeError:
            raise UnsupportedGrantError(None) from None

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        return Response(orjson.dumps(body), status, dict(headers))

    def save_token(self, token: Mapping[str, Any], request: FormRequest) -> None:
        """The endpoint records what the grant left in `request.issued`."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody here listens to authlib's signals."""


class _ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    """RFC 6749 §4.4: the client's own rights, or as much of them as it asks for."""

    def validate_requested_scope(self) -> None:
        """RFC 6749 §3.3: a scope beyond the client's own refuses the request; unknown or merely not its own, alike."""
        if not self._requested() <= self.request.client.scopes:
            raise rfc6749.InvalidScopeError("A requested scope is unknown or not granted to this client.")
        if self.request.form.get("resource", self.server.tokens.audience) != self.server.tokens.audience:
            raise InvalidTargetError()

    def generate_token(self, **_options: Any) -> dict[str, Any]:
        scopes = self._requested() or self.request.client.scopes
        issued: Issued = self.server.tokens.mint(self.request.client, scopes)
        self.request.issued = issued
        return issued.response()

    def _requested(self) -> frozenset[str]:
        return frozenset((self.request.payload.scope or "").split())


class _Revocation(rfc7009.RevocationEndpoint):  # type: ignore[misc]
    """RFC 7009: a client ends a token of its own. A token that is none is answered like one that was ended (§2.2)."""

    def authenticate_token(self, request: FormRequest, client: Client) -> Presented | None:
        _need_token(request)
        if request.presented is not None and not request.presented.check_client(client):
            raise rfc6749.InvalidGrantError("The token was not issued to this client.")
        return request.presented

    def revoke_token(self, token: Presented, request: FormRequest) -> None:
        request.revoked = token.jti


class _Introspection(rfc7662.IntrospectionEndpoint):  # type: ignore[misc]
    """RFC 7662: a client asks what a token of its own is worth. Another's is answered like none (§2.2)."""

    def authenticate_token(self, request: FormRequest, client: Client) -> Presented | None:
        _need_token(request)
        mine = request.presented is not None and request.presented.check_client(client)
        return request.presented if mine else None

    def introspect_token(self, token: Presented) -> dict[str, Any]:
        return {"active": True, "token_type": "Bearer", **token.claims}


def _need_token(request: FormRequest) -> None:
    """A hint that is not understood is ignored (RFC 7009 §2.2); a missing token is not."""
    if "token" not in request.form:
        raise rfc6749.InvalidRequestError("The token is missing.")
