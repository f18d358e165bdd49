"""What clients can discover (RFC 8414, RFC 9728, RFC 7517)."""

from __future__ import annotations

import httpx
import pytest

from gateway.identity import AuthenticationError
from gateway.oauth import OAuthAuthenticator, clients
from tests.gateway.oauth.conftest import Partner, request_with
from vereda.caller import Scope
from vereda.settings import Settings

pytestmark = pytest.mark.usefixtures("quick_hashing")


async def document(http: httpx.AsyncClient, path: str) -> dict[str, object]:
    answer = await http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


async def test_the_server_says_what_it_can_do_and_each_endpoint_is_there(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    metadata = await document(http, "/.well-known/oauth-authorization-server")

    assert metadata["issuer"] == settings.public_url
    assert metadata["grant_types_supported"] == [grant.value for grant in clients.GrantType]
    assert metadata["scopes_supported"] == sorted(scope.value for scope in Scope)
    endpoints = {str(url) for name, url in metadata.items() if name.endswith("_endpoint")}
    assert len(endpoints) == 5
    for url in endpoints - {metadata["authorization_endpoint"]}:
        assert (await http.post(url, data={"token": "x"})).json()["error"] == "invalid_client"
    assert (await http.get(str(metadata["jwks_uri"]))).status_code == 200


async def test_the_server_says_what_it_supports_and_nothing_that_it_does_not(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    """RFC 8414 §2; RFC 7636 §6.2 (S256); RFC 9207 §3; RFC 9449 §5.1; RFC 9728 §4; RFC 9700 §2.1.2, §2.4."""
    metadata = await document(http, "/.well-known/oauth-authorization-server")

    assert metadata["response_types_supported"] == ["code"]
    assert metadata["response_modes_supported"] == ["query"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert metadata["protected_resources"] == [f"{settings.public_url}/graphql"]
    for endpoint in ("token", "revocation", "introspection"):
        assert metadata[f"{endpoint}_endpoint_auth_methods_supported"] == [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ]
        algorithms = metadata[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert isinstance(algorithms, list)
        assert {"ES256", "ES384", "RS256", "RS384", "PS256", "EdDSA"} <= set(algorithms)
        assert not any(name == "none" or name.startswith("HS") for name in algorithms)
    assert metadata["dpop_signing_alg_values_supported"] == algorithms


async def test_a_health_system_finds_the_token_endpoint_where_smart_says(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    """SMART Backend Services: discovery, `client-confidential-asymmetric`."""
    smart = await document(http, "/.well-known/smart-configuration")

    assert smart["token_endpoint"] == f"{settings.public_url}/oauth/token"
    assert smart["capabilities"] == ["client-confidential-asymmetric"]
    assert "private_key_jwt" in smart["token_endpoint_auth_methods_supported"]  # type: ignore[operator]
    algorithms = smart["token_endpoint_auth_signing_alg_values_supported"]
    assert {"RS384", "ES384"} <= set(algorithms)  # type: ignore[call-overload]


async def test_a_client_that_was_turned_away_finds_its_way_to_a_token(
    http: httpx.AsyncClient, partner: Partner, authenticator: OAuthAuthenticator, settings: Settings
) -> None:
    """RFC 9728 §5: challenge, resource metadata, server metadata, token endpoint."""
    with pytest.raises(AuthenticationError) as refusal:
        await authenticator.authenticate(request_with())

    resource = await document(http, refusal.value.challenge.split('"')[1])
    assert resource["resource"] == f"{settings.public_url}/graphql"
    assert resource["authorization_servers"] == [settings.public_url]
    metadata = await document(http, f"{settings.public_url}/.well-known/oauth-authorization-server")
    answer = await http.post(
        str(metadata["token_endpoint"]),
        data={"grant_type": "client_credentials", "resource": resource["resource"]},
        auth=(partner.client_id, partner.secret),
    )
    assert answer.status_code == 200
    assert (await authenticator.authenticate(request_with(f"Bearer {answer.json()['access_token']}"))).scopes


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/.well-known/transaction-jwks.json"])
async def test_published_keys_are_public_halves_for_signatures_only(
    http: httpx.AsyncClient, path: str
) -> None:
    keys = (await document(http, path))["keys"]

    assert isinstance(keys, list)
    assert keys
    for key in keys:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")


async def test_the_two_rings_share_no_key(http: httpx.AsyncClient) -> None:
    paths = ("/.well-known/jwks.json", "/.well-known/transaction-jwks.json")
    access, transaction = [(await document(http, path))["keys"] for path in paths]

    assert {key["kid"] for key in access}.isdisjoint(key["kid"] for key in transaction)  # type: ignore[attr-defined]
