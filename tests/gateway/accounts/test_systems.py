"""What administrators do with the systems of an organisation."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from gateway.hashing import matches
from gateway.oauth import clients
from gateway.oauth import documents as trusted
from gateway.people.events import SERVER
from gateway.store import TrustedDocument
from tests.gateway.accounts.office import (
    CHANGED_CLIENT,
    REGISTERED,
    ROTATED,
    Accounts,
    registration,
)
from vereda.keys import KeyRing
from vereda.settings import Settings


async def test_a_system_is_registered_and_its_secret_told_once(accounts: Accounts) -> None:
    me, given = await accounts.administrator(), registration(purpose="care-coordination")

    first = await accounts.do(me.caller(), "registerApiClient", REGISTERED, **given)
    again = await accounts.do(me.caller(), "registerApiClient", REGISTERED, **given)

    row = await accounts.stored(given["clientId"])
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
    assert await accounts.events(given["clientId"]) == [("client.registered", str(me.id))]


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
    row = await accounts.stored(given["clientId"])
    assert row is not None
    assert (row.name, row.organization_id) == ("Records", me.organization)


async def test_what_is_said_of_a_system_changes_and_what_is_not_said_stays(accounts: Accounts) -> None:
    me, given = await accounts.administrator(), registration(purpose="care-coordination")
    await accounts.do(me.caller(), "registerApiClient", **given)
    before = await accounts.stored(given["clientId"])

    done = await accounts.do(
        me.caller(), "changeApiClient", CHANGED_CLIENT, clientId=given["clientId"], scopes=["REPORT_READ"]
    )

    after = await accounts.stored(given["clientId"])
    assert before is not None
    assert after is not None
    assert done["client"]["scopes"] == ["REPORT_READ"]
    assert (done["client"]["name"], done["client"]["purpose"]) == ("Records", "care-coordination")
    assert after.secret_hash == before.secret_hash
    assert (await accounts.events(given["clientId"]))[-1] == ("client.changed", str(me.id))


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
        me.caller(),
        "replaceApiClientKeys",
        CHANGED_CLIENT,
        **which,
        jwksUri="https://clinic.example.org/jwks.json",
    )
    rotated = await accounts.do(me.caller(), "rotateApiClientSecret", **which)

    assert (done["client"]["authentication"], done["client"]["jwksUri"]) == (
        "ASSERTION",
        "https://clinic.example.org/jwks.json",
    )
    assert rotated["code"] == "INVALID_INPUT"


async def test_a_system_is_disabled_enabled_and_its_tokens_end(accounts: Accounts) -> None:
    me = await accounts.administrator()
    client_id = (await accounts.system(me)).subject
    await accounts.give_token(me, client_id)

    disabled = await accounts.do(me.caller(), "disableApiClient", CHANGED_CLIENT, clientId=client_id)
    tokens = await accounts.live_tokens(client_id)
    enabled = await accounts.do(me.caller(), "enableApiClient", CHANGED_CLIENT, clientId=client_id)
    await accounts.give_token(me, client_id)
    revoked = await accounts.do(me.caller(), "revokeApiClientTokens", CHANGED_CLIENT, clientId=client_id)

    assert disabled["client"]["disabledAt"] is not None
    assert enabled["client"]["disabledAt"] is None
    assert revoked["__typename"] == "ApiClientChanged"
    assert (tokens, await accounts.live_tokens(client_id)) == (0, 0)
    assert [type_ for type_, _ in await accounts.events(client_id)][-3:] == [
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
    mine, theirs = (await accounts.system(me)).subject, (await accounts.system(other)).subject
    listing = "query($o: ID) { apiClients(organization: $o) { nodes { clientId } } }"
    lookup = "query($c: ID!, $o: ID) { apiClient(clientId: $c, organization: $o) { clientId } }"

    assert await accounts.graph.data(me.caller(), listing) == {"apiClients": {"nodes": [{"clientId": mine}]}}
    assert await accounts.graph.data(me.caller(), lookup, c=theirs) == {"apiClient": None}
    there = {"c": theirs, "o": str(other.organization)}
    assert await accounts.graph.data(coordinator.caller(), lookup, **there) == {
        "apiClient": {"clientId": theirs}
    }


async def documents_of(accounts: Accounts, client_id: str) -> set[str]:
    async with accounts.database.transaction(SERVER) as session:
        return set(
            await session.scalars(
                select(TrustedDocument.document).where(TrustedDocument.client_id == client_id)
            )
        )


async def test_the_operations_that_a_system_may_run_are_named_by_their_digest(accounts: Accounts) -> None:
    me = await accounts.administrator()
    client_id = (await accounts.system(me)).subject
    first, second = "{ counties { name } }", "query Who { viewer { id } }"
    selection = "... on TrustedDocumentsRegistered { sha256Hashes }"

    async def registered(*documents: str, only_these: bool = False) -> Any:
        given = {"clientId": client_id, "documents": list(documents), "onlyThese": only_these}
        return (await accounts.do(me.caller(), "registerTrustedDocuments", selection, **given))[
            "sha256Hashes"
        ]

    names = await registered(first, second)
    again = await registered(second)
    both = await documents_of(accounts, client_id)
    await registered(second, only_these=True)

    assert names == [sha256(document.encode()).hexdigest() for document in (first, second)]
    assert again == names[1:]
    assert both == {first, second}
    assert await documents_of(accounts, client_id) == {second}
    assert (await accounts.events(client_id))[-1] == ("client.documents_registered", str(me.id))


@pytest.mark.parametrize(
    ("documents", "told"),
    [
        ([], "1 to 500"),
        (["{ a }"] * 501, "1 to 500"),
        (["{ a }", "{"], "Document 2 is no GraphQL"),
        (["fragment F on T { a }"], "no operation"),
        (["{ a }" + "#" * 200_000], "would be refused"),
        (["{" * 60 + "a" + "}" * 60], "nesting"),
        (["query { " + "a { " * 60 + "b" + " }" * 61], "nesting"),
    ],
    ids=["none", "too many", "no GraphQL", "no operation", "too long", "braces", "too deep"],
)
async def test_what_the_gateway_would_not_run_is_not_registered(
    accounts: Accounts, documents: list[str], told: str
) -> None:
    me = await accounts.administrator()
    client_id = (await accounts.system(me)).subject

    answer = await accounts.do(
        me.caller(), "registerTrustedDocuments", clientId=client_id, documents=documents
    )

    assert answer["code"] == "INVALID_INPUT"
    assert told in answer["message"]
    assert await documents_of(accounts, client_id) == set()


async def test_a_client_does_not_gather_documents_without_end(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted, "MOST", 2)
    me = await accounts.administrator()
    which = {"clientId": (await accounts.system(me)).subject}

    few = await accounts.do(me.caller(), "registerTrustedDocuments", **which, documents=["{ a }", "{ b }"])
    many = await accounts.do(me.caller(), "registerTrustedDocuments", **which, documents=["{ c }"])

    assert (few["__typename"], many["code"]) == ("TrustedDocumentsRegistered", "INVALID_INPUT")
    assert await documents_of(accounts, which["clientId"]) == {"{ a }", "{ b }"}
