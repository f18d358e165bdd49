"""What a client can ask and do about its own tokens (RFC 7009, RFC 7662), and about nobody else's."""

from __future__ import annotations

import time
from unittest.mock import patch

import httpx
import pytest
from sqlalchemy import select, text

from gateway.oauth import clients
from gateway.store import AccessToken
from tests.gateway.oauth.conftest import Partner, new_partner
from vereda.caller import Caller
from vereda.database import Database
from vereda.keys import KeyRing
from vereda.settings import Settings
from vereda.tokens import mint

pytestmark = pytest.mark.usefixtures("quick_hashing")


async def active(partner: Partner, token: str) -> bool:
    answer = await partner.post("/oauth/introspect", token=token)
    assert answer.status_code == 200
    return bool(answer.json()["active"])


async def test_a_client_learns_what_its_token_is_worth(partner: Partner, settings: Settings) -> None:
    answer = await partner.post("/oauth/introspect", token=await partner.token(scope="directory:read"))

    body = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert 590 < body.pop("exp") - time.time() <= 600
    assert abs(body.pop("iat") - time.time()) < 10
    assert body.pop("jti")
    assert body == {
        "active": True,
        "token_type": "Bearer",
        "scope": "directory:read",
        "client_id": partner.client_id,
        "sub": partner.client_id,
        "aud": f"{settings.public_url}/graphql",
        "iss": settings.public_url,
        "org": str(partner.organization),
        "roles": ["case-worker"],
        "purpose": "care-coordination",
    }


async def test_a_revoked_token_is_worth_nothing_at_once(partner: Partner) -> None:
    token, other = await partner.token(), await partner.token()

    answer = await partner.post("/oauth/revoke", token=token)

    assert (answer.status_code, answer.json()) == (200, {})
    assert not await active(partner, token)
    assert await active(partner, other), "only the one that was named"


async def test_revoking_twice_is_as_good_as_once_and_keeps_the_first_time(
    partner: Partner, database: Database
) -> None:
    token = await partner.token()

    async def revoked_at() -> object:
        async with database.transaction(clients.SERVER) as session:
            return await session.scalar(
                select(AccessToken.revoked_at).where(AccessToken.client_id == partner.client_id)
            )

    await partner.post("/oauth/revoke", token=token)
    first = await revoked_at()
    again = await partner.post("/oauth/revoke", token=token)

    assert again.status_code == 200
    assert await revoked_at() == first is not None


@pytest.mark.parametrize("token", ["x", "a.b.c", "\x00", "ü" * 100, "x" * 10_000])
async def test_what_is_no_token_is_inactive_and_as_good_as_revoked(partner: Partner, token: str) -> None:
    """RFC 7009 §2.2, RFC 7662 §2.2."""
    assert not await active(partner, token)
    assert (await partner.post("/oauth/revoke", token=token)).status_code == 200


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "no-such-kind"])
async def test_a_hint_that_is_wrong_changes_nothing(partner: Partner, hint: str) -> None:
    """RFC 7009 §2.2: an invalid hint is ignored."""
    token = await partner.token()

    answer = await partner.post("/oauth/revoke", token=token, token_type_hint=hint)

    assert answer.status_code == 200
    assert not await active(partner, token)


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
async def test_the_token_must_be_there(partner: Partner, path: str) -> None:
    answer = await partner.post(path)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
async def test_only_clients_may_ask_and_a_token_is_no_credential(partner: Partner, path: str) -> None:
    token = await partner.token()

    nobody = await partner.http.post(path, data={"token": token})
    bearer = await partner.http.post(
        path, data={"token": token}, headers={"Authorization": f"Bearer {token}"}
    )

    assert [a.json()["error"] for a in (nobody, bearer)] == ["invalid_client", "invalid_client"]
    assert await active(partner, token)


async def test_another_client_can_neither_revoke_nor_read_a_token(
    http: httpx.AsyncClient, partner: Partner, database: Database
) -> None:
    """Not even a colleague's, of the same organization."""
    token = await partner.token()
    colleague = await new_partner(http, database, organization=partner.organization)
    stranger = await new_partner(http, database)

    for other in (colleague, stranger):
        assert (await other.post("/oauth/introspect", token=token)).json() == {"active": False}
        refusal = await other.post("/oauth/revoke", token=token)
        assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_grant")
    assert await active(partner, token)


async def test_an_expired_token_is_inactive(partner: Partner) -> None:
    with patch("gateway.oauth.access.time.time", return_value=time.time() - 700):
        token = await partner.token()

    assert not await active(partner, token)


async def test_a_transaction_token_is_no_token_here(partner: Partner, settings: Settings) -> None:
    token = mint(KeyRing(settings.keys / "transaction"), Caller(partner.client_id, partner.organization))

    assert not await active(partner, token)


async def test_records_of_tokens_go_a_day_after_their_end(partner: Partner, database: Database) -> None:
    await partner.token()
    async with database.transaction(clients.SERVER) as session:
        await session.execute(
            text("UPDATE access_tokens SET expires_at = now() - interval '25 hours' WHERE client_id = :id"),
            {"id": partner.client_id},
        )

    await partner.token()

    async with database.transaction(clients.SERVER) as session:
        left = (
            await session.scalars(select(AccessToken).where(AccessToken.client_id == partner.client_id))
        ).all()
    assert len(left) == 1
