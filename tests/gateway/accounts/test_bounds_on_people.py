"""What administrators cannot do with people, whoever they are."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from gateway.people.events import SERVER
from gateway.store import (
    Person,
    Role,
)
from tests.gateway.accounts.office import (
    CHANGED_MEMBER,
    ON_PEOPLE,
    Accounts,
    Worker,
    invitation,
)
from tests.support.subgraph import caller_of
from vereda.caller import Scope
from vereda.ids import new_id


@pytest.mark.parametrize("act", ON_PEOPLE)
async def test_an_administrator_touches_no_coordinator_though_of_the_same_organisation(
    accounts: Accounts, act: str
) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(Role.NETWORK_COORDINATOR, me.organization)

    answer = await accounts.do(me.caller(), act, personId=str(them.id), **ON_PEOPLE[act])

    assert answer["code"] == "NOT_ALLOWED"
    assert await accounts.role(them) is Role.NETWORK_COORDINATOR


@pytest.mark.parametrize("act", ON_PEOPLE)
async def test_nobody_does_anything_to_themselves(accounts: Accounts, act: str) -> None:
    me = await accounts.administrator()
    await accounts.administrator(me.organization)

    answer = await accounts.do(me.caller(), act, personId=str(me.id), **ON_PEOPLE[act])

    assert answer["code"] == "NOT_ALLOWED"
    assert await accounts.role(me) is Role.ORGANIZATION_ADMINISTRATOR


async def test_a_coordinator_does_not_make_themselves_a_case_worker_of_somebody(accounts: Accounts) -> None:
    me, clinic = await accounts.coordinator(), new_id()

    answer = await accounts.do(
        me.caller(), "inviteMember", **invitation(email=me.email, organization=str(clinic))
    )

    assert answer["code"] == "NOT_ALLOWED"
    assert await accounts.role(me, clinic) is None


@pytest.mark.parametrize("act", ON_PEOPLE)
async def test_people_of_others_are_not_there(accounts: Accounts, act: str) -> None:
    me, them = await accounts.administrator(), await accounts.worker()

    known = await accounts.do(me.caller(), act, personId=str(them.id), **ON_PEOPLE[act])
    unknown = await accounts.do(me.caller(), act, personId=str(new_id()), **ON_PEOPLE[act])

    assert known == unknown
    assert known["code"] == "NOT_FOUND"


@pytest.mark.parametrize("act", ["disablePerson", "enablePerson", "resetSignIn"])
async def test_who_works_for_another_organisation_too_is_not_locked_out_there(
    accounts: Accounts, act: str
) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    await accounts.worker(email=them.email)

    answer = await accounts.do(me.caller(), act, personId=str(them.id))

    assert answer["code"] == "NOT_ALLOWED"
    assert "other organisations" in answer["message"]


async def test_whom_the_network_disabled_no_organisation_enables(accounts: Accounts) -> None:
    me, coordinator = await accounts.administrator(), await accounts.coordinator()
    them = await accounts.worker(organization=me.organization)
    there = {"organization": str(me.organization), "personId": str(them.id)}
    await accounts.do(coordinator.caller(), "disablePerson", **there)
    await accounts.do(me.caller(), "disablePerson", personId=str(them.id))

    mine = await accounts.do(me.caller(), "enablePerson", personId=str(them.id))
    theirs = await accounts.do(coordinator.caller(), "enablePerson", CHANGED_MEMBER, **there)

    assert mine["code"] == "NOT_ALLOWED"
    assert theirs["member"]["status"] == "ACTIVE"


@pytest.mark.parametrize("act", ["changeMemberRole", "endMembership", "disablePerson"])
async def test_nobody_removes_the_last_administrator_not_even_a_coordinator(
    accounts: Accounts, act: str
) -> None:
    coordinator, last = await accounts.coordinator(), await accounts.administrator()
    await accounts.worker(Role.ORGANIZATION_ADMINISTRATOR, last.organization, joined=False)
    given = {"organization": str(last.organization), "personId": str(last.id), **ON_PEOPLE[act]}

    refused = await accounts.do(coordinator.caller(), act, **given)
    await accounts.administrator(last.organization)
    done = await accounts.do(coordinator.caller(), act, **given)

    assert refused["code"] == "LAST_ADMINISTRATOR"
    assert done["__typename"] == "MemberChanged"


async def test_two_administrators_who_remove_each_other_at_once_do_not_both_succeed(
    accounts: Accounts,
) -> None:
    one = await accounts.administrator()
    other = await accounts.administrator(one.organization)

    async def remove(me: Worker, them: Worker) -> str:
        answer = await accounts.graph.answer(
            me.caller(),
            "mutation($id: ID!) { endMembership(input: {personId: $id}) { __typename } }",
            id=str(them.id),
        )
        return str(answer["data"]["endMembership"] or answer["errors"][0]["extensions"]["code"])

    outcomes = await asyncio.gather(remove(one, other), remove(other, one))

    assert sorted(outcomes) == ["FORBIDDEN", "{'__typename': 'MemberChanged'}"]
    assert [await accounts.role(one), await accounts.role(other)].count(None) == 1


async def test_a_right_that_was_taken_is_gone_though_the_token_still_says_it(accounts: Accounts) -> None:
    me, coordinator = await accounts.administrator(), await accounts.coordinator()
    await accounts.administrator(me.organization)
    token = me.caller()
    there = {"organization": str(me.organization), "personId": str(me.id)}
    await accounts.do(coordinator.caller(), "changeMemberRole", **there, role="CASE_WORKER")

    answer = await accounts.graph.answer(
        token,
        "mutation($i: InviteMemberInput!) { inviteMember(input: $i) { __typename } }",
        i=invitation(role="ORGANIZATION_ADMINISTRATOR"),
    )

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_token_of_fewer_scopes_than_its_person_has_does_no_more_than_it_says(
    accounts: Accounts,
) -> None:
    me, them = await accounts.coordinator(), await accounts.worker()
    weaker = me.caller(Scope.ADMIN_ORGANIZATION)

    answer = await accounts.graph.answer(
        weaker,
        "mutation($i: MemberInput!) { endMembership(input: $i) { __typename } }",
        i={"organization": str(them.organization), "personId": str(them.id)},
    )

    assert answer["errors"][0]["extensions"] == {
        "code": "FORBIDDEN",
        "requiredScope": "admin:network",
    }


@pytest.mark.parametrize("proven", [timedelta(minutes=6), None])
async def test_to_appoint_an_administrator_a_recent_sign_in_is_asked(
    accounts: Accounts, proven: timedelta | None
) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    stale = me.caller(proven=proven)

    invited = await accounts.do(stale, "inviteMember", **invitation(role="ORGANIZATION_ADMINISTRATOR"))
    raised = await accounts.do(
        stale, "changeMemberRole", personId=str(them.id), role="ORGANIZATION_ADMINISTRATOR"
    )
    daily = await accounts.do(stale, "changeMemberRole", personId=str(them.id), role="AUDITOR")
    removed = await accounts.do(stale, "endMembership", personId=str(them.id))

    assert {invited["code"], raised["code"]} == {"RECENT_SIGN_IN_NEEDED"}
    assert {daily["__typename"], removed["__typename"]} == {"MemberChanged"}


async def test_an_administrator_makes_no_coordinator(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)

    invited = await accounts.do(me.caller(), "inviteMember", **invitation(role="NETWORK_COORDINATOR"))
    raised = await accounts.do(
        me.caller(), "changeMemberRole", personId=str(them.id), role="NETWORK_COORDINATOR"
    )

    assert {invited["code"], raised["code"]} == {"NOT_ALLOWED"}
    assert await accounts.role(them) is Role.CASE_WORKER


async def test_a_refused_invitation_leaves_nothing_behind(accounts: Accounts) -> None:
    me, given = await accounts.administrator(), invitation(role="NETWORK_COORDINATOR")

    await accounts.do(me.caller(), "inviteMember", **given)

    async with accounts.database.transaction(SERVER) as session:
        assert await session.scalar(select(Person.id).where(Person.email == given["email"])) is None


@pytest.mark.parametrize("act", [*ON_PEOPLE, "inviteMember"])
async def test_without_an_administrators_scope_nothing_is_done(accounts: Accounts, act: str) -> None:
    scopes = [scope for scope in Scope if scope not in (Scope.ADMIN_ORGANIZATION, Scope.ADMIN_NETWORK)]
    them = await accounts.worker()
    given = invitation() if act == "inviteMember" else {"personId": str(them.id), **ON_PEOPLE[act]}
    type_ = {"changeMemberRole": "ChangeMemberRoleInput", "resetSignIn": "ResetSignInInput"}.get(
        act, "InviteMemberInput" if act == "inviteMember" else "MemberInput"
    )

    answer = await accounts.graph.answer(
        caller_of(them.organization, *scopes, subject=str(them.id)),
        f"mutation($i: {type_}!) {{ {act}(input: $i) {{ __typename }} }}",
        i=given,
    )

    assert answer["errors"][0]["extensions"] == {
        "code": "FORBIDDEN",
        "requiredScope": "admin:organization admin:network",
    }
