"""What administrators cannot do with systems, whoever they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.gateway.accounts.office import (
    CHANGED_CLIENT,
    ON_CLIENTS,
    REGISTERED,
    Accounts,
    registration,
)
from vereda.caller import Scope
from vereda.ids import new_id


@pytest.mark.parametrize("act", ON_CLIENTS)
async def test_an_administrator_touches_no_system_that_administers_the_network(
    accounts: Accounts, act: str
) -> None:
    """Its new secret would make them a coordinator."""
    me = await accounts.administrator()
    hub = await accounts.system(me, Scope.ADMIN_NETWORK)

    answer = await accounts.do(me.caller(), act, clientId=hub.subject, **ON_CLIENTS[act])

    assert answer["code"] == "NOT_ALLOWED"


@pytest.mark.parametrize("act", ON_CLIENTS)
async def test_an_administrator_touches_no_application_of_the_network(accounts: Accounts, act: str) -> None:
    """Everybody signs in through it, and is not asked: its secret and its redirect URIs are worth all their rights."""
    me = await accounts.administrator()
    ours = await accounts.system(
        me,
        Scope.CLIENT_READ,
        first_party=True,
        grant_types=["authorization_code"],
        redirect_uris=["https://app.example.org/back"],
    )

    answer = await accounts.do(me.caller(), act, clientId=ours.subject, **ON_CLIENTS[act])

    assert answer["code"] == "NOT_ALLOWED"


@pytest.mark.parametrize("act", ON_CLIENTS)
async def test_systems_of_others_are_not_there(accounts: Accounts, act: str) -> None:
    me, other = await accounts.administrator(), await accounts.administrator()
    theirs = await accounts.system(other)

    known = await accounts.do(me.caller(), act, clientId=theirs.subject, **ON_CLIENTS[act])
    unknown = await accounts.do(me.caller(), act, clientId="nothing-at-all", **ON_CLIENTS[act])

    assert known == unknown
    assert known["code"] == "NOT_FOUND"


@pytest.mark.parametrize("act", ON_CLIENTS)
async def test_a_system_does_nothing_to_itself(accounts: Accounts, act: str) -> None:
    """A stolen token of ten minutes would become a secret for good."""
    me = await accounts.administrator()
    stolen = await accounts.system(me, Scope.ADMIN_ORGANIZATION)

    answer = await accounts.do(stolen, act, clientId=stolen.subject, **ON_CLIENTS[act])

    assert answer["code"] == "NOT_ALLOWED"


async def test_a_system_makes_itself_no_successors(accounts: Accounts) -> None:
    me = await accounts.administrator()
    administering = await accounts.system(me, Scope.ADMIN_ORGANIZATION)
    successor = registration(scopes=["ADMIN_ORGANIZATION"])

    another = await accounts.do(administering, "registerApiClient", **successor)
    daily = await accounts.do(administering, "registerApiClient", REGISTERED, **registration())
    person = await accounts.do(
        administering,
        "inviteMember",
        email=f"{new_id()}@example.org",
        displayName="X",
        role="ORGANIZATION_ADMINISTRATOR",
    )

    assert {another["code"], person["code"]} == {"NOT_ALLOWED"}
    assert daily["secret"] is not None


@pytest.mark.parametrize(
    "scopes", [["ADMIN_NETWORK"], ["GRANT_REVIEW", "GRANT_PAY"], ["CLIENT_READ", "ADMIN_NETWORK"]]
)
async def test_no_way_leads_to_scopes_that_an_administrator_may_not_give(
    accounts: Accounts, scopes: list[str]
) -> None:
    me = await accounts.administrator()
    mine = await accounts.system(me)

    new = await accounts.do(me.caller(), "registerApiClient", **registration(scopes=scopes))
    changed = await accounts.do(me.caller(), "changeApiClient", clientId=mine.subject, scopes=scopes)

    row = await accounts.stored(mine.subject)
    assert {new["code"], changed["code"]} == {"NOT_ALLOWED"}
    assert row is not None
    assert row.scopes == ["client:read"]


async def test_an_application_for_people_administers_only_where_the_network_says_so(
    accounts: Accounts,
) -> None:
    me, coordinator = await accounts.administrator(), await accounts.coordinator()
    given = registration(
        scopes=["ADMIN_ORGANIZATION"],
        grants=["AUTHORIZATION_CODE"],
        redirectUris=["https://app.example.org/back"],
    )

    mine = await accounts.do(me.caller(), "registerApiClient", **given)
    theirs = await accounts.do(
        coordinator.caller(), "registerApiClient", REGISTERED, organization=str(me.organization), **given
    )

    assert mine["code"] == "NOT_ALLOWED"
    assert theirs["client"]["scopes"] == ["ADMIN_ORGANIZATION"]


async def test_what_the_network_disabled_and_what_it_may_cost_is_for_the_network_to_say(
    accounts: Accounts,
) -> None:
    me, coordinator = await accounts.administrator(), await accounts.coordinator()
    client_id = (await accounts.system(me)).subject
    there = {"organization": str(me.organization), "clientId": client_id}
    await accounts.do(coordinator.caller(), "disableApiClient", **there)

    enabled = await accounts.do(me.caller(), "enableApiClient", clientId=client_id)
    cheaper = await accounts.do(me.caller(), "changeApiClient", clientId=client_id, costPerMinute=1_000_000)
    theirs = await accounts.do(
        coordinator.caller(), "changeApiClient", CHANGED_CLIENT, **there, costPerMinute=5_000
    )

    assert {enabled["code"], cheaper["code"]} == {"NOT_ALLOWED"}
    assert theirs["client"]["costPerMinute"] == 5_000


@pytest.mark.parametrize("act", [*ON_CLIENTS, "registerApiClient"])
async def test_what_lets_a_system_in_asks_a_person_for_a_recent_sign_in(accounts: Accounts, act: str) -> None:
    me = await accounts.administrator()
    mine = await accounts.system(me)
    given = registration() if act == "registerApiClient" else {"clientId": mine.subject, **ON_CLIENTS[act]}

    answer = await accounts.do(me.caller(proven=timedelta(minutes=6)), act, **given)

    waits = act not in ("disableApiClient", "revokeApiClientTokens", "registerTrustedDocuments")
    assert answer.get("code") == ("RECENT_SIGN_IN_NEEDED" if waits else None)
