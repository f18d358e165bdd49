"""What administrators do with the people of an organisation, and what they cannot."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from gateway.accounts.operations import people
from gateway.people import invitations
from gateway.people.events import SERVER
from gateway.store import Invitation, Person, Role, SecurityEvent, Session
from tests.gateway.accounts.conftest import Accounts, Worker
from tests.support.subgraph import caller_of
from vereda.caller import Scope
from vereda.ids import new_id

MEMBER = "member { personId email displayName role status hasSecondFactor }"
INVITED = f"... on MemberInvited {{ byMail {MEMBER} }}"
CHANGED = f"... on MemberChanged {{ {MEMBER} }}"
RESET = f"... on SignInReset {{ byMail {MEMBER} }}"


def invitation(**changes: Any) -> dict[str, Any]:
    values = {
        "email": f"new-{new_id()}@clinic.example.org",
        "displayName": "Inés Robledo",
        "role": "CASE_WORKER",
    }
    return {**values, **changes}


async def events(accounts: Accounts, subject: UUID | str) -> list[tuple[str, str]]:
    async with accounts.database.transaction(SERVER) as session:
        rows = await session.execute(
            select(SecurityEvent.type, SecurityEvent.actor)
            .where(SecurityEvent.subject == str(subject))
            .order_by(SecurityEvent.id)
        )
        return [(type_, actor) for type_, actor in rows]


async def test_who_is_invited_gets_the_link_and_the_administrator_does_not(accounts: Accounts) -> None:
    me = await accounts.administrator()

    answer = await accounts.do(me.caller(), "inviteMember", INVITED, **invitation(locale="es"))
    await asyncio.sleep(0)

    member = answer["member"]
    assert (answer["__typename"], answer["byMail"]) == ("MemberInvited", True)
    assert (member["displayName"], member["role"], member["status"]) == (
        "Inés Robledo",
        "CASE_WORKER",
        "INVITED",
    )
    [(kind, person, token)] = accounts.mailbox.letters
    assert (kind, str(person)) == ("join", member["personId"])
    assert token not in str(answer)
    whom = await invitations.whom(accounts.database, token)
    assert whom is not None
    assert whom.email == member["email"]
    assert ("person.invited", str(me.id)) in await events(accounts, person)


async def test_the_same_invitation_again_sends_a_new_link_and_the_old_one_is_good_no_more(
    accounts: Accounts,
) -> None:
    me, given = await accounts.administrator(), invitation()

    answers = [await accounts.do(me.caller(), "inviteMember", INVITED, **given)]
    async with accounts.database.transaction(SERVER) as session:  # two minutes pass
        await session.execute(
            update(Invitation)
            .where(Invitation.person_id == UUID(answers[0]["member"]["personId"]))
            .values(expires_at=Invitation.expires_at - timedelta(minutes=2))
        )
    answers.append(await accounts.do(me.caller(), "inviteMember", INVITED, **given))
    await asyncio.sleep(0)

    assert answers[0]["member"] == answers[1]["member"]
    first, second = (token for _, _, token in accounts.mailbox.letters)
    assert await invitations.whom(accounts.database, first) is None
    assert await invitations.whom(accounts.database, second) is not None


async def test_an_act_that_is_repeated_because_its_answer_was_lost_sends_no_second_letter(
    accounts: Accounts,
) -> None:
    me, given = await accounts.administrator(), invitation()
    them = await accounts.worker(organization=me.organization)

    invited = [await accounts.do(me.caller(), "inviteMember", INVITED, **given) for _ in range(2)]
    reset = [await accounts.do(me.caller(), "resetSignIn", RESET, personId=str(them.id)) for _ in range(2)]
    await asyncio.sleep(0)

    assert invited[0] == invited[1]
    assert reset[0] == reset[1]
    assert [kind for kind, _, _ in accounts.mailbox.letters] == ["join", "new_password"]


async def test_no_organisation_invites_without_end(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST_INVITED", 2)
    me = await accounts.administrator()

    answers = [await accounts.do(me.caller(), "inviteMember", **invitation()) for _ in range(3)]

    assert [answer["__typename"] for answer in answers] == ["MemberInvited", "MemberInvited", "NotAllowed"]


async def test_somebody_known_joins_another_organisation_without_a_link(accounts: Accounts) -> None:
    me, them = await accounts.administrator(), await accounts.worker()

    answer = await accounts.do(
        me.caller(), "inviteMember", INVITED, **invitation(email=them.email.upper(), displayName="Other")
    )

    assert (answer["member"]["personId"], answer["member"]["displayName"]) == (
        str(them.id),
        "Marisol Quintero",
    )
    assert (answer["member"]["status"], answer["byMail"]) == ("ACTIVE", False)
    assert await accounts.role(them, me.organization) is Role.CASE_WORKER
    assert accounts.mailbox.letters == []


async def test_an_invitation_changes_nobodys_role(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(Role.AUDITOR, me.organization)

    answer = await accounts.do(me.caller(), "inviteMember", **invitation(email=them.email))

    assert answer["code"] == "ALREADY_MEMBER"
    assert await accounts.role(them) is Role.AUDITOR


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a@b..example"),
        ("displayName", "   "),
        ("displayName", "x" * 201),
        ("locale", "xx"),
    ],
)
async def test_what_cannot_be_an_invitation_is_said_field_by_field(
    accounts: Accounts, field: str, value: str
) -> None:
    me = await accounts.administrator()

    answer = await accounts.do(
        me.caller(),
        "inviteMember",
        "... on InvalidInput { problems { field } }",
        **invitation(**{field: value}),
    )

    assert (answer["code"], answer["problems"]) == ("INVALID_INPUT", [{"field": field}])


async def test_without_mail_an_operator_has_to_hand_the_link_over(accounts: Accounts) -> None:
    accounts.mailbox.go_out = False
    me = await accounts.administrator()

    invited = await accounts.do(me.caller(), "inviteMember", INVITED, **invitation())
    reset = await accounts.do(me.caller(), "resetSignIn", personId=invited["member"]["personId"])

    assert invited["byMail"] is False
    assert reset["code"] == "NOT_ALLOWED"
    assert "vereda oauth person reset" in reset["message"]


async def test_a_member_gets_another_role_and_signs_in_anew(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    await give_session(accounts, them)

    answer = await accounts.do(
        me.caller(), "changeMemberRole", CHANGED, personId=str(them.id), role="SUPERVISOR"
    )

    assert answer["member"]["role"] == "SUPERVISOR"
    assert await accounts.role(them) is Role.SUPERVISOR
    assert await open_sessions(accounts, them) == 0
    assert await events(accounts, them.id) >= [("membership.role_changed", str(me.id))]


async def test_a_member_leaves_and_keeps_what_they_are_elsewhere(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    elsewhere = await accounts.worker(email=them.email)

    answer = await accounts.do(me.caller(), "endMembership", CHANGED, personId=str(them.id))

    assert answer["member"]["email"] == them.email
    assert await accounts.role(them) is None
    assert await accounts.role(elsewhere) is Role.CASE_WORKER
    assert (await accounts.do(me.caller(), "endMembership", personId=str(them.id)))["code"] == "NOT_FOUND"


async def test_a_person_is_disabled_signed_out_and_enabled_again(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    await give_session(accounts, them)

    disabled = await accounts.do(me.caller(), "disablePerson", CHANGED, personId=str(them.id))
    sessions = await open_sessions(accounts, them)
    enabled = await accounts.do(me.caller(), "enablePerson", CHANGED, personId=str(them.id))

    assert (disabled["member"]["status"], sessions) == ("DISABLED", 0)
    assert enabled["member"]["status"] == "ACTIVE"


async def test_ending_a_members_sessions_ends_those_of_this_organisation(accounts: Accounts) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(organization=me.organization)
    elsewhere = await accounts.worker(email=them.email)
    await give_session(accounts, them)
    await give_session(accounts, elsewhere)

    answer = await accounts.do(me.caller(), "endMemberSessions", CHANGED, personId=str(them.id))

    assert answer["__typename"] == "MemberChanged"
    assert (await open_sessions(accounts, them), await open_sessions(accounts, elsewhere)) == (0, 1)


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
    await give_totp(accounts, them)

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


ACTS = {
    "changeMemberRole": {"role": "SUPERVISOR"},
    "endMembership": {},
    "endMemberSessions": {},
    "disablePerson": {},
    "enablePerson": {},
    "resetSignIn": {},
}


@pytest.mark.parametrize("act", ACTS)
async def test_an_administrator_touches_no_coordinator_though_of_the_same_organisation(
    accounts: Accounts, act: str
) -> None:
    me = await accounts.administrator()
    them = await accounts.worker(Role.NETWORK_COORDINATOR, me.organization)

    answer = await accounts.do(me.caller(), act, personId=str(them.id), **ACTS[act])

    assert answer["code"] == "NOT_ALLOWED"
    assert await accounts.role(them) is Role.NETWORK_COORDINATOR


@pytest.mark.parametrize("act", ACTS)
async def test_nobody_does_anything_to_themselves(accounts: Accounts, act: str) -> None:
    me = await accounts.administrator()
    await accounts.administrator(me.organization)

    answer = await accounts.do(me.caller(), act, personId=str(me.id), **ACTS[act])

    assert answer["code"] == "NOT_ALLOWED"
    assert await accounts.role(me) is Role.ORGANIZATION_ADMINISTRATOR


async def test_a_coordinator_does_not_make_themselves_a_case_worker_of_somebody(accounts: Accounts) -> None:
    me, clinic = await accounts.coordinator(), new_id()

    answer = await accounts.do(
        me.caller(), "inviteMember", **invitation(email=me.email, organization=str(clinic))
    )

    assert answer["code"] == "NOT_ALLOWED"
    assert await accounts.role(me, clinic) is None


@pytest.mark.parametrize("act", ACTS)
async def test_people_of_others_are_not_there(accounts: Accounts, act: str) -> None:
    me, them = await accounts.administrator(), await accounts.worker()

    known = await accounts.do(me.caller(), act, personId=str(them.id), **ACTS[act])
    unknown = await accounts.do(me.caller(), act, personId=str(new_id()), **ACTS[act])

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
    theirs = await accounts.do(coordinator.caller(), "enablePerson", CHANGED, **there)

    assert mine["code"] == "NOT_ALLOWED"
    assert theirs["member"]["status"] == "ACTIVE"


@pytest.mark.parametrize("act", ["changeMemberRole", "endMembership", "disablePerson"])
async def test_nobody_removes_the_last_administrator_not_even_a_coordinator(
    accounts: Accounts, act: str
) -> None:
    coordinator, last = await accounts.coordinator(), await accounts.administrator()
    await accounts.worker(Role.ORGANIZATION_ADMINISTRATOR, last.organization, joined=False)
    given = {"organization": str(last.organization), "personId": str(last.id), **ACTS[act]}

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


@pytest.mark.parametrize("act", [*ACTS, "inviteMember"])
async def test_without_an_administrators_scope_nothing_is_done(accounts: Accounts, act: str) -> None:
    scopes = [scope for scope in Scope if scope not in (Scope.ADMIN_ORGANIZATION, Scope.ADMIN_NETWORK)]
    them = await accounts.worker()
    given = invitation() if act == "inviteMember" else {"personId": str(them.id), **ACTS[act]}
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


async def give_session(accounts: Accounts, worker: Worker) -> None:
    async with accounts.database.transaction(SERVER) as session:
        session.add(
            Session(
                digest=new_id().bytes,
                person_id=worker.id,
                organization_id=worker.organization,
                factors=[],
                browser="Firefox",
                authenticated_at=func.now(),
                last_seen_at=func.now(),
                expires_at=func.now() + timedelta(hours=1),
            )
        )


async def open_sessions(accounts: Accounts, worker: Worker) -> int:
    async with accounts.database.transaction(SERVER) as session:
        return len(
            list(
                await session.scalars(
                    select(Session.id).where(
                        Session.person_id == worker.id,
                        Session.organization_id == worker.organization,
                        Session.ended_at.is_(None),
                    )
                )
            )
        )


async def give_totp(accounts: Accounts, worker: Worker) -> None:
    async with accounts.database.transaction(SERVER) as session:
        (await session.get_one(Person, worker.id)).totp_secret = b"sealed"
