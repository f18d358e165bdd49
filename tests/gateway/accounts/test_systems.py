"""What administrators do with the systems of an organisation, and what they cannot."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateway.hashing import matches
from gateway.oauth import clients
from gateway.people.events import SERVER
from gateway.store import AccessToken, OAuthClient, SecurityEvent
from tests.gateway.accounts.conftest import Accounts, Worker
from vereda.caller import Caller, Scope
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.settings import Settings

CLIENT = (
    "client { clientId name authentication keyIds jwksUri grants redirectUris scopes roles purpose firstParty"
    " dpopRequired trustedDocumentsOnly costPerMinute disabledAt organization { id } }"
)
REGISTERED = f"... on ApiClientRegistered {{ secret {CLIENT} }}"
CHANGED = f"... on ApiClientChanged {{ {CLIENT} }}"
ROTATED = f"... on ApiClientSecretRotated {{ secret {CLIENT} }}"
#: Acts on a system that is there, with what they need besides its id.
ACTS: dict[str, dict[str, Any]] = {
    "changeApiClient": {"name": "Other"},
    "rotateApiClientSecret": {},
    "replaceApiClientKeys": {"jwksUri": "https://clinic.example.org/jwks.json"},
    "disableApiClient": {},
    "enableApiClient": {},
    "revokeApiClientTokens": {},
}


def registration(**changes: Any) -> dict[str, Any]:
    values = {
        "clientId": f"records-{new_id()}",
        "name": "Records",
        "scopes": ["DIRECTORY_READ", "CLIENT_READ"],
    }
    return {**values, **changes}


async def system(accounts: Accounts, owner: Worker, *scopes: Scope, **more: Any) -> Caller:
    """A system of `owner`'s organisation, as a caller with all that it may."""
    client_id, granted = f"system-{new_id()}", scopes or (Scope.CLIENT_READ,)
    await clients.register(
        accounts.database,
        clients.Registration(
            client_id=client_id,
            organization=owner.organization,
            name="A system",
            scopes=granted,
            secret=clients.new_secret(),
            **more,
        ),
    )
    return Caller(client_id, owner.organization, frozenset(scope.value for scope in granted))


async def stored(accounts: Accounts, client_id: str) -> OAuthClient | None:
    async with accounts.database.transaction(SERVER) as session:
        return await session.get(OAuthClient, client_id)


async def events(accounts: Accounts, client_id: str) -> list[tuple[str, str]]:
    async with accounts.database.transaction(SERVER) as session:
        rows = await session.execute(
            select(SecurityEvent.type, SecurityEvent.actor)
            .where(SecurityEvent.subject == client_id)
            .order_by(SecurityEvent.id)
        )
        return [(type_, actor) for type_, actor in rows]


async def test_a_system_is_registered_and_its_secret_told_once(accounts: Accounts) -> None:
    me, given = await accounts.administrator(), registration(purpose="care-coordination")

    first = await accounts.do(me.caller(), "registerApiClient", REGISTERED, **given)
    again = await accounts.do(me.caller(), "registerApiClient", REGISTERED, **given)

    row = await stored(accounts, given["clientId"])
    assert row is not None
    assert row.secret_hash is not None
    assert matches(row.secret_hash, first["secret"])
    assert (again["client"], again["secret"]) == (first["client"], None)
    assert first["client"] == {
        "clientId": given["clientId"],
        "name": "Records",
        "authentication": "SECRET",
        "keyIds": [],
        "jwksUri": None,
        "grants": ["CLIENT_CREDENTIALS"],
        "redirectUris": [],
        "scopes": ["CLIENT_READ", "DIRECTORY_READ"],
        "roles": [],
        "purpose": "care-coordination",
        "firstParty": False,
        "dpopRequired": False,
        "trustedDocumentsOnly": False,
        "costPerMinute": None,
        "disabledAt": None,
        "organization": {"id": str(me.organization)},
    }
    assert await events(accounts, given["clientId"]) == [("client.registered", str(me.id))]


async def test_a_system_with_keys_of_its_own_gets_no_secret(accounts: Accounts, settings: Settings) -> None:
    me, ring = await accounts.administrator(), KeyRing(settings.keys / "a-partner")
    public = ring.public_jwks()

    done = await accounts.do(
        me.caller(), "registerApiClient", REGISTERED, **registration(jwks=json.dumps(public))
    )

    assert done["secret"] is None
    assert (done["client"]["authentication"], done["client"]["keyIds"]) == (
        "ASSERTION",
        [public["keys"][0]["kid"]],
    )


async def test_an_application_that_people_sign_in_through_names_where_they_come_back_to(
    accounts: Accounts,
) -> None:
    me = await accounts.administrator()
    given = registration(
        grants=["AUTHORIZATION_CODE", "REFRESH_TOKEN"], redirectUris=["https://app.example.org/back"]
    )

    done = await accounts.do(me.caller(), "registerApiClient", REGISTERED, **given)

    assert done["client"]["grants"] == ["AUTHORIZATION_CODE", "REFRESH_TOKEN"]
    assert done["client"]["redirectUris"] == ["https://app.example.org/back"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"clientId": "a b"}, "client id"),
        ({"clientId": "01a2112d-ab26-770b-83b1-824e0554e028"}, "people's"),
        ({"name": ""}, "name"),
        ({"jwks": "{"}, "JSON"),
        ({"jwks": '{"keys": []}'}, "key set"),
        ({"jwks": "[]"}, "key set"),
        ({"jwksUri": "http://clinic.example.org/jwks.json"}, "https"),
        ({"jwksUri": "https://a.example.org", "jwks": '{"keys": []}'}, "one of them"),
        ({"redirectUris": ["https://app.example.org/back"]}, "redirect URI"),
        ({"grants": ["AUTHORIZATION_CODE"], "redirectUris": ["http://app.example.org/*"]}, "redirect URI"),
    ],
)
async def test_what_cannot_be_a_system_is_refused_in_a_sentence(
    accounts: Accounts, changes: dict[str, Any], told: str
) -> None:
    me = await accounts.administrator()

    answer = await accounts.do(me.caller(), "registerApiClient", **registration(**changes))

    assert answer["code"] == "INVALID_INPUT"
    assert told in answer["message"]


async def test_an_id_that_is_taken_is_not_taken_over(accounts: Accounts) -> None:
    me, other = await accounts.administrator(), await accounts.administrator()
    given = registration()
    await accounts.do(me.caller(), "registerApiClient", **given)

    mine = await accounts.do(me.caller(), "registerApiClient", **{**given, "name": "Other"})
    theirs = await accounts.do(other.caller(), "registerApiClient", **given)

    assert (mine["code"], theirs["code"]) == ("CLIENT_EXISTS", "INVALID_INPUT")
    row = await stored(accounts, given["clientId"])
    assert row is not None
    assert (row.name, row.organization_id) == ("Records", me.organization)


async def test_what_is_said_of_a_system_changes_and_what_is_not_said_stays(accounts: Accounts) -> None:
    me, given = await accounts.administrator(), registration(purpose="care-coordination")
    await accounts.do(me.caller(), "registerApiClient", **given)
    before = await stored(accounts, given["clientId"])

    done = await accounts.do(
        me.caller(), "changeApiClient", CHANGED, clientId=given["clientId"], scopes=["REPORT_READ"]
    )

    after = await stored(accounts, given["clientId"])
    assert before is not None
    assert after is not None
    assert done["client"]["scopes"] == ["REPORT_READ"]
    assert (done["client"]["name"], done["client"]["purpose"]) == ("Records", "care-coordination")
    assert after.secret_hash == before.secret_hash
    assert (await events(accounts, given["clientId"]))[-1] == ("client.changed", str(me.id))


async def test_a_new_secret_is_told_and_the_old_one_serves_for_a_day_unless_it_leaked(
    accounts: Accounts,
) -> None:
    me, given = await accounts.administrator(), registration()
    old = await accounts.do(me.caller(), "registerApiClient", REGISTERED, **given)
    which = {"clientId": given["clientId"]}

    async def works(secret: str) -> bool:
        known = await clients.find(accounts.database, given["clientId"])
        assert known is not None
        return any(matches(one, secret) for one in known.secret_hashes)

    new = await accounts.do(me.caller(), "rotateApiClientSecret", ROTATED, **which)
    in_the_meantime = [await works(old["secret"]), await works(new["secret"])]
    newest = await accounts.do(me.caller(), "rotateApiClientSecret", ROTATED, **which, compromised=True)

    assert in_the_meantime == [True, True]
    assert [await works(one["secret"]) for one in (old, new, newest)] == [False, False, True]


async def test_a_system_goes_over_to_keys_and_has_no_secret_any_more(accounts: Accounts) -> None:
    me, given = await accounts.administrator(), registration()
    await accounts.do(me.caller(), "registerApiClient", **given)
    which = {"clientId": given["clientId"]}

    done = await accounts.do(
        me.caller(), "replaceApiClientKeys", CHANGED, **which, jwksUri="https://clinic.example.org/jwks.json"
    )
    rotated = await accounts.do(me.caller(), "rotateApiClientSecret", **which)

    assert (done["client"]["authentication"], done["client"]["jwksUri"]) == (
        "ASSERTION",
        "https://clinic.example.org/jwks.json",
    )
    assert rotated["code"] == "INVALID_INPUT"


async def test_a_system_is_disabled_enabled_and_its_tokens_end(accounts: Accounts) -> None:
    me = await accounts.administrator()
    client_id = (await system(accounts, me)).subject
    await give_token(accounts, me, client_id)

    disabled = await accounts.do(me.caller(), "disableApiClient", CHANGED, clientId=client_id)
    tokens = await live_tokens(accounts, client_id)
    enabled = await accounts.do(me.caller(), "enableApiClient", CHANGED, clientId=client_id)
    await give_token(accounts, me, client_id)
    revoked = await accounts.do(me.caller(), "revokeApiClientTokens", CHANGED, clientId=client_id)

    assert disabled["client"]["disabledAt"] is not None
    assert enabled["client"]["disabledAt"] is None
    assert revoked["__typename"] == "ApiClientChanged"
    assert (tokens, await live_tokens(accounts, client_id)) == (0, 0)
    assert [type_ for type_, _ in await events(accounts, client_id)][-3:] == [
        "client.disabled",
        "client.enabled",
        "client.tokens_revoked",
    ]


async def test_systems_are_listed_and_looked_up_for_their_own_organisation(accounts: Accounts) -> None:
    me, other, coordinator = (
        await accounts.administrator(),
        await accounts.administrator(),
        await accounts.coordinator(),
    )
    mine, theirs = (await system(accounts, me)).subject, (await system(accounts, other)).subject
    listing = "query($o: ID) { apiClients(organization: $o) { nodes { clientId } } }"
    lookup = "query($c: ID!, $o: ID) { apiClient(clientId: $c, organization: $o) { clientId } }"

    assert await accounts.graph.data(me.caller(), listing) == {"apiClients": {"nodes": [{"clientId": mine}]}}
    assert await accounts.graph.data(me.caller(), lookup, c=theirs) == {"apiClient": None}
    there = {"c": theirs, "o": str(other.organization)}
    assert await accounts.graph.data(coordinator.caller(), lookup, **there) == {
        "apiClient": {"clientId": theirs}
    }


@pytest.mark.parametrize("act", ACTS)
async def test_an_administrator_touches_no_system_that_administers_the_network(
    accounts: Accounts, act: str
) -> None:
    """Its new secret would make them a coordinator."""
    me = await accounts.administrator()
    hub = await system(accounts, me, Scope.ADMIN_NETWORK)

    answer = await accounts.do(me.caller(), act, clientId=hub.subject, **ACTS[act])

    assert answer["code"] == "NOT_ALLOWED"


@pytest.mark.parametrize("act", ACTS)
async def test_an_administrator_touches_no_application_of_the_network(accounts: Accounts, act: str) -> None:
    """Everybody signs in through it, and is not asked: its secret and its redirect URIs are worth all their rights."""
    me = await accounts.administrator()
    ours = await system(
        accounts,
        me,
        Scope.CLIENT_READ,
        first_party=True,
        grant_types=["authorization_code"],
        redirect_uris=["https://app.example.org/back"],
    )

    answer = await accounts.do(me.caller(), act, clientId=ours.subject, **ACTS[act])

    assert answer["code"] == "NOT_ALLOWED"


@pytest.mark.parametrize("act", ACTS)
async def test_systems_of_others_are_not_there(accounts: Accounts, act: str) -> None:
    me, other = await accounts.administrator(), await accounts.administrator()
    theirs = await system(accounts, other)

    known = await accounts.do(me.caller(), act, clientId=theirs.subject, **ACTS[act])
    unknown = await accounts.do(me.caller(), act, clientId="nothing-at-all", **ACTS[act])

    assert known == unknown
    assert known["code"] == "NOT_FOUND"


@pytest.mark.parametrize("act", ACTS)
async def test_a_system_does_nothing_to_itself(accounts: Accounts, act: str) -> None:
    """A stolen token of ten minutes would become a secret for good."""
    me = await accounts.administrator()
    stolen = await system(accounts, me, Scope.ADMIN_ORGANIZATION)

    answer = await accounts.do(stolen, act, clientId=stolen.subject, **ACTS[act])

    assert answer["code"] == "NOT_ALLOWED"


async def test_a_system_makes_itself_no_successors(accounts: Accounts) -> None:
    me = await accounts.administrator()
    administering = await system(accounts, me, Scope.ADMIN_ORGANIZATION)
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
    mine = await system(accounts, me)

    new = await accounts.do(me.caller(), "registerApiClient", **registration(scopes=scopes))
    changed = await accounts.do(me.caller(), "changeApiClient", clientId=mine.subject, scopes=scopes)

    row = await stored(accounts, mine.subject)
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
    client_id = (await system(accounts, me)).subject
    there = {"organization": str(me.organization), "clientId": client_id}
    await accounts.do(coordinator.caller(), "disableApiClient", **there)

    enabled = await accounts.do(me.caller(), "enableApiClient", clientId=client_id)
    cheaper = await accounts.do(me.caller(), "changeApiClient", clientId=client_id, costPerMinute=1_000_000)
    theirs = await accounts.do(coordinator.caller(), "changeApiClient", CHANGED, **there, costPerMinute=5_000)

    assert {enabled["code"], cheaper["code"]} == {"NOT_ALLOWED"}
    assert theirs["client"]["costPerMinute"] == 5_000


@pytest.mark.parametrize("act", [*ACTS, "registerApiClient"])
async def test_what_lets_a_system_in_asks_a_person_for_a_recent_sign_in(accounts: Accounts, act: str) -> None:
    me = await accounts.administrator()
    mine = await system(accounts, me)
    given = registration() if act == "registerApiClient" else {"clientId": mine.subject, **ACTS[act]}

    answer = await accounts.do(me.caller(proven=timedelta(minutes=6)), act, **given)

    waits = act not in ("disableApiClient", "revokeApiClientTokens")
    assert answer.get("code") == ("RECENT_SIGN_IN_NEEDED" if waits else None)


async def give_token(accounts: Accounts, worker: Worker, client_id: str) -> None:
    async with accounts.database.transaction(SERVER) as session:
        row = await session.get_one(OAuthClient, client_id)
        session.add(
            AccessToken(
                jti=new_id(),
                client_id=client_id,
                organization_id=worker.organization,
                issued_at=row.created_at,
                expires_at=row.created_at + timedelta(minutes=10),
            )
        )


async def live_tokens(accounts: Accounts, client_id: str) -> int:
    async with accounts.database.transaction(SERVER) as session:
        found = await session.scalars(
            select(AccessToken.jti).where(
                AccessToken.client_id == client_id, AccessToken.revoked_at.is_(None)
            )
        )
        return len(list(found))
