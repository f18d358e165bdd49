"""OAuth clients of others that sign their assertions, bind their tokens to a key, and act for people."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from tests.attacks.target import Target
from tests.clients import node
from tests.clients.people import REDIRECT, SECRET, Browser, application, registered
from tests.clients.test_oauth_clients import ANSWER, PROGRAMS, QUERY, network
from tests.gateway.oauth.applications import Worker
from tests.gateway.oauth.signing import new_key, public
from vereda.database import Database


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("kind", "algorithm"), [("P-256", "ES256"), ("RSA2048", "PS256"), ("Ed25519", "Ed25519")]
)
async def test_a_partner_signs_in_with_its_key(
    gateway: Target, database: Database, program: str, kind: str, algorithm: str
) -> None:
    """RFC 7523 §2.2."""
    key = new_key(kind, alg=algorithm)
    known = await registered(database, jwks=public(key))

    result = await node.run(
        program,
        grant="client_credentials",
        scope="directory:read",
        key=key.as_dict(private=True),
        **network(gateway),
        **known,
    )

    assert (result["type"], result["answer"], result["after"]) == ("bearer", ANSWER, {"active": False})


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "Ed25519"])
async def test_a_partner_binds_its_tokens_to_a_key(
    gateway: Target, database: Database, program: str, algorithm: str
) -> None:
    """RFC 9449, nonces included."""
    result = await node.run(
        program,
        grant="client_credentials",
        scope="directory:read",
        dpop=algorithm,
        **network(gateway),
        **await registered(database, secret=SECRET, dpop_required=True),
    )

    assert (result["type"], result["answer"], result["after"]) == ("dpop", ANSWER, {"active": False})
    assert result["before"]["cnf"]["jkt"]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("dpop", [None, "ES256"])
@pytest.mark.parametrize("pushed", [False, True], ids=["", "pushed"])
async def test_an_application_acts_for_a_person(
    gateway: Target, database: Database, worker: Worker, program: str, dpop: str | None, pushed: bool
) -> None:
    """RFC 6749 §4.1 with RFC 7636, RFC 9207, RFC 8707, and RFC 9126 where the request is pushed; refreshed, and reused
    once too often."""
    result = await node.run(
        program,
        browse=Browser(worker).browse,
        grant="authorization_code",
        scope="directory:read client:read",
        redirect=REDIRECT,
        dpop=dpop,
        pushed=pushed,
        **network(gateway),
        **await application(database, worker),
    )

    assert result["type"] == ("dpop" if dpop else "bearer")
    assert result["scope"] == "client:read directory:read"
    assert result["before"]["sub"] == str(worker.person)
    assert (result["answer"], result["refreshed"]) == (ANSWER, ANSWER)
    assert result["reused"] == "invalid_grant"
    assert (result["family"], result["after"]) == ({"active": False}, {"active": False})


async def test_authlib_signs_in_with_its_key_and_acts_for_a_person(
    gateway: Target, database: Database, worker: Worker
) -> None:
    key = new_key("RSA2048")
    known = await application(database, worker, secret=None, jwks=public(key))
    async with AsyncOAuth2Client(
        known["client"],
        key,
        scope="client:read",
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
        token_endpoint_auth_method="private_key_jwt",
    ) as client:
        client.register_client_auth_method(PrivateKeyJWT(f"{gateway.url}/oauth/token"))
        verifier = "a" * 43
        url, _state = client.create_authorization_url(
            f"{gateway.url}/oauth/authorize", code_verifier=verifier
        )
        token = await client.fetch_token(
            f"{gateway.url}/oauth/token",
            authorization_response=await Browser(worker).browse(url),
            code_verifier=verifier,
        )
        answer = await client.post(f"{gateway.url}/graphql", json={"query": QUERY})
        fresh = await client.refresh_token(f"{gateway.url}/oauth/token", token["refresh_token"])

    assert answer.json() == ANSWER
    assert fresh["refresh_token"] != token["refresh_token"]


async def test_requests_acts_for_a_person(
    gateway: Target, database: Database, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the gateway under test is on loopback
    known = await application(database, worker)
    session = OAuth2Session(known["client"], redirect_uri=REDIRECT, scope=["client:read"], pkce="S256")
    url, _state = session.authorization_url(f"{gateway.url}/oauth/authorize")
    back = await Browser(worker).browse(url)

    def ask() -> Any:
        session.fetch_token(
            f"{gateway.url}/oauth/token",
            authorization_response=back,
            auth=HTTPBasicAuth(known["client"], SECRET),
        )
        return session.post(f"{gateway.url}/graphql", json={"query": QUERY}, timeout=10).json()

    assert await asyncio.to_thread(ask) == ANSWER
