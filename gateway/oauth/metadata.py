"""What a client learns of this authorization server and its resource before it asks for anything; all of it public."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.jose import SIGNATURE_ALGORITHMS
from gateway.oauth.access import AccessTokens
from gateway.oauth.pushed import PATH as PAR
from gateway.oauth.server import AUTH_METHODS, GRANT_TYPES
from vereda.caller import Scope
from vereda.keys import KEYS_CACHED, KeyRing

#: RFC 9728 §3.1: the path of the resource, `/graphql`, comes after the well-known part.
RESOURCE_METADATA: Final = "/.well-known/oauth-protected-resource/graphql"

_CACHED: Final = {"Cache-Control": "public, max-age=300"}
_SCOPES: Final = sorted(scope.value for scope in Scope)


def metadata_routes(tokens: AccessTokens, transaction_keys: KeyRing) -> list[Route]:
    """The well-known documents: server (RFC 8414, SMART), resource (RFC 9728), keys (RFC 7517 §5)."""
    server = _server(tokens.issuer, tokens.audience)
    documents = {
        "/.well-known/oauth-authorization-server": server,
        "/.well-known/smart-configuration": _smart(server),
        "/.well-known/oauth-protected-resource": _resource(tokens),
        RESOURCE_METADATA: _resource(tokens),
    }
    return [
        *(_document(path, content) for path, content in documents.items()),
        _key_set("/.well-known/jwks.json", tokens.public_jwks),
        _key_set("/.well-known/transaction-jwks.json", transaction_keys.public_jwks),
    ]


def _server(issuer: str, audience: str) -> dict[str, Any]:
    """RFC 8414 §2, with what RFC 7636 §6.2, RFC 9207 §3, RFC 9126 §5, RFC 9449 §5.1 and RFC 9728 §4 add to it."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "pushed_authorization_request_endpoint": f"{issuer}{PAR}",
        "require_pushed_authorization_requests": False,
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": _SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["en", "es"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "dpop_signing_alg_values_supported": list(SIGNATURE_ALGORITHMS),
        "protected_resources": [audience],
        **{
            f"{endpoint}_endpoint_auth_{what}_supported": list(values)
            for endpoint in ("token", "revocation", "introspection")
            for what, values in (("methods", AUTH_METHODS), ("signing_alg_values", SIGNATURE_ALGORITHMS))
        },
    }


def _smart(server: Mapping[str, Any]) -> dict[str, Any]:
    """SMART App Launch 2.2 §conformance, as far as it is about Backend Services: where a health system looks first."""
    kept = (
        "issuer",
        "jwks_uri",
        "token_endpoint",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "grant_types_supported",
        "scopes_supported",
        "code_challenge_methods_supported",
        "introspection_endpoint",
        "revocation_endpoint",
    )
    return {name: server[name] for name in kept} | {"capabilities": ["client-confidential-asymmetric"]}


def _resource(tokens: AccessTokens) -> dict[str, Any]:
    """RFC 9728 §2."""
    return {
        "resource": tokens.audience,
        "authorization_servers": [tokens.issuer],
        "scopes_supported": _SCOPES,
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(SIGNATURE_ALGORITHMS),
        "dpop_bound_access_tokens_required": False,
        "resource_name": "Vereda partner network",
    }


def _document(path: str, content: Mapping[str, Any]) -> Route:
    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse(dict(content), headers=_CACHED)

    return Route(path, answer, methods=["GET"])


def _key_set(path: str, keys: Callable[[], Mapping[str, Any]]) -> Route:
    """Asked anew each time: keys are announced, and taken away, while the process runs."""

    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse(dict(keys()), headers=KEYS_CACHED)

    return Route(path, answer, methods=["GET"])
