"""authlib's authorization server, bound to ours.

authlib decides synchronously. All that it needs from outside is loaded before it runs (`forms.Loaded`), and what it
decided is stored after it (`forms.FormRequest`): while it runs, nothing waits.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson
from authlib.oauth2 import rfc6749
from starlette.responses import Response

from gateway.oauth.access import AccessTokens
from gateway.oauth.client import Client, GrantType
from gateway.oauth.errors import UnsupportedGrantError
from gateway.oauth.exchange import TokenExchange
from gateway.oauth.families import Families
from gateway.oauth.forms import FormRequest
from gateway.oauth.grants import AuthorizationCode, ClientCredentials, RefreshedToken, Verifier
from gateway.oauth.inspection import Introspection, Revocation

#: authlib writes the tokens that it gives to its debug log: it keeps no debug log here.
logging.getLogger("authlib").setLevel(logging.INFO)

GRANT_TYPES: Final = tuple(grant.value for grant in GrantType)
AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")


class AuthorizationServer(rfc6749.AuthorizationServer):  # type: ignore[misc]
    """RFC 6749 with the grants of `gateway.oauth.grants`, RFC 8693, RFC 7009 and RFC 7662."""

    def __init__(self, tokens: AccessTokens, families: Families) -> None:
        super().__init__()
        self.tokens = tokens
        self.families = families
        self.register_grant(ClientCredentials)
        self.register_grant(AuthorizationCode, [Verifier(required=True)])
        self.register_grant(RefreshedToken)
        self.register_grant(TokenExchange)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def authenticate_client(self, request: FormRequest, methods: Any, endpoint: str = "token") -> Client:
        request.auth_method = methods[0]
        return request.authenticated

    def get_token_grant(self, request: FormRequest) -> Any:
        if not request.payload.grant_type:
            raise rfc6749.InvalidRequestError("The grant_type is missing.")
        try:
            return super().get_token_grant(request)
        except rfc6749.UnsupportedGrantTypeError:
            raise UnsupportedGrantError(GRANT_TYPES) from None

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        return Response(orjson.dumps(body), status, dict(headers))

    def save_token(self, token: Mapping[str, Any], request: FormRequest) -> None:
        """The endpoint stores what the grant left in the request."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody here listens to authlib's signals."""
