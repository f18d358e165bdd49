"""What administrators do with the people of an organisation."""

from __future__ import annotations

import asyncio

from gateway.people.events import SERVER
from gateway.store import (
    Person,
    Role,
)
from tests.gateway.accounts.office import (
    CHANGED_MEMBER,
    RESET,
    Accounts,
)


async def test_a_member_gets_another_role_and_signs_in_anew(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    await accounts.give_session(them)

    answer = await accounts.do(
        me.caller(), "changeMemberRole", CHANGED_MEMBER, personId=str(them.id), role="SUPERVISOR"
    )

    assert answer["member"]["role"] == "SUPERVISOR"
    assert await accounts.role(them) is Role.SUPERVISOR
    assert await accounts.open_sessions(them) == 0
    assert await accounts.events(them.id) >= [("membership.role_changed", str(me.id))]


async def test_a_member_leaves_and_keeps_what_they_are_elsewhere(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    elsewhere = await accounts.worker(email=them.email)

    answer = await accounts.do(me.caller(), "endMembership", CHANGED_MEMBER, personId=str(them.id))

    assert answer["member"]["email"] == them.email
    assert await accounts.role(them) is None
    assert await accounts.role(elsewhere) is Role.CASE_WORKER
    assert (await accounts.do(me.caller(), "endMembership", personId=str(them.id)))["code"] == "NOT_FOUND"


async def test_a_person_is_disabled_signed_out_and_enabled_again(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    await accounts.give_session(them)

    disabled = await accounts.do(me.caller(), "disablePerson", CHANGED_MEMBER, personId=str(them.id))
    sessions = await accounts.open_sessions(them)
    enabled = await accounts.do(me.caller(), "enablePerson", CHANGED_MEMBER, personId=str(them.id))

    assert (disabled["member"]["status"], sessions) == ("DISABLED", 0)
    assert enabled["member"]["status"] == "ACTIVE"


async def test_ending_a_members_sessions_ends_those_of_this_organisation(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    elsewhere = await accounts.worker(email=them.email)
    await accounts.give_session(them)
    await accounts.give_session(elsewhere)

    answer = await accounts.do(me.caller(), "endMemberSessions", CHANGED_MEMBER, personId=str(them.id))

    assert answer["__typename"] == "MemberChanged"
    assert (await accounts.open_sessions(them), await accounts.open_sessions(elsewhere)) == (0, 1)


async def test_a_reset_ends_the_password_and_a_link_goes_to_the_person(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)

    answer = await accounts.do(me.caller(), "resetSignIn", RESET, personId=str(them.id))
    await asyncio.sleep(0)

    assert (answer["byMail"], answer["member"]["status"]) == (True, "INVITED")
    [(kind, person, token)] = accounts.mailbox.letters
    assert (kind, person) == ("new_password", them.id)
    assert token not in str(answer)


async def test_second_factors_go_only_by_a_coordinator_in_person(accounts: Accounts) -> None:
    me, coordinator = await accounts.administrator(), await accounts.coordinator()
    them = await accounts.worker(organization=me.organization)
    await accounts.give_totp(them)

    mine = await accounts.do(me.caller(), "resetSignIn", personId=str(them.id), factors=True)
    theirs = await accounts.do(
        coordinator.caller(),
        "resetSignIn",
        RESET,
        organization=str(me.organization),
        personId=str(them.id),
        factors=True,
    )

    assert mine["code"] == "NOT_ALLOWED"
    assert theirs["member"]["hasSecondFactor"] is False


async def test_who_signs_in_by_a_provider_of_their_own_is_not_given_a_password(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization, joined=False)
    async with accounts.database.transaction(SERVER) as session:
        person = await session.get_one(Person, them.id)
        person.external_issuer, person.external_subject = "https://id.example.org", str(them.id)

    answer = await accounts.do(me.caller(), "resetSignIn", personId=str(them.id))

    assert answer["code"] == "NOT_ALLOWED"
