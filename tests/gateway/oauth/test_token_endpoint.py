"""The token endpoint (RFC 6749 §3.2, §4.4): who gets a token, for what, and what everybody else is told."""

from __future__ import annotations

import base64
import io
import json
import logging
import time
from collections.abc import Iterator
from unittest.mock import patch
from urllib.parse import quote

import httpx
import pytest
import structlog
from joserfc import jws
from sqlalchemy import select, text

from gateway.oauth import clients
from gateway.store import AccessToken
from tests.gateway.oauth.conftest import BOTH, Partner, new_partner
from vereda.caller import Scope
from vereda.database import Database
from vereda.keys import KeyRing
from vereda.settings import Settings

pytestmark = pytest.mark.usefixtures("quick_hashing")


async def test_right_credentials_give_a_jwt_of_the_profile_for_access_tokens(
    partner: Partner, settings: Settings
) -> None:
    answer = await partner.ask()

    body = answer.json()
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 600)
    assert answer.headers["cache-control"] == "no-store"
    token = jws.deserialize_compact(
        body["access_token"], KeyRing(settings.keys / "access").key_set, ["ES256"]
    )
    claims = json.loads(token.payload)
    assert token.headers()["typ"] == "at+jwt"
    assert claims.pop("exp") - claims.pop("iat") == 600
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": settings.public_url,
        "aud": f"{settings.public_url}/graphql",
        "sub": partner.client_id,
        "client_id": partner.client_id,
        "org": str(partner.organization),
        "scope": "directory:read referral:send",
        "roles": ["case-worker"],
        "purpose": "care-coordination",
    }


async def test_every_token_has_an_id_of_its_own(partner: Partner) -> None:
    assert await partner.token() != await partner.token()


async def test_credentials_in_the_form_do_as_well(partner: Partner) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": partner.client_id,
        "client_secret": partner.secret,
    }

    assert (await partner.http.post("/oauth/token", data=form)).status_code == 200


async def test_credentials_are_form_encoded_inside_basic(http: httpx.AsyncClient, database: Database) -> None:
    """RFC 6749 §2.3.1."""
    secret = "ümlaut:colon+plus%percent"
    partner = await new_partner(http, database, secret=secret)
    pair = base64.b64encode(f"{partner.client_id}:{quote(secret, safe='')}".encode()).decode()

    answer = await http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"}
    )

    assert answer.status_code == 200


async def test_a_client_may_ask_for_less_than_it_has(partner: Partner) -> None:
    assert (await partner.ask(scope="directory:read")).json()["scope"] == "directory:read"


@pytest.mark.parametrize("scope", ["grant:pay", "no:such", "system", "directory:read grant:pay", 'x"\\ü'])
async def test_a_client_may_not_ask_for_more_than_it_has(partner: Partner, scope: str) -> None:
    answer = await partner.ask(scope=scope)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert scope not in answer.text


async def test_a_client_without_scopes_gets_a_token_without_scopes(
    http: httpx.AsyncClient, database: Database
) -> None:
    partner = await new_partner(http, database, scopes=())

    assert (await partner.ask()).json()["scope"] == ""
    assert (await partner.ask(scope="directory:read")).json()["error"] == "invalid_scope"


async def test_a_token_for_another_resource_is_refused(partner: Partner, settings: Settings) -> None:
    """RFC 8707 §2."""
    here = await partner.ask(resource=f"{settings.public_url}/graphql")
    elsewhere = await partner.ask(resource="https://elsewhere.example/graphql")

    assert here.status_code == 200
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "invalid_target")


@pytest.mark.parametrize("grant", ["password", "implicit", "<script>", "ü"])
async def test_other_grants_are_refused_without_repeating_them(partner: Partner, grant: str) -> None:
    answer = await partner.post("/oauth/token", grant_type=grant)

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert f"={grant}" not in answer.text


@pytest.mark.parametrize(
    "grant",
    ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"],
)
async def test_a_client_gets_tokens_by_its_own_grants_alone(partner: Partner, grant: str) -> None:
    """RFC 6749 §5.2."""
    answer = await partner.post("/oauth/token", grant_type=grant, code="x", refresh_token="x")

    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("", "application/x-www-form-urlencoded", 400),
        ("scope=directory:read", "application/x-www-form-urlencoded", 400),
        ('{"grant_type": "client_credentials"}', "application/json", 400),
        ("grant_type=client_credentials&grant_type=password", "application/x-www-form-urlencoded", 400),
        ("grant_type=client_credentials&scope=%FF", "application/x-www-form-urlencoded", 400),
        ("&".join(f"p{n}=1" for n in range(100)), "application/x-www-form-urlencoded", 400),
        ("scope=" + "x" * 20_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_a_request_of_the_wrong_shape_is_an_invalid_request(
    partner: Partner, body: str, content_type: str, status: int
) -> None:
    answer = await partner.http.post(
        "/oauth/token",
        content=body,
        headers={"content-type": content_type},
        auth=(partner.client_id, partner.secret),
    )

    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_client_authenticates_in_one_way_only(partner: Partner) -> None:
    """RFC 6749 §2.3."""
    both = await partner.ask(client_secret=partner.secret, client_id=partner.client_id)
    other_name = await partner.ask(client_id="somebody-else")

    assert [a.json()["error"] for a in (both, other_name)] == ["invalid_request", "invalid_request"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic ü",
        "Bearer abc",
        "Basic " + base64.b64encode(b"no-colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\x80").decode(),
        "Basic " + base64.b64encode(b"nul%00:%00").decode(),
        "Basic " + base64.b64encode(b"a" * 9000 + b":b").decode(),
        "Basic " + base64.b64encode(b"' OR 1=1 --:x").decode(),
        "Digest username=x",
    ],
)
async def test_credentials_that_are_none_are_an_invalid_client(http: httpx.AsyncClient, header: str) -> None:
    answer = await http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=[(b"authorization", header.encode())] if header else [],
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_token_is_recorded_by_its_id_and_nothing_else_of_it(
    partner: Partner, database: Database
) -> None:
    token = await partner.token()

    async with database.transaction(clients.SERVER) as session:
        row = await session.scalar(select(AccessToken).where(AccessToken.client_id == partner.client_id))
        everything = await session.scalar(text("SELECT string_agg(t::text, ' ') FROM access_tokens t"))
    assert row is not None
    assert (row.organization_id, row.revoked_at) == (partner.organization, None)
    assert abs(row.expires_at.timestamp() - time.time() - 600) < 10
    assert str(row.jti) in str(everything)
    assert all(part not in str(everything) for part in token.split("."))


async def test_a_token_that_cannot_be_recorded_is_not_given(partner: Partner) -> None:
    with patch("gateway.oauth.access.AccessTokens.record", side_effect=OSError("database away")):
        answer = await partner.ask()

    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "1"
    assert set(answer.json()) == {"error", "error_description"}
    assert "away" not in answer.text


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What our own log says, at its most talkative."""
    before, written = structlog.get_config(), io.StringIO()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(file=written),
        cache_logger_on_first_use=False,
    )
    yield written
    structlog.configure(**before)


async def test_no_secret_and_no_token_is_ever_logged(
    partner: Partner, logged: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    token = await partner.token()
    await partner.post("/oauth/introspect", token=token)
    await partner.post("/oauth/revoke", token=token)
    right, partner.secret = partner.secret, "canary-wrong-secret"
    await partner.ask()

    ours, libraries = logged.getvalue(), caplog.text
    assert "/oauth/token" in ours
    assert "httpx" in libraries
    for canary in (right, "canary-wrong-secret", token, token.rsplit(".", 1)[1], "argon2id"):
        assert canary not in ours + libraries


async def test_only_post_is_answered(http: httpx.AsyncClient) -> None:
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        assert (await http.get(path)).status_code == 405


async def test_scopes_of_the_client_are_the_scopes_of_the_token(
    http: httpx.AsyncClient, database: Database
) -> None:
    everything = await new_partner(http, database, scopes=tuple(Scope))

    granted = set((await everything.ask()).json()["scope"].split())

    assert granted == {scope.value for scope in Scope} > {scope.value for scope in BOTH}
