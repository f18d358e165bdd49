"""Before a legal provider learns anything of a client it checks conflicts of interest: with names, or blindly (R14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.referrals.domain.conflicts import MOST_ASKED, MOST_ASKED_AT_ONCE, MOST_NAMES, forms
from services.referrals.models import ConflictCheck, ConflictSet, DataKey, OutboxEvent
from tests.referrals.story import Story
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id

SET = {"alsoKnownAs": ["Mari Q. Flores"], "opposingParties": ["Evaristo Núñez Peña", "Rancho Tres Ríos"]}
SEEN = """query($id: ID!) { referral(id: $id) { state reason narrative client { displayName contacts { value } }
  conflictSet { alsoKnownAs opposingParties } conflictChecks { result namesAsked concludedBy requestedBy } } }"""
DECLINE = ("DECLINE", {"reason": "CONFLICT"})


async def sent(story: Story, **more: Any) -> dict[str, Any]:
    client = await story.client()
    consent = await story.consent(client)
    return await story.send(client, consent, story.offer(legal=True), **{"conflictSet": SET, **more})


async def in_check(story: Story) -> dict[str, Any]:
    referral = (await sent(story))["referral"]
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK")
    return dict(referral)


async def blind(story: Story) -> None:
    done = await story.did(
        story.legal, "setConflictNames", "... on ConflictNamesSet { names }", names="BLIND"
    )
    assert done["names"] == "BLIND"


async def seen(story: Story, by: Caller, referral: dict[str, Any]) -> dict[str, Any]:
    answer = await story.referrals.answer(by, SEEN, id=referral["id"])
    assert answer["errors"] == []
    return dict(answer["data"]["referral"])


async def compared(
    story: Story, by: Caller, referral: dict[str, Any], *names: str, **more: Any
) -> dict[str, Any]:
    selection = """... on ConflictCompared { matches left } ... on NotFound { code } ... on NotAllowed { message }
      ... on InvalidInput { problems { field } }"""
    return await story.did(by, "checkConflict", selection, referral=referral["id"], names=list(names), **more)


async def test_r14_the_set_is_shown_as_names_before_the_check_is_cleared_and_nothing_else(
    story: Story,
) -> None:
    found = await seen(story, story.legal, await in_check(story))

    assert found["conflictSet"] == SET
    assert found["client"]["displayName"] == "Marisol Q."
    assert found["narrative"] is None
    assert found["client"]["contacts"] is None


async def test_r14_who_has_names_blind_sees_none_before_the_check_is_cleared(story: Story) -> None:
    await blind(story)
    referral = await in_check(story)

    answer = await story.referrals.answer(story.legal, SEEN, id=referral["id"])

    found = answer["data"]["referral"]
    assert found["conflictSet"] is None
    assert found["client"]["displayName"] is None
    assert "CONFLICT_CHECK_PENDING" in {one["reason"] for one in answer["extensions"]["redactions"]}
    await story.moves(story.legal, referral, "CLEAR_CONFLICT")
    cleared = await seen(story, story.legal, referral)
    assert cleared["conflictSet"] == SET
    assert cleared["client"]["displayName"] == "Marisol Q."


async def test_r14_postgres_hands_a_blind_provider_no_key_of_a_name(story: Story, database: Database) -> None:
    await blind(story)
    referral = await in_check(story)

    async with database.transaction(story.legal) as session:
        groups = set(await session.scalars(select(DataKey.key_group)))
        rows = list(await session.scalars(select(ConflictSet)))

    assert {str(one) for one in groups} == {"CONFLICT_MATCH"}
    assert [str(row.referral_id) for row in rows] == [referral["id"]]
    assert all(len(token) == 32 and token.isalnum() for token in rows[0].tokens)


@pytest.mark.parametrize("have", ["CLEAR", "BLIND"])
async def test_r14_a_question_tells_which_of_ones_own_names_agree_and_no_other(
    story: Story, have: str
) -> None:
    await story.did(story.legal, "setConflictNames", "... on ConflictNamesSet { names }", names=have)
    referral = await in_check(story)

    done = await compared(
        story,
        story.legal,
        referral,
        "EVARISTO NUÑEZ",
        "Peña, Evaristo",
        "Somebody Else",
        "Marisol Q",
        "Tres Rios",
    )

    assert done["matches"] == ["EVARISTO NUÑEZ", "Peña, Evaristo", "Marisol Q", "Tres Rios"]
    assert done["left"] == MOST_ASKED - 5


async def test_r14_questions_are_counted_bounded_and_told(story: Story, database: Database) -> None:
    referral = await in_check(story)
    names = [f"Name Number{n}" for n in range(MOST_ASKED_AT_ONCE)]

    too_many = await compared(story, story.legal, referral, *names, "One More")
    key = str(new_id())
    first = await compared(story, story.legal, referral, "Evaristo Núñez", idempotencyKey=key)
    again = await compared(story, story.legal, referral, "Evaristo Núñez", idempotencyKey=key)
    async with database.transaction(system_caller(story.legal.organization)) as session:
        await session.execute(
            text("UPDATE conflict_checks SET names_asked = :n WHERE referral_id = :id"),
            {"n": MOST_ASKED - 1, "id": UUID(referral["id"])},
        )
        told = await session.scalars(
            select(OutboxEvent.data).where(
                OutboxEvent.subject == referral["id"], OutboxEvent.type.endswith("conflict_check.compared")
            )
        )
        assert [one["names"] for one in told] == ["1"]
    last = await compared(story, story.legal, referral, "Somebody Else")
    beyond = await compared(story, story.legal, referral, "Evaristo Núñez")

    assert too_many["problems"] == [{"field": "names"}]
    assert first == again
    assert last["left"] == 0
    assert beyond["__typename"] == "NotAllowed"


async def test_r14_nobody_asks_but_the_recipient_and_only_while_it_checks(story: Story) -> None:
    referral = (await sent(story))["referral"]

    before = await compared(story, story.legal, referral, "Evaristo Núñez")
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK")
    by_sender = await compared(story, story.clinic, referral, "Evaristo Núñez")
    by_stranger = await compared(story, story.school, referral, "Evaristo Núñez")
    await story.moves(story.legal, referral, "CLEAR_CONFLICT")
    after = await compared(story, story.legal, referral, "Evaristo Núñez")

    assert [one["__typename"] for one in (before, after)] == ["NotAllowed"] * 2
    assert by_sender == by_stranger == {"__typename": "NotFound", "code": "NOT_FOUND"}


async def test_r14_a_revoked_consent_ends_comparing(story: Story, database: Database) -> None:
    client = await story.client()
    consent = await story.consent(client)
    referral = (await story.send(client, consent, story.offer(legal=True), conflictSet=SET))["referral"]
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK")

    await story.revoke(story.clinic, consent)

    assert (await compared(story, story.legal, referral, "Evaristo Núñez"))["__typename"] == "NotAllowed"
    assert await wrapped(database, referral) == {}


async def wrapped(database: Database, referral: dict[str, Any]) -> dict[str, bytes]:
    async with database.transaction(system_caller(new_id())) as session:
        keys = await session.scalars(
            select(DataKey).where(
                DataKey.referral_id == UUID(referral["id"]),
                DataKey.key_group.in_(("CONFLICT", "CONFLICT_MATCH")),
            )
        )
        return {one.key_group.value: one.wrapped for one in keys if one.wrapped is not None}


@pytest.mark.parametrize("checked", [True, False], ids=["after the check began", "at once"])
async def test_r14_with_a_conflict_the_names_are_gone_and_the_sender_learns_of_none(
    story: Story, database: Database, checked: bool
) -> None:
    referral = (await sent(story))["referral"]
    if checked:
        await story.moves(story.legal, referral, "START_CONFLICT_CHECK")
    assert set(await wrapped(database, referral)) == {"CONFLICT", "CONFLICT_MATCH"}

    await story.moves(story.legal, referral, DECLINE)

    assert await wrapped(database, referral) == {}
    theirs = await seen(story, story.legal, referral)
    assert theirs["conflictChecks"] == [
        {
            "result": "CONFLICT",
            "namesAsked": 0,
            "concludedBy": story.legal.subject,
            "requestedBy": story.legal.subject,
        }
    ]
    assert (theirs["conflictSet"], theirs["client"]["displayName"], theirs["narrative"]) == (None, None, None)
    answer = await story.referrals.answer(story.clinic, SEEN, id=referral["id"])
    own = answer["data"]["referral"]
    assert (own["reason"], own["conflictSet"], own["conflictChecks"]) == ("UNAVAILABLE", None, [])
    assert "ERASED" not in str(answer["extensions"])


async def test_r14_what_came_of_a_check_follows_from_how_the_referral_moved(story: Story) -> None:
    async def result(by: Caller, *moves: Any) -> Any:
        referral = await in_check(story)
        assert (await seen(story, story.legal, referral))["conflictChecks"][0]["result"] is None
        await story.moves(by, referral, *moves)
        (check,) = (await seen(story, story.legal, referral))["conflictChecks"]
        return check["result"], check["concludedBy"]

    own = story.legal.subject
    assert await result(story.legal, "CLEAR_CONFLICT") == ("CLEAR", own)
    assert await result(story.legal, ("DECLINE", {"reason": "NO_CAPACITY"})) == ("INCONCLUSIVE", own)
    cancelled = await result(story.clinic, ("CANCEL", {"reason": "CLIENT_DECLINED"}))
    assert cancelled == ("INCONCLUSIVE", None)


async def test_r14_no_other_than_a_legal_service_gets_the_names(story: Story, database: Database) -> None:
    client = await story.client()
    consent = await story.consent(client)

    refused = await story.send(client, consent, story.offer(), conflictSet=SET)
    saved = await story.did(
        story.clinic,
        "saveDraft",
        "... on DraftSaved { referral { id version conflictSet { opposingParties alsoKnownAs } } }",
        client=client,
        needs=["legal.immigration"],
        conflictSet=SET,
    )
    done = await story.did(
        story.clinic,
        "sendDraft",
        "... on ReferralSent { referral { id } }",
        id=saved["referral"]["id"],
        expectedVersion=saved["referral"]["version"],
        consent=consent,
        offer=story.offer(),
    )

    assert refused["problems"] == [{"field": "conflictSet"}]
    assert saved["referral"]["conflictSet"] == SET
    assert (await seen(story, story.legal, done["referral"]))["conflictSet"] is None
    async with database.transaction(story.legal) as session:
        assert list(await session.scalars(select(ConflictSet))) == []


async def test_r13_of_the_senders_staff_its_author_alone_reads_the_names(story: Story) -> None:
    saved = await story.did(
        story.clinic,
        "saveDraft",
        "... on DraftSaved { referral { id } }",
        client=await story.client(),
        needs=["legal.immigration"],
        conflictSet=SET,
    )

    colleague = await seen(story, replace(story.clinic, subject="a colleague"), saved["referral"])

    assert colleague["conflictSet"] is None
    assert (await seen(story, story.clinic, saved["referral"]))["conflictSet"] == SET


async def test_r2_r14_names_are_bounded_and_screened(story: Story) -> None:
    many = await sent(story, conflictSet={"opposingParties": ["A Name"] * (MOST_NAMES + 1)})
    number = await sent(story, conflictSet={"alsoKnownAs": ["A 123 456 789"]})

    assert many["problems"] == [{"field": "opposingParties"}]
    assert (number["__typename"], number["field"]) == ("SensitiveText", "conflictSet")


async def test_r14_the_names_go_on_with_a_redirect_and_are_given_again_after_a_conflict(story: Story) -> None:
    client = await story.client()
    consent = await story.consent(client, recipients=(story.legal, story.school))
    referral = (await story.send(client, consent, story.offer(legal=True), conflictSet=SET))["referral"]
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK", DECLINE)
    elsewhere = story.offer(to=story.school, legal=True, service=new_id())

    again = await story.did(
        story.clinic,
        "rematchReferral",
        "... on ReferralRematched { referral { id } }",
        id=referral["id"],
        offer=elsewhere,
        conflictSet={"opposingParties": ["Evaristo Núñez"]},
    )

    found = await seen(story, story.school, again["referral"])
    assert found["conflictSet"] == {"alsoKnownAs": [], "opposingParties": ["Evaristo Núñez"]}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE conflict_checks SET names_asked = 0",
        "UPDATE conflict_checks SET result = 'CLEAR'",
        "UPDATE conflict_checks SET requested_by = 'another'",
        "INSERT INTO conflict_settings VALUES (gen_random_uuid(), 'CLEAR')",
    ],
)
async def test_r14_postgres_lets_nobody_rewrite_a_check(
    story: Story, database: Database, statement: str
) -> None:
    referral = await in_check(story)
    await compared(story, story.legal, referral, "Somebody Else")

    with pytest.raises(DBAPIError, match=r"row-level security|may not|conflict check"):
        async with database.transaction(story.legal) as session:
            await session.execute(text(statement))
    async with database.transaction(story.clinic) as session:
        assert list(await session.scalars(select(ConflictCheck))) == []


@given(
    some.lists(some.sampled_from(["Evaristo", "Núñez", "Peña", "Quispe", "Flores"]), min_size=2, unique=True)
)
def test_r14_a_name_agrees_with_any_order_and_any_two_of_its_words(name: list[str]) -> None:
    whole = forms(" ".join(name))

    assert forms(" ".join(reversed(name)).upper()) == whole
    assert forms(f"{name[0]} {name[-1]}") <= whole
    assert forms("Otra Persona").isdisjoint(whole)
