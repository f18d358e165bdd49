"""Which access tokens the gateway admits, and what goes inside in their place (RFC 6750, RFC 9068 §4)."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.identity import AuthenticationError, IdentityUnavailableError
from gateway.oauth import OAuthAuthenticator, clients
from gateway.oauth.access import AccessTokens, Rights
from tests.gateway.oauth.conftest import Clock, Partner, admitted, new_partner, request_with
from vereda.caller import Caller
from vereda.database import Database, count_statements
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.tokens import HEADER, Verifier
from vereda.tokens import mint as mint_transaction

pytestmark = pytest.mark.usefixtures("quick_hashing")


def refused(error: pytest.ExceptionInfo[AuthenticationError]) -> bool:
    return error.value.challenge.startswith('Bearer error="invalid_token", ')


async def test_an_access_token_is_swapped_for_a_transaction_token_with_the_same_rights(
    partner: Partner, authenticator: OAuthAuthenticator, settings: Settings
) -> None:
    identity = await admitted(authenticator, await partner.token())

    inside = await Verifier(settings.jwks_location("transaction")).verify(identity.headers[HEADER])
    assert inside == Caller(
        subject=partner.client_id,
        organization=partner.organization,
        scopes=frozenset({"referral:send", "directory:read"}),
        roles=frozenset({"case-worker"}),
        purpose="care-coordination",
    )
    assert identity.scopes == inside.scopes
    assert identity.authenticated
    assert set(identity.headers) == {HEADER}, "the access token itself stays outside"


async def test_a_narrowed_token_has_narrow_rights_inside(
    partner: Partner, authenticator: OAuthAuthenticator
) -> None:
    identity = await admitted(authenticator, await partner.token(scope="directory:read"))

    assert identity.scopes == {"directory:read"}


async def test_without_a_token_the_answer_says_where_to_get_one(
    authenticator: OAuthAuthenticator, settings: Settings
) -> None:
    """RFC 6750 §3: no error code for a request that carried no token; RFC 9728 §5.1."""
    with pytest.raises(AuthenticationError) as error:
        await authenticator.authenticate(request_with())

    metadata = f"{settings.public_url}/.well-known/oauth-protected-resource/graphql"
    where = f'resource_metadata="{metadata}"'
    bearer, dpop = error.value.challenge.split(", DPoP ")
    assert bearer == f"Bearer {where}"
    assert dpop.endswith(f", {where}")
    assert dpop.startswith('algs="ES256 ')


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer a.b.c.d.e",
        "Bearer ..",
        "Bearer \x00",
        "Bearer ü.ü.ü",
        "Bearer e30.e30.",
        "Bearer W10.e30.e30",
        "Bearer " + base64.urlsafe_b64encode(b"[" * 4000).decode() + ".e30.e30",
        "Bearer " + "x" * 100_000,
    ],
)
async def test_a_header_that_holds_no_token_is_refused(
    authenticator: OAuthAuthenticator, header: str
) -> None:
    with pytest.raises(AuthenticationError) as error:
        await authenticator.authenticate(request_with(header))

    assert refused(error)


async def test_two_tokens_in_one_request_are_refused(
    partner: Partner, authenticator: OAuthAuthenticator
) -> None:
    token = await partner.token()

    with pytest.raises(AuthenticationError) as error:
        await authenticator.authenticate(request_with(f"Bearer {token}", f"Bearer {token}"))

    assert refused(error)


async def test_a_transaction_token_does_not_work_from_outside(
    partner: Partner, authenticator: OAuthAuthenticator, settings: Settings
) -> None:
    ring = KeyRing(settings.keys / "transaction")

    with pytest.raises(AuthenticationError) as error:
        await admitted(authenticator, mint_transaction(ring, Caller("worker", partner.organization)))

    assert refused(error)


async def test_an_access_token_does_not_work_inside(partner: Partner, settings: Settings) -> None:
    with pytest.raises(TokenRefusedError):
        await Verifier(settings.jwks_location("transaction")).verify(await partner.token())


async def test_a_transaction_token_header_from_outside_is_no_credential(
    authenticator: OAuthAuthenticator, settings: Settings
) -> None:
    request = request_with()
    token = mint_transaction(KeyRing(settings.keys / "transaction"), Caller("worker", new_id()))
    request.scope["headers"].append((HEADER.lower().encode(), token.encode()))

    with pytest.raises(AuthenticationError):
        await authenticator.authenticate(request)


async def test_a_key_that_is_added_later_is_believed_and_old_tokens_stay_good(
    partner: Partner, settings: Settings, database: Database, tmp_path: Path
) -> None:
    mine = settings.model_copy(update={"home": tmp_path})
    tokens, authenticator = AccessTokens(mine, database), OAuthAuthenticator(mine, database)
    registered = (await clients.find(database, partner.client_id) or pytest.fail("not there")).client

    async def issue(by: AccessTokens) -> str:
        rights = Rights(registered, registered.organization, registered.scopes, registered.roles)
        issued = by.mint(rights)
        async with database.transaction(clients.SERVER) as session:
            await by.record(session, issued)
        return issued.text

    old = await issue(tokens)
    await admitted(authenticator, old)
    KeyRing(mine.keys / "access").rotate(after_s=0)
    authenticator._tokens._verifier._keys._read_at = float("-inf")  # a second later
    new = await issue(AccessTokens(mine, database))

    assert (await admitted(authenticator, new)).key == (await admitted(authenticator, old)).key


async def test_a_revoked_token_is_refused_within_half_a_minute(
    partner: Partner, settings: Settings, database: Database
) -> None:
    clock = Clock(time.time())
    here = OAuthAuthenticator(settings, database, now=clock)
    token = await partner.token()
    await admitted(here, token)

    await partner.post("/oauth/revoke", token=token)

    with pytest.raises(AuthenticationError):
        await admitted(OAuthAuthenticator(settings, database), token)
    clock.at += 30
    with pytest.raises(AuthenticationError) as error:
        await admitted(here, token)
    assert refused(error)


async def test_a_token_that_was_admitted_ends_at_its_time_whatever_is_remembered(
    partner: Partner, settings: Settings, database: Database
) -> None:
    clock = Clock(time.time() + 590)
    authenticator = OAuthAuthenticator(settings, database, now=clock)
    token = await partner.token()
    await admitted(authenticator, token)
    remembered = next(iter(authenticator._admissions._admitted.values()))

    assert remembered.until == json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["exp"]


async def test_a_remembered_token_costs_no_statement_and_keeps_its_transaction_token(
    partner: Partner, authenticator: OAuthAuthenticator, database: Database
) -> None:
    token = await partner.token()
    first = await admitted(authenticator, token)

    statements = count_statements(database)
    again = await admitted(authenticator, token)

    assert again is first
    assert statements == []


async def test_requests_that_come_at_once_share_one_check(
    partner: Partner, authenticator: OAuthAuthenticator, database: Database
) -> None:
    token = await partner.token()

    statements = count_statements(database)
    identities = await asyncio.gather(*(admitted(authenticator, token) for _ in range(50)))

    assert len({id(identity) for identity in identities}) == 1
    assert sum("access_tokens" in statement for statement in statements) == 1


async def test_a_refusal_is_not_remembered_as_an_admission(
    partner: Partner, authenticator: OAuthAuthenticator
) -> None:
    token = await partner.token()
    await partner.post("/oauth/revoke", token=token)

    for _ in range(2):
        with pytest.raises(AuthenticationError):
            await admitted(authenticator, token)
    assert not authenticator._admissions._admitted
    assert not authenticator._admissions._checking


async def test_what_is_remembered_is_bounded(
    partner: Partner, authenticator: OAuthAuthenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.identity._REMEMBERED", 3)

    for _ in range(5):
        await admitted(authenticator, await partner.token())

    assert len(authenticator._admissions._admitted) == 3


async def test_two_callers_never_have_the_same_key(
    http: httpx.AsyncClient, partner: Partner, authenticator: OAuthAuthenticator, database: Database
) -> None:
    async def key(of: Partner, **form: str) -> str:
        return (await admitted(authenticator, await of.token(**form))).key

    async def key_with(**changes: Any) -> str:
        return await key(
            await new_partner(
                http, database, client_id=partner.client_id, organization=partner.organization, **changes
            )
        )

    first, again = await key(partner), await key(partner)
    different = [
        await key(partner, scope="directory:read"),
        await key(await new_partner(http, database, organization=partner.organization)),
        await key(await new_partner(http, database)),
        await key_with(roles=()),
        await key_with(roles=("case-worker", "coordinator")),
        await key_with(purpose=None),
        await key_with(purpose="reporting"),
    ]

    assert first == again
    assert len({first, *different}) == 8


async def test_when_the_database_does_not_answer_nobody_new_is_let_in(
    partner: Partner, settings: Settings
) -> None:
    away = Database("postgresql://nobody@127.0.0.1:9/nothing")
    token = await partner.token()

    with pytest.raises(IdentityUnavailableError):
        await admitted(OAuthAuthenticator(settings, away), token)
