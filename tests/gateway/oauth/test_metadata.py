"""What clients can discover (RFC 8414, RFC 9728, RFC 7517)."""

from __future__ import annotations

import httpx
import pytest

from gateway.identity import AuthenticationError
from gateway.oauth import OAuthAuthenticator, clients
from tests.gateway.oauth.conftest import Partner, request_with
from vereda.caller import Scope
from vereda.settings import Settings


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
    assert len(endpoints) == 3
    for url in endpoints:
        assert (await http.post(url, data={"token": "x"})).json()["error"] == "invalid_client"
    assert (await http.get(str(metadata["jwks_uri"]))).status_code == 200


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
