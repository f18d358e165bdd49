"""Inbox and outbox in each of their orders; what an order tells of a referral is told by the one rule (R7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from services.referrals.models import Referral
from tests.referrals.story import Story
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id

ORDERS = ("CREATED_DESC", "CREATED_ASC", "DUE_ASC", "CHANGED_DESC", "CHANGED_ASC")


async def walked(story: Story, by: Caller, box: str, order: str, *states: str) -> list[str]:
    """All ids of a box, by pages of two."""
    document = f"""query($after: String, $states: [ReferralState!]) {{
      {box}(orderBy: {order}, filter: {{states: $states}}, first: 2, after: $after) {{
        nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    found: list[str] = []
    after = None
    while True:
        page = (await story.referrals.data(by, document, after=after, states=list(states) or None))[box]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


async def boxes(story: Story, database: Database) -> list[Any]:
    """Five referrals of which the first four are due, the latest of them first, and of which the second changed last."""
    sent = [await story.sent() for _ in range(5)]
    await story.move(story.legal, sent[3], "OPEN")
    now = datetime.now(UTC)
    async with database.transaction(system_caller(new_id())) as session:
        for number, one in enumerate(sent):
            due = now + timedelta(hours=9 - number) if number < 4 else None
            at = now + timedelta(hours=number % 2, minutes=-number)
            changing = update(Referral).where(Referral.id == UUID(one["id"]))
            await session.execute(
                changing.values(due_at=due, updated_at=at, told_at=at + timedelta(days=-number))
            )
        ids = [UUID(one["id"]) for one in sent]
        return list(await session.scalars(select(Referral).where(Referral.id.in_(ids))))


@pytest.mark.parametrize("box", ["inbox", "outbox"])
@pytest.mark.parametrize("states", [(), ("SENT",)], ids=["all", "by state"])
async def test_pages_in_each_order_make_the_box(
    story: Story, database: Database, box: str, states: tuple[str, ...]
) -> None:
    by = story.legal if box == "inbox" else story.clinic
    rows = [row for row in await boxes(story, database) if not states or row.state in states]

    changed = attrgetter("updated_at" if box == "inbox" else "told_at")

    walks = {order: await walked(story, by, box, order, *states) for order in ORDERS}

    expected = {
        "CREATED_DESC": sorted(rows, key=lambda row: row.id, reverse=True),
        "CREATED_ASC": sorted(rows, key=lambda row: row.id),
        "DUE_ASC": sorted((row for row in rows if row.due_at), key=lambda row: row.due_at),
        "CHANGED_DESC": sorted(rows, key=changed, reverse=True),
        "CHANGED_ASC": sorted(rows, key=changed),
    }
    assert walks == {order: [str(row.id) for row in found] for order, found in expected.items()}


async def test_r7_what_is_due_or_changed_is_no_way_to_learn_how_it_goes(story: Story) -> None:
    unreturned = await story.sent(purposes=("REFERRAL_DELIVERY",))
    returned = await story.sent()

    found = {order: await walked(story, story.clinic, "outbox", order) for order in ORDERS}

    assert found["CREATED_DESC"] == [returned["id"], unreturned["id"]]
    assert found["DUE_ASC"] == [returned["id"]]
    await story.move(story.legal, unreturned, "OPEN")
    assert await walked(story, story.clinic, "outbox", "CHANGED_DESC") == found["CHANGED_DESC"]
    assert await walked(story, story.legal, "inbox", "CHANGED_DESC") == [unreturned["id"], returned["id"]]


async def test_a_cursor_of_one_order_is_none_of_another(story: Story) -> None:
    await story.sent()
    await story.sent()
    page = "inbox(orderBy: %s, first: 1, after: $after) { pageInfo { endCursor } }"
    first = await story.referrals.data(
        story.legal, f"query($after: String) {{ {page % 'CREATED_DESC'} }}", after=None
    )
    cursor = first["inbox"]["pageInfo"]["endCursor"]

    answer = await story.referrals.answer(
        story.legal, f"query($after: String) {{ {page % 'CREATED_ASC'} }}", after=cursor
    )

    assert [one["extensions"]["code"] for one in answer["errors"]] == ["BAD_CURSOR"]


@pytest.mark.parametrize(
    ("order", "index"),
    [
        ("sender_id = {} AND state = 'SENT' ORDER BY told_at DESC, id DESC", "sender_id_state_told_at_id"),
        ("recipient_id = {} AND state = 'SENT' ORDER BY updated_at, id", "recipient_id_state_updated_at_id"),
        ("sender_id = {} AND due_at IS NOT NULL ORDER BY due_at, id", "sender_id_due_at_id"),
        ("recipient_id = {} AND due_at IS NOT NULL ORDER BY due_at, id", "recipient_id_due_at_id"),
    ],
)
async def test_each_order_has_its_index(database: Database, order: str, index: str) -> None:
    """Whatever else there is in a small table: that the rows come out of it in order, and are not sorted."""
    whose = f"'{new_id()}'"
    asked = f"EXPLAIN SELECT id FROM referrals WHERE {order.format(whose)} LIMIT 21"
    async with database.transaction(system_caller(new_id())) as session:
        for one in ("enable_seqscan", "enable_bitmapscan", "enable_sort", "enable_incremental_sort"):
            await session.execute(text(f"SET LOCAL {one} = off"))
        plan = "\n".join(await session.scalars(text(asked)))

    assert f"ix_referrals_{index}" in plan
    assert "Sort" not in plan
