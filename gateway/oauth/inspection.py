"""What a client can ask and do about tokens that it has: revocation (RFC 7009) and introspection (RFC 7662)."""

from __future__ import annotations

from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2 import rfc6749, rfc7009, rfc7662

from gateway.oauth.client import Client
from gateway.oauth.families import Refresh
from gateway.oauth.forms import FormRequest, Presented


class Revocation(rfc7009.RevocationEndpoint):  # type: ignore[misc]
    """RFC 7009: a client ends a token of its own. A token that is none is answered like one that was ended (§2.2)."""

    def authenticate_token(self, request: FormRequest, client: Client) -> Presented | Refresh | None:
        _need_token(request)
        token = request.loaded.token
        if token is not None and not token.check_client(client):
            raise rfc6749.InvalidGrantError("The token was not issued to this client.")
        return token

    def revoke_token(self, token: Presented | Refresh, request: FormRequest) -> None:
        request.revoked = token


class Introspection(rfc7662.IntrospectionEndpoint):  # type: ignore[misc]
    """RFC 7662: a client asks what a token of its own is worth. Another's is answered like none (§2.2)."""

    def authenticate_token(self, request: FormRequest, client: Client) -> Presented | Refresh | None:
        _need_token(request)
        token = request.loaded.token
        return token if token is not None and token.check_client(client) else None

    def create_endpoint_response(self, request: FormRequest) -> tuple[int, dict[str, Any], Any]:
        client = self.authenticate_endpoint_client(request)
        token = self.authenticate_token(request, client)
        body = {"active": False} if token is None else {"active": True, **self._content(token)}
        return 200, body, default_json_headers

    def _content(self, token: Presented | Refresh) -> dict[str, Any]:
        """§2.2; RFC 9449 §6.2: of a bound token the key, too (its claim `cnf`)."""
        if isinstance(token, Presented):
            bound = "cnf" in token.claims
            return {"token_type": "DPoP" if bound else "Bearer", **token.claims}
        assert token.standing is not None
        return {
            "client_id": token.client_id,
            "scope": token.get_scope(),
            "sub": str(token.standing.person),
            "org": str(token.organization),
            "iss": self.server.tokens.issuer,
            "exp": int(token.expires_at.timestamp()),
        }


def _need_token(request: FormRequest) -> None:
    """A hint that is not understood is ignored (RFC 7009 §2.2); a missing token is not."""
    if "token" not in request.form:
        raise rfc6749.InvalidRequestError("The token is missing.")
