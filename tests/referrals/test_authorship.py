"""Of the sender's staff, what was exchanged is for whom the narrative is: the author, and whom they hand it on to (R13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.referrals.story import Story
from tests.referrals.test_attachments import PDF, start
from tests.referrals.test_thread import post
from tests.referrals.test_working import assign
from vereda.caller import Caller, Scope
from vereda.database import Database

ASKED = """query($id: ID!) { referral(id: $id) { narrative unreadMessages handOffs { id } attachments { name }
  messages(first: 9) { nodes { text } } } }"""
NOTHING: dict[str, Any] = {
    "narrative": None,
    "unreadMessages": None,
    "handOffs": None,
    "attachments": [],
    "texts": {None},
}


def colleague_of(caller: Caller, person: UUID | None = None) -> Caller:
    """Somebody else of the same organisation, who does not administer it."""
    scopes = caller.scopes - {Scope.ADMIN_ORGANIZATION.value}
    return replace(caller, subject=str(person or uuid4()), scopes=scopes)


async def exchanged(story: Story) -> dict[str, Any]:
    referral = await story.sent()
    await post(story, story.legal, referral, "Which mornings?")
    await post(story, story.clinic, referral, "Tuesdays.")
    await start(story, story.clinic, referral, PDF)
    return referral


async def read(story: Story, by: Caller, referral: dict[str, Any]) -> dict[str, Any]:
    answer = await story.referrals.answer(by, ASKED, id=referral["id"])
    assert answer["errors"] == []
    found = dict(answer["data"]["referral"])
    found["texts"] = {one["text"] for one in found.pop("messages")["nodes"]}
    if None in found["texts"]:
        assert "GENERALISED" in {one["reason"] for one in answer["extensions"]["redactions"]}
    return found


async def test_r13_a_colleague_reads_neither_messages_nor_documents_of_anothers_referral(
    story: Story,
) -> None:
    referral = await exchanged(story)

    assert await read(story, colleague_of(story.clinic), referral) == NOTHING
    whole = await read(story, story.clinic, referral)
    assert whole["texts"] == {"Which mornings?", "Tuesdays."}
    assert len(whole["attachments"]) == 1


async def test_r13_all_of_the_recipients_staff_reads_what_was_exchanged(story: Story) -> None:
    referral = await exchanged(story)

    found = await read(story, colleague_of(story.legal), referral)

    assert found["texts"] == {"Which mornings?", "Tuesdays."}


async def test_r13_a_colleague_reads_what_they_wrote_themselves_and_no_more(story: Story) -> None:
    referral = await exchanged(story)
    colleague = colleague_of(story.clinic)

    await post(story, colleague, referral, "I stand in this week.")

    assert (await read(story, colleague, referral))["texts"] == {"I stand in this week.", None}


async def test_r13_who_the_author_hands_it_on_to_reads_in_the_authors_place(story: Story) -> None:
    referral = await exchanged(story)
    author, person = replace(story.clinic, scopes=colleague_of(story.clinic).scopes), uuid4()
    successor = colleague_of(story.clinic, person)

    await assign(story, author, referral, str(person))

    assert (await read(story, successor, referral))["narrative"] == "Renewal due in May; works mornings."
    assert await read(story, author, referral) != NOTHING  # what they wrote stays theirs to read
    assert (await read(story, author, referral))["narrative"] is None
    await assign(story, successor, referral, None)
    assert (await read(story, author, referral))["narrative"] is not None
    assert await read(story, successor, referral) == NOTHING


async def test_r13_to_take_on_a_colleagues_work_opens_nothing_but_an_administrator_may_give_it(
    story: Story,
) -> None:
    referral, person = await exchanged(story), uuid4()
    taker = colleague_of(story.clinic, person)

    taken = await assign(story, taker, referral, str(person))
    before = await read(story, taker, referral)
    administrator = replace(story.clinic, subject="administrator")
    await assign(story, administrator, referral, str(person))

    assert taken["referral"]["assignee"] == str(person)
    assert before == NOTHING
    assert (await read(story, taker, referral))["texts"] == {"Which mornings?", "Tuesdays."}


@pytest.mark.parametrize("who", ["colleague", "recipient"])
async def test_r13_postgres_lets_nobody_make_themselves_the_author(
    story: Story, database: Database, who: str
) -> None:
    referral = await story.sent()
    caller = colleague_of(story.clinic) if who == "colleague" else replace(story.legal, subject="another")

    with pytest.raises(DBAPIError, match="for the other side"):
        async with database.transaction(caller) as session:
            await session.execute(
                text("UPDATE referrals SET author = :me WHERE id = :id"),
                {"me": caller.subject, "id": UUID(referral["id"])},
            )
