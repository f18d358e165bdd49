"""OAuth clients of others, strict by the letter of the RFCs, sign in and ask; each finds everything by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from oauthlib.oauth2 import BackendApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from gateway.oauth import clients
from tests.attacks.target import Target
from tests.clients import node
from vereda.caller import Scope
from vereda.database import Database
from vereda.ids import new_id

SECRET = "correct-horse+battery%staple:7/~*!"  # what form-encoding inside of Basic is easily got wrong with
QUERY = "{ motto }"
ANSWER = {"data": {"motto": "nobody alone"}}

PROGRAMS = ("oauth4webapi.mjs", "openid-client.mjs")


async def partner(database: Database, **changes: Any) -> dict[str, Any]:
    """What a new client knows of itself: an id and a secret."""
    client_id = f"partner-{new_id()}"
    values: dict[str, Any] = {
        "secret": SECRET,
        "organization": new_id(),
        "name": "A partner",
        "scopes": (Scope.DIRECTORY_READ, Scope.REFERRAL_SEND),
        **changes,
    }
    await clients.register(database, clients.Registration(client_id=client_id, **values))
    return {"client": client_id, "secret": SECRET}


def network(gateway: Target) -> dict[str, str]:
    """What everybody knows of the network."""
    return {"issuer": gateway.url, "resource": f"{gateway.url}/graphql", "query": QUERY}


@pytest.mark.parametrize("program", PROGRAMS)
async def test_a_partner_signs_in_with_its_secret(gateway: Target, database: Database, program: str) -> None:
    """RFC 6749 §4.4, RFC 7009, RFC 7662, RFC 8414, RFC 8707, RFC 9068, RFC 9728."""
    result = await node.run(
        program,
        grant="client_credentials",
        scope="directory:read",
        **network(gateway),
        **await partner(database),
    )

    assert (result["type"], result["scope"]) == ("bearer", "directory:read")
    assert result["answer"] == ANSWER
    assert result["before"]["active"]
    assert result["before"]["scope"] == "directory:read"
    assert result["after"] == {"active": False}


async def test_a_partner_signs_in_with_authlib(gateway: Target, database: Database) -> None:
    known = await partner(database)
    async with AsyncOAuth2Client(
        known["client"],
        known["secret"],
        scope="directory:read",
        token_endpoint=f"{gateway.url}/oauth/token",
        token_endpoint_auth_method="client_secret_basic",
    ) as client:
        token = await client.fetch_token(grant_type="client_credentials")

        answer = await client.post(f"{gateway.url}/graphql", json={"query": QUERY})
        before = await client.introspect_token(f"{gateway.url}/oauth/introspect", token["access_token"])
        await client.revoke_token(f"{gateway.url}/oauth/revoke", token["access_token"])
        after = await client.introspect_token(f"{gateway.url}/oauth/introspect", token["access_token"])

    assert token["scope"] == "directory:read"
    assert answer.json() == ANSWER
    assert before.json()["client_id"] == known["client"]
    assert after.json() == {"active": False}


async def test_a_partner_signs_in_with_requests(
    gateway: Target, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the gateway under test is on loopback
    known = await partner(database)

    def ask() -> Any:
        scope = ["directory:read"]
        session = OAuth2Session(client=BackendApplicationClient(known["client"], scope=scope), scope=scope)
        session.fetch_token(
            f"{gateway.url}/oauth/token", auth=HTTPBasicAuth(known["client"], known["secret"])
        )
        return session.post(f"{gateway.url}/graphql", json={"query": QUERY}, timeout=10).json()

    assert await asyncio.to_thread(ask) == ANSWER
