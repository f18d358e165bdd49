"""Who sees what of accounts, in the graph and by the database's own word."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from gateway.oauth import clients
from gateway.store import Base, Membership, OAuthClient, Role, SecurityEvent
from tests.gateway.accounts.office import Accounts, Worker
from tests.support.subgraph import caller_of
from vereda.caller import Caller, Scope
from vereda.ids import new_id

VIEWER = "{ viewer { id kind name roles scopes purpose authenticatedAt organization { id } } }"
MEMBERS = """
query($organization: ID, $first: Int, $after: String) {
  members(organization: $organization, first: $first, after: $after) {
    nodes { personId role status organization { id } } pageInfo { hasNextPage endCursor }
  }
}
"""
EVENTS = """
query($organization: ID, $subject: String, $first: Int, $after: String) {
  securityEvents(organization: $organization, subject: $subject, first: $first, after: $after) {
    nodes { type actor actorName subject subjectName organization { id } } pageInfo { hasNextPage endCursor }
  }
}
"""


async def test_a_person_learns_who_they_are(accounts: Accounts) -> None:
    me = await accounts.worker(Role.AUDITOR)

    viewer = (await accounts.graph.data(me.caller(), VIEWER))["viewer"]

    assert viewer.pop("authenticatedAt") is not None
    assert viewer == {
        "id": str(me.id),
        "kind": "PERSON",
        "name": "Marisol Quintero",
        "roles": ["auditor"],
        "scopes": ["AUDIT_VERIFY", "DIRECTORY_READ", "REPORT_READ"],
        "purpose": None,
        "organization": {"id": str(me.organization)},
    }


async def test_a_system_learns_who_it_is(accounts: Accounts) -> None:
    organization, client_id = new_id(), f"records-{new_id()}"
    await clients.register(
        accounts.database,
        clients.Registration(
            client_id=client_id,
            secret="correct-horse-battery-staple-7",
            organization=organization,
            name="Records",
            scopes=[Scope.CLIENT_READ],
            purpose="care-coordination",
        ),
    )
    caller = Caller(
        client_id, organization, frozenset({Scope.CLIENT_READ.value}), purpose="care-coordination"
    )

    viewer = (await accounts.graph.data(caller, VIEWER))["viewer"]

    assert viewer == {
        "id": client_id,
        "kind": "API_CLIENT",
        "name": "Records",
        "roles": [],
        "scopes": ["CLIENT_READ"],
        "purpose": "care-coordination",
        "authenticatedAt": None,
        "organization": {"id": str(organization)},
    }


async def test_an_administrator_pages_through_the_people_of_their_organisation(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = [await accounts.worker(organization=me.organization, joined=joined) for joined in (True, False)]
    await accounts.worker()
    gone = await accounts.worker(organization=me.organization)
    await accounts.do(me.caller(), "endMembership", personId=str(gone.id))

    first = (await accounts.graph.data(me.caller(), MEMBERS, first=2))["members"]
    rest = (await accounts.graph.data(me.caller(), MEMBERS, after=first["pageInfo"]["endCursor"]))["members"]

    nodes = [*first["nodes"], *rest["nodes"]]
    assert first["pageInfo"]["hasNextPage"] is True
    assert [node["personId"] for node in nodes] == [str(one.id) for one in (me, *them)]
    assert [node["status"] for node in nodes] == ["ACTIVE", "ACTIVE", "INVITED"]
    assert {node["organization"]["id"] for node in nodes} == {str(me.organization)}


async def test_a_coordinator_sees_the_people_of_any_organisation(accounts: Accounts) -> None:
    coordinator, them = await accounts.coordinator(), await accounts.worker()

    page = await accounts.graph.data(coordinator.caller(), MEMBERS, organization=str(them.organization))

    assert [node["personId"] for node in page["members"]["nodes"]] == [str(them.id)]


@pytest.mark.parametrize("document", [MEMBERS, EVENTS])
async def test_others_organisations_are_for_coordinators_only(accounts: Accounts, document: str) -> None:
    me, them = await accounts.administrator(), await accounts.worker()

    answer = await accounts.graph.answer(me.caller(), document, organization=str(them.organization))

    assert answer["errors"][0]["extensions"] == {"code": "FORBIDDEN", "requiredScope": "admin:network"}


@pytest.mark.parametrize(
    ("role", "people", "events"),
    [
        (Role.CASE_WORKER, False, False),
        (Role.SUPERVISOR, False, False),
        (Role.AUDITOR, False, True),
        (Role.ORGANIZATION_ADMINISTRATOR, True, True),
        (Role.NETWORK_COORDINATOR, True, True),
    ],
)
async def test_each_role_reads_what_is_its_business(
    accounts: Accounts, role: Role, people: bool, events: bool
) -> None:
    me = await accounts.worker(role)

    answers = [await accounts.graph.answer(me.caller(), document) for document in (MEMBERS, EVENTS)]

    assert [not answer["errors"] for answer in answers] == [people, events]


async def test_an_auditor_reads_what_happened_the_newest_first_with_names(accounts: Accounts) -> None:
    administrator = await accounts.administrator()
    auditor = await accounts.worker(Role.AUDITOR, administrator.organization)
    them = await accounts.worker(organization=administrator.organization)
    await accounts.do(administrator.caller(), "disablePerson", personId=str(them.id))

    page = (await accounts.graph.data(auditor.caller(), EVENTS, subject=str(them.id), first=1))[
        "securityEvents"
    ]

    assert page["nodes"] == [
        {
            "type": "person.disabled",
            "actor": str(administrator.id),
            "actorName": "Marisol Quintero",
            "subject": str(them.id),
            "subjectName": "Marisol Quintero",
            "organization": {"id": str(administrator.organization)},
        }
    ]
    assert page["pageInfo"]["hasNextPage"] is True


async def test_events_tell_no_name_of_somebody_who_was_never_of_the_organisation(accounts: Accounts) -> None:
    me, coordinator = await accounts.administrator(), await accounts.coordinator()
    them = await accounts.worker(organization=me.organization)
    there = {"organization": str(me.organization), "personId": str(them.id)}
    await accounts.do(coordinator.caller(), "endMembership", **there)

    page = await accounts.graph.data(me.caller(), EVENTS, subject=str(them.id), first=1)

    [event] = page["securityEvents"]["nodes"]
    assert (event["type"], event["actor"], event["actorName"]) == (
        "membership.ended",
        str(coordinator.id),
        None,
    )


@pytest.mark.parametrize("table", [Membership, OAuthClient, SecurityEvent])
async def test_postgres_shows_accounts_to_administrators_of_their_own_organisation_only(
    accounts: Accounts, table: type[Base]
) -> None:
    """The third wall alone: no rule of the operations stands before these statements."""
    me, other = await accounts.administrator(), await accounts.administrator()
    await give_client(accounts, me)
    await give_client(accounts, other)

    async def owners(caller: Caller | None) -> set[Any]:
        async with accounts.database.transaction(caller) as session:
            return set(await session.scalars(select(table.__table__.c.organization_id)))

    others = [
        s for s in Scope if s not in (Scope.ADMIN_ORGANIZATION, Scope.ADMIN_NETWORK, Scope.AUDIT_VERIFY)
    ]
    audited = {me.organization} if table is SecurityEvent else set()
    assert await owners(None) == set()
    assert await owners(caller_of(me.organization, *others)) == set()
    assert await owners(caller_of(me.organization, Scope.AUDIT_VERIFY)) == audited
    assert await owners(caller_of(me.organization, Scope.ADMIN_ORGANIZATION)) == {me.organization}
    assert await owners(caller_of(me.organization, Scope.ADMIN_NETWORK)) == {me.organization}


async def give_client(accounts: Accounts, worker: Worker) -> None:
    await clients.register(
        accounts.database,
        clients.Registration(
            client_id=f"records-{new_id()}",
            secret="correct-horse-battery-staple-7",
            organization=worker.organization,
            name="Records",
            scopes=[Scope.CLIENT_READ],
        ),
    )
