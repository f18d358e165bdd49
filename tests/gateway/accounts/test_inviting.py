"""Who is invited, how the link reaches them, and what cannot be an invitation."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from gateway.accounts.operations import people
from gateway.people import invitations
from gateway.people.events import SERVER
from gateway.store import (
    Invitation,
    Role,
)
from tests.gateway.accounts.office import (
    INVITED,
    RESET,
    Accounts,
    invitation,
)


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
    assert ("person.invited", str(me.id)) in await accounts.events(person)


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
    accounts.mailbox.works = False
    me = await accounts.administrator()

    invited = await accounts.do(me.caller(), "inviteMember", INVITED, **invitation())
    reset = await accounts.do(me.caller(), "resetSignIn", personId=invited["member"]["personId"])

    assert invited["byMail"] is False
    assert reset["code"] == "NOT_ALLOWED"
    assert "vereda oauth person reset" in reset["message"]
