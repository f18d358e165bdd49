"""What the workers on both sides of a referral write to each other, and for how long."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.referrals.app import ROUNDS
from services.referrals.models import DataKey, Message, MessageRead
from tests.referrals.story import Story
from vereda.caller import Caller, system_caller
from vereda.database import Database, count_statements
from vereda.ids import new_id
from vereda.rounds import make

POST = """mutation($input: PostMessageInput!) { postMessage(input: $input) { __typename
  ... on MessagePosted { posted { id text privileged unread writtenBy author { id } } }
  ... on SensitiveText { field kind } ... on NotAllowed { message } ... on InvalidInput { problems { field } } } }"""
MARK = """mutation($input: MarkMessagesReadInput!) { markMessagesRead(input: $input) { __typename
  ... on MessagesMarked { referral { unreadMessages } } ... on InvalidInput { problems { field } } } }"""
THREAD = """query($id: ID!, $first: Int, $after: String) { referral(id: $id) { unreadMessages
  messages(first: $first, after: $after) { nodes { id text unread writtenBy author { id } }
    pageInfo { hasNextPage endCursor } } } }"""


async def post(story: Story, by: Caller, referral: dict[str, Any], words: str, **more: Any) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), "referral": referral["id"], "text": words, **more}
    return dict((await story.referrals.data(by, POST, input=given))["postMessage"])


async def thread(story: Story, by: Caller, referral: dict[str, Any], **page: Any) -> dict[str, Any]:
    return await story.referrals.answer(by, THREAD, id=referral["id"], **page)


async def texts(story: Story, by: Caller, referral: dict[str, Any]) -> list[str | None]:
    answer = await thread(story, by, referral)
    return [node["text"] for node in answer["data"]["referral"]["messages"]["nodes"]]


async def test_both_sides_write_and_read(story: Story) -> None:
    referral = await story.sent()

    asked = await post(story, story.legal, referral, "Which mornings?")
    await post(story, story.clinic, referral, "Tuesdays.")

    assert await texts(story, story.clinic, referral) == ["Tuesdays.", "Which mornings?"]
    assert await texts(story, story.legal, referral) == ["Tuesdays.", "Which mornings?"]
    assert asked["posted"]["author"] == {"id": str(story.legal.organization)}
    seen = (await thread(story, story.clinic, referral))["data"]["referral"]["messages"]["nodes"]
    assert [node["writtenBy"] for node in seen] == [story.clinic.subject, None]  # no name of another's worker


async def test_it_is_paged(story: Story) -> None:
    referral = await story.sent()
    for number in range(3):
        await post(story, story.clinic, referral, f"Number {number}")

    first = (await thread(story, story.legal, referral, first=2))["data"]["referral"]["messages"]
    after = first["pageInfo"]["endCursor"]
    rest = (await thread(story, story.legal, referral, first=2, after=after))["data"]["referral"]["messages"]

    assert [node["text"] for node in first["nodes"] + rest["nodes"]] == ["Number 2", "Number 1", "Number 0"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_unread_is_counted_for_an_organisation_and_marked_by_any_of_its_workers(story: Story) -> None:
    referral = await story.sent()
    written = [(await post(story, story.clinic, referral, f"Number {n}"))["posted"]["id"] for n in range(3)]

    async def unread(by: Caller) -> int:
        return int((await thread(story, by, referral))["data"]["referral"]["unreadMessages"])

    async def mark(by: Caller, key: str) -> None:
        given = {"idempotencyKey": key, "referral": referral["id"], "messages": written[:2]}
        await story.referrals.data(by, MARK, input=given)

    before = await unread(story.legal), await unread(story.clinic)
    for key in ("one", "one", "two"):
        await mark(story.legal, key)
    await mark(story.school, "three")  # who is not part of it marks nothing

    assert before == (3, 0)
    assert (await unread(story.legal), await unread(story.clinic)) == (1, 0)
    nodes = (await thread(story, story.legal, referral))["data"]["referral"]["messages"]["nodes"]
    assert [node["unread"] for node in nodes] == [True, False, False]


async def test_the_same_key_posts_once(story: Story) -> None:
    referral = await story.sent()

    one = await post(story, story.clinic, referral, "Once.", idempotencyKey="once")
    two = await post(story, story.clinic, referral, "Once.", idempotencyKey="once")

    assert one == two
    assert await texts(story, story.clinic, referral) == ["Once."]


async def test_a_message_is_screened_r2(story: Story) -> None:
    referral = await story.sent()

    refused = await post(story, story.clinic, referral, "A123456789, please be quick")

    assert (refused["__typename"], refused["field"]) == ("SensitiveText", "text")
    assert await texts(story, story.clinic, referral) == []


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001])
async def test_a_message_has_words_and_is_short(story: Story, words: str) -> None:
    refused = await post(story, story.clinic, await story.sent(), words)

    assert refused["problems"] == [{"field": "text"}]


async def test_nothing_goes_back_without_status_back_r7(story: Story) -> None:
    referral = await story.sent(purposes=("REFERRAL_DELIVERY",))

    refused = await post(story, story.legal, referral, "He came.")
    await post(story, story.clinic, referral, "Bring the letter.")

    assert (refused["__typename"], "STATUS_BACK" in refused["message"]) == ("NotAllowed", True)
    assert await texts(story, story.legal, referral) == ["Bring the letter."]


async def test_a_legal_recipient_reads_and_writes_nothing_before_its_conflict_check_is_cleared_r14(
    story: Story,
) -> None:
    referral = await story.sent(legal=True)
    await post(story, story.clinic, referral, "The landlord is Mr. Brandt.")

    before = await thread(story, story.legal, referral)
    refused = await post(story, story.legal, referral, "Who is the landlord?")
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK", "CLEAR_CONFLICT")
    after = await texts(story, story.legal, referral)

    seen = before["data"]["referral"]
    assert ([node["text"] for node in seen["messages"]["nodes"]], seen["unreadMessages"]) == ([None], None)
    assert {r["reason"] for r in before["extensions"]["redactions"]} == {"CONFLICT_CHECK_PENDING"}
    assert refused["__typename"] == "NotAllowed"
    assert after == ["The landlord is Mr. Brandt."]


async def test_the_database_alone_withholds_the_threads_key_until_then_r14(
    story: Story, database: Database
) -> None:
    referral = await story.sent(legal=True)
    await post(story, story.clinic, referral, "The landlord is Mr. Brandt.")

    async def groups() -> set[str]:
        async with database.transaction(story.legal) as session:
            found = select(DataKey.key_group).where(DataKey.referral_id == referral["id"])
            return {one.value for one in await session.scalars(found)}

    assert "THREAD" not in await groups()
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK", "CLEAR_CONFLICT")
    assert "THREAD" in await groups()


@pytest.mark.parametrize("side", ["clinic", "legal"])
async def test_a_privileged_message_is_its_own_organisations_alone_r15(
    story: Story, database: Database, side: str
) -> None:
    referral = await story.sent(legal=True)
    mine, other = (story.clinic, story.legal) if side == "clinic" else (story.legal, story.clinic)

    posted = await post(story, mine, referral, "Strategy: ask for a hearing.", privileged=True)

    assert posted["posted"]["privileged"] is True
    assert await texts(story, mine, referral) == ["Strategy: ask for a hearing."]
    answer = await thread(story, other, referral)
    assert answer["data"]["referral"]["messages"]["nodes"] == []
    assert answer["data"]["referral"]["unreadMessages"] in (0, None)
    async with database.transaction(other) as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0
        keys = await session.scalars(select(DataKey.key_group).where(DataKey.referral_id == referral["id"]))
        assert not [one for one in keys if one.value.startswith("PRIVILEGED")]


async def test_revocation_ends_the_thread_and_destroys_its_key_r9_r22(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await post(story, story.clinic, referral, "Tuesdays.")
    await post(story, story.legal, referral, "For us alone.", privileged=True)

    await story.revoke(story.clinic, referral["consent"])

    for by in (story.clinic, story.legal):
        assert set(await texts(story, by, referral)) == {None}
        assert (await post(story, by, referral, "Still there?"))["__typename"] == "NotAllowed"
    assert (await post(story, story.legal, referral, "Still?", privileged=True))["__typename"] == "NotAllowed"
    async with database.transaction(system_caller(new_id())) as session:
        keys = await session.scalars(select(DataKey).where(DataKey.referral_id == referral["id"]))
        assert {key.wrapped for key in keys} == {None}


async def test_a_message_is_deleted_when_its_time_is_over_and_unseen_from_that_moment(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    gone = (await post(story, story.clinic, referral, "Old."))["posted"]["id"]
    await post(story, story.clinic, referral, "New.")
    given = {"idempotencyKey": "m", "referral": referral["id"], "messages": [gone]}
    await story.referrals.data(story.legal, MARK, input=given)
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Message, gone)
        assert row.expires_at - row.written_at == timedelta(days=story.referrals.settings.message_days)
        row.expires_at = datetime.now(UTC)

    unseen = await texts(story, story.legal, referral)
    [round_] = [one for one in ROUNDS if one.name == "let messages go"]
    deleted = await make(round_, database, story.referrals.settings)

    assert unseen == ["New."]
    assert deleted == 1
    async with database.transaction(system_caller(new_id())) as session:
        assert await session.get(Message, gone) is None
        marks = select(func.count()).select_from(MessageRead).where(MessageRead.message_id == gone)
        assert await session.scalar(marks) == 0


async def test_a_thread_that_ended_long_ago_is_closed_to_the_recipient_r6(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await post(story, story.clinic, referral, "Tuesdays.")
    await story.moves(story.legal, referral, ("DECLINE", {"reason": "OUT_OF_AREA"}))
    async with database.transaction(system_caller(new_id())) as session:
        long_ago = datetime.now(UTC) - timedelta(days=31)
        await session.execute(
            text("UPDATE referrals SET ended_at = :at WHERE id = :id"), {"at": long_ago, "id": referral["id"]}
        )

    answer = await thread(story, story.legal, referral)

    assert [node["text"] for node in answer["data"]["referral"]["messages"]["nodes"]] == [None]
    assert {r["reason"] for r in answer["extensions"]["redactions"]} == {"REFERRAL_CLOSED"}
    assert (await post(story, story.clinic, referral, "More."))["__typename"] == "NotAllowed"


async def test_who_is_not_part_of_it_can_neither_write_nor_read_r16(story: Story) -> None:
    referral = await story.sent()
    await post(story, story.clinic, referral, "Tuesdays.")

    refused = await post(story, story.school, referral, "Hello?")
    nowhere = await post(story, story.school, {"id": str(new_id())}, "Hello?")

    assert refused == nowhere == {"__typename": "NotFound"}
    assert (await thread(story, story.school, referral))["data"]["referral"] is None


async def test_what_was_written_cannot_be_changed_or_signed_by_another_even_in_the_database(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await post(story, story.clinic, referral, "Tuesdays.")

    forged = Message(
        organization_id=story.clinic.organization,
        referral_id=referral["id"],
        author="x",
        privileged=False,
        text_sealed=b"x",
        written_at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(story.legal) as session:
            session.add(forged)
    for statement in ("UPDATE messages SET privileged = true", "DELETE FROM messages"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction(story.clinic) as session:
                await session.execute(text(statement))


async def test_nothing_of_it_is_readable_in_the_table_r21(story: Story, database: Database) -> None:
    referral = await story.sent()
    await post(story, story.clinic, referral, "canary 5512")
    await post(story, story.legal, referral, "canary 5513", privileged=True)

    async with database.transaction(system_caller(new_id())) as session:
        stored = "\n".join(await session.scalars(text("SELECT t::text FROM messages t")))

    assert "canary" not in stored
    assert b"canary".hex() not in stored


async def test_the_number_of_sql_statements_does_not_grow_with_the_page(
    story: Story, database: Database
) -> None:
    for _ in range(4):
        referral = await story.sent()
        for number in range(3):
            await post(story, story.clinic, referral, f"Number {number}")
    document = """query($n: Int!) { inbox(first: $n) { nodes { unreadMessages
      messages(first: 2) { nodes { text unread author { id } } } } } }"""
    statements = count_statements(database)

    async def count(first: int) -> int:
        del statements[:]
        await story.referrals.data(story.legal, document, n=first)
        return len(statements)

    assert await count(1) == await count(4)


async def test_both_sides_may_be_the_first_at_once_and_there_is_one_key(
    story: Story, database: Database
) -> None:
    referral = await story.sent()

    await asyncio.gather(
        *(post(story, by, referral, f"Number {n}") for n in range(3) for by in (story.clinic, story.legal))
    )

    async with database.transaction(system_caller(new_id())) as session:
        keys = await session.scalars(
            select(DataKey).where(DataKey.referral_id == referral["id"], DataKey.key_group == "THREAD")
        )
        assert len(keys.all()) == 1
    for by in (story.clinic, story.legal):
        assert sorted(map(str, await texts(story, by, referral))) == sorted(
            f"Number {n}" for n in (0, 0, 1, 1, 2, 2)
        )


@pytest.mark.parametrize("side", ["clinic", "legal"])
async def test_a_request_for_another_purpose_reads_no_messages_r18(story: Story, side: str) -> None:
    referral = await story.sent()
    await post(story, story.clinic, referral, "Tuesdays.")
    by = replace(story.clinic if side == "clinic" else story.legal, purpose="STATUS_BACK")

    answer = await thread(story, by, referral)

    assert [node["text"] for node in answer["data"]["referral"]["messages"]["nodes"]] == [None]
    assert {r["reason"] for r in answer["extensions"]["redactions"]} == {"NOT_FOR_PURPOSE"}
