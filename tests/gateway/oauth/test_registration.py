"""What a client may be, and what is done to it: RFC 7591 §2, RFC 9700 §2.1, §4.1; each act leaves its trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from gateway.identity import Identity
from gateway.oauth import OAuthAuthenticator, clients
from gateway.oauth.redirects import checked_redirect_uri, with_parameters
from gateway.store import OAuthClient, SecurityEvent
from tests.gateway.oauth.conftest import SECRET, Partner, admitted, new_partner
from tests.gateway.oauth.signing import new_key, public
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id

pytestmark = pytest.mark.usefixtures("quick_hashing")

KEYS = public(new_key())


def registration(**changes: Any) -> clients.Registration:
    values: dict[str, Any] = {
        "client_id": f"app-{new_id()}",
        "organization": new_id(),
        "name": "An application",
        "scopes": (),
        "secret": SECRET,
        **changes,
    }
    return clients.Registration(**values)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.org/callback",
        "https://app.example.org",
        "https://app.example.org:8443/cb?tenant=1&x=%20",
        "http://127.0.0.1:8080/cb",
        "http://localhost/cb",
        "http://[::1]:8080/cb",
    ],
)
def test_a_redirect_uri_is_https_or_on_loopback(uri: str) -> None:
    assert checked_redirect_uri(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "callback",
        "//app.example.org/cb",
        "http://app.example.org/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost.evil.example/cb",
        "https://*.example.org/cb",
        "https://app.example.org/*",
        "https://app.example.org/cb#fragment",
        "https://app.example.org/cb#",
        "https://user@app.example.org/cb",
        "https://user:secret@app.example.org/cb",
        "https://app.example.org/a/../cb",
        "https://app.example.org/./cb",
        "https://app.example.org/cb x",
        "https://app.example.org/cb\\",
        "https://app.example.org/cb\r\nSet-Cookie: x",
        "https://bücher.example/cb",
        "https://app.example.org:port/cb",
        "https://[::1/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "org.example.app:/cb",
        "https://app.example.org/" + "x" * 2_000,
    ],
)
def test_what_cannot_be_compared_or_goes_elsewhere_is_no_redirect_uri(uri: str) -> None:
    """RFC 6749 §3.1.2; RFC 9700 §2.1, §4.1.1: no pattern, no fragment, no application of the device."""
    with pytest.raises(OperatorError, match="redirect URI"):
        checked_redirect_uri(uri)


@pytest.mark.parametrize(
    ("uri", "whole"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=x+%26"),
        ("https://a.example/cb?", "https://a.example/cb?code=x+%26"),
        ("https://a.example/cb?a=b%20c&d", "https://a.example/cb?a=b%20c&d&code=x+%26"),
    ],
)
def test_a_redirect_uris_own_query_stays_as_it_is(uri: str, whole: str) -> None:
    """RFC 6749 §3.1.2: MUST be retained."""
    assert with_parameters(uri, {"code": "x &"}) == whole


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": None}, "one of them"),
        ({"jwks": KEYS}, "one of them"),
        ({"secret": None, "jwks": KEYS, "jwks_uri": "https://a.example/"}, "one of them"),
        ({"secret": None, "jwks": {"keys": []}}, "1 to 20"),
        ({"secret": None, "jwks_uri": "http://a.example/jwks"}, "https"),
        ({"secret": None, "jwks_uri": "https://u:p@a.example/jwks"}, "credentials"),
        ({"secret": "x" * 600}, "longer"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"cost_per_minute": 0}, "cost"),
        ({"grant_types": []}, "grant type"),
        ({"grant_types": ["password"]}, "`password`"),
        ({"grant_types": ["implicit"]}, "`implicit`"),
        ({"grant_types": ["authorization_code"]}, "redirect URI"),
        ({"redirect_uris": ["https://a.example/"]}, "redirect URI"),
        ({"grant_types": ["refresh_token"]}, "goes with authorization_code"),
        (
            {
                "grant_types": ["authorization_code"],
                "redirect_uris": [f"https://a.example/{n}" for n in range(21)],
            },
            "at most 20",
        ),
    ],
)
async def test_a_client_that_cannot_be_is_explained(
    database: Database, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(OperatorError, match=said):
        await clients.register(database, registration(**changes))


@pytest.mark.parametrize("write", [str, lambda one: one.hex, lambda one: str(one).upper()])
async def test_no_client_can_be_called_as_a_person_is(
    database: Database, write: Callable[[UUID], str]
) -> None:
    """RFC 9700 §4.15: `sub` of its tokens would be that person's."""
    with pytest.raises(OperatorError, match="UUID"):
        await clients.register(database, registration(client_id=write(new_id())))


async def test_everything_that_was_said_of_a_client_is_known_of_it(database: Database) -> None:
    said = registration(
        secret=None,
        jwks=KEYS,
        scopes=["client:read"],
        grant_types=["authorization_code", "refresh_token"],
        redirect_uris=["https://b.example/", "https://a.example/"],
        dpop_required=True,
        first_party=True,
        trusted_documents_only=True,
        cost_per_minute=500,
    )

    client = await clients.register(database, said)

    assert client.auth_method == "private_key_jwt"
    assert client.jwks == KEYS
    assert client.redirect_uris == ("https://a.example/", "https://b.example/")
    assert client.grant_types == {"authorization_code", "refresh_token"}
    assert (client.dpop_required, client.first_party, client.trusted_documents_only) == (True,) * 3
    assert client.cost_per_minute == 500
    assert await clients.register(database, said) == client


async def test_a_new_client_takes_no_others_place(database: Database) -> None:
    first = registration()
    await clients.register(database, first, only_new=True)

    with pytest.raises(OperatorError, match="already"):
        await clients.register(database, first, only_new=True)


async def test_policies_of_a_client_reach_the_engine_within_half_a_minute_without_new_tokens(
    partner: Partner, database: Database, authenticator: OAuthAuthenticator
) -> None:
    token = await partner.token()

    async def seen(by: OAuthAuthenticator) -> tuple[bool, int | None]:
        identity: Identity = await admitted(by, token)
        return identity.trusted_documents_only, identity.cost_per_minute

    assert await seen(authenticator) == (False, None)
    await clients.change(database, partner.client_id, {"trusted_documents_only": True, "cost_per_minute": 7})
    authenticator._admissions._admitted.clear()  # half a minute later
    assert await seen(authenticator) == (True, 7)


async def test_a_secret_is_replaced_without_a_failed_request(partner: Partner, database: Database) -> None:
    token, old = await partner.token(), partner.secret

    new = await clients.rotate_secret(database, partner.client_id)

    assert (await partner.ask()).status_code == 200, "the one before, for a day"
    partner.secret = new
    assert (await partner.ask()).status_code == 200
    assert (await partner.post("/oauth/introspect", token=token)).json()["active"]
    async with database.transaction(clients.SERVER) as session:
        row = await session.get(OAuthClient, partner.client_id)
        assert row is not None
        assert row.previous_secret_until is not None
        assert abs(row.previous_secret_until - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=1)
        await session.execute(
            update(OAuthClient)
            .where(OAuthClient.client_id == partner.client_id)
            .values(previous_secret_until=datetime.now(UTC))
        )
    partner.secret = old
    assert (await partner.ask()).status_code == 401


async def test_a_secret_that_leaked_ends_at_once_with_all_that_it_gave(
    partner: Partner, database: Database
) -> None:
    token = await partner.token()

    new = await clients.rotate_secret(database, partner.client_id, overlap=timedelta(0))

    assert (await partner.ask()).status_code == 401
    partner.secret = new
    assert (await partner.ask()).status_code == 200
    assert not (await partner.post("/oauth/introspect", token=token)).json()["active"]


async def test_two_rotations_leave_two_secrets(partner: Partner, database: Database) -> None:
    first = partner.secret
    second = await clients.rotate_secret(database, partner.client_id)
    third = await clients.rotate_secret(database, partner.client_id)

    async def works(secret: str) -> bool:
        partner.secret = secret
        return (await partner.ask()).status_code == 200

    assert [await works(secret) for secret in (third, second, first)] == [True, True, False]


async def test_what_has_no_secret_has_none_to_rotate(http: httpx.AsyncClient, database: Database) -> None:
    signing = await new_partner(http, database, secret=None, jwks=KEYS)

    with pytest.raises(OperatorError, match="no secret"):
        await clients.rotate_secret(database, signing.client_id)
    with pytest.raises(OperatorError, match="0 to 30 days"):
        await clients.rotate_secret(database, signing.client_id, overlap=timedelta(days=31))
    with pytest.raises(OperatorError, match="nobody-here"):
        await clients.rotate_secret(database, "nobody-here")


async def test_with_keys_a_secret_is_good_no_more(partner: Partner, database: Database) -> None:
    await clients.rotate_secret(database, partner.client_id)

    client = await clients.replace_keys(database, partner.client_id, jwks=KEYS)

    assert client.auth_method == "private_key_jwt"
    assert (await partner.ask()).status_code == 401


async def test_all_tokens_of_a_client_can_be_ended_at_once(partner: Partner, database: Database) -> None:
    token = await partner.token()

    await clients.revoke_tokens(database, partner.client_id)

    assert not (await partner.post("/oauth/introspect", token=token)).json()["active"]
    assert (await partner.ask()).status_code == 200


async def test_every_act_is_told_to_the_organizations_auditors(partner: Partner, database: Database) -> None:
    by = str(new_id())
    await clients.rotate_secret(database, partner.client_id, by=by)
    await clients.change(database, partner.client_id, {"name": "Another"}, by=by)
    await clients.change(database, partner.client_id, {"name": "Another"}, by=by)  # changes nothing
    await clients.replace_keys(database, partner.client_id, jwks=KEYS, by=by)
    await clients.revoke_tokens(database, partner.client_id, by=by)
    await clients.disable(database, partner.client_id, by=by)
    await clients.enable(database, partner.client_id, by=by)

    async with database.transaction(clients.SERVER) as session:
        events = (
            await session.scalars(
                select(SecurityEvent)
                .where(SecurityEvent.subject == partner.client_id)
                .order_by(SecurityEvent.occurred_at, SecurityEvent.id)
            )
        ).all()
    assert [(event.type, event.actor) for event in events] == [
        ("client.registered", "operator"),
        ("client.secret_changed", by),
        ("client.changed", by),
        ("client.keys_changed", by),
        ("client.tokens_revoked", by),
        ("client.disabled", by),
        ("client.enabled", by),
    ]
    assert {event.organization_id for event in events} == {partner.organization}
