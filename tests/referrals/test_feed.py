"""The feed of people and hand-offs: what each side is told, decided when it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.referrals.events import EVENTS
from tests.referrals.story import Story
from vereda.caller import Caller
from vereda.feed.catalogue import entry
from vereda.feed.numbering import number
from vereda.ids import new_id
from vereda.rounds import Round, make

FEED = """query($after: String, $types: [String!]) { referralsFeed(after: $after, first: 100, types: $types) {
  events { id type subject sequence specversion source data } cursor hasMore newest } }"""


async def feed_of(story: Story, who: Caller, after: str | None = None, **more: Any) -> dict[str, Any]:
    await make(Round(f"feed {new_id()}", 3600, number), story.referrals.database, story.referrals.settings)
    return dict((await story.referrals.data(who, FEED, after=after, **more))["referralsFeed"])


async def told(story: Story, who: Caller, after: str | None = None) -> list[str]:
    found = await feed_of(story, who, after)
    return [event["type"].removeprefix("org.vereda.") for event in found["events"]]


async def now(story: Story, who: Caller) -> str:
    return str((await feed_of(story, who))["newest"])


async def test_each_side_is_told_what_the_other_does_under_an_id_that_both_share(story: Story) -> None:
    ours, theirs = await now(story, story.clinic), await now(story, story.legal)
    referral = await story.sent()
    await story.move(story.legal, referral, "OPEN")

    clinic, legal = await feed_of(story, story.clinic, ours), await feed_of(story, story.legal, theirs)

    opened = {event["type"]: event for event in legal["events"]}["org.vereda.referral.open"]
    assert opened["data"] == {"referral": referral["id"]}
    assert (opened["source"], opened["specversion"]) == ("/referrals", "1.0")
    assert opened["id"] in {event["id"] for event in clinic["events"]}
    assert [event["type"].removeprefix("org.vereda.") for event in legal["events"]] == [
        "referral.send",
        "referral.open",
    ]


async def test_nobody_else_is_told_anything(story: Story) -> None:
    before = await now(story, story.school)
    await story.sent()

    assert await told(story, story.school, before) == []


async def test_r9_a_revoked_consent_empties_what_its_recipient_has_not_read_yet(story: Story) -> None:
    before = await now(story, story.legal)
    referral = await story.sent()
    await story.revoke(story.clinic, referral["consent"])

    assert await told(story, story.legal, before) == ["withheld", "referral.revoke", "consent.revoked"]
    withheld = (await feed_of(story, story.legal, before))["events"][0]
    assert (withheld["subject"], withheld["data"]) == (None, {})


async def test_r9_a_recipient_keeps_what_it_did_itself(story: Story) -> None:
    referral = await story.sent()
    before = await now(story, story.legal)
    await story.move(story.legal, referral, "OPEN")
    await story.revoke(story.clinic, referral["consent"])

    assert (await told(story, story.legal, before))[0] == "referral.open"


async def test_r7_a_sender_without_status_back_is_told_no_more_than_that_it_is_over(story: Story) -> None:
    referral = await story.sent(purposes=["REFERRAL_DELIVERY"])
    before = await now(story, story.clinic)
    opened = await story.move(story.legal, referral, "OPEN")
    await story.move(story.legal, {**referral, **opened["referral"]}, "DECLINE", reason="NO_CAPACITY")

    assert await told(story, story.clinic, before) == ["referral.closed"]


async def test_r7_a_sender_whose_client_takes_the_consent_back_is_not_told_what_went_before(
    story: Story,
) -> None:
    referral = await story.sent()
    before = await now(story, story.clinic)
    await story.move(story.legal, referral, "OPEN")
    await story.revoke(story.clinic, referral["consent"])

    assert (await told(story, story.clinic, before))[0] == "withheld"


async def test_types_choose_and_the_cursor_passes_over_the_rest(story: Story) -> None:
    before = await now(story, story.clinic)
    await story.sent()

    found = await feed_of(story, story.clinic, before, types=["org.vereda.referral.send"])

    assert [event["type"] for event in found["events"]] == ["org.vereda.referral.send"]
    assert (found["cursor"], found["hasMore"]) == (found["newest"], False)


async def test_sequences_have_no_gap_and_are_ordered_as_text(story: Story) -> None:
    await story.sent()
    sequences = [event["sequence"] for event in (await feed_of(story, story.clinic))["events"]]

    assert sequences == sorted(sequences)
    assert [int(one) for one in sequences] == list(
        range(int(sequences[0]), int(sequences[0]) + len(sequences))
    )


async def test_the_feed_is_for_who_may_read_clients(story: Story) -> None:
    nobody = replace(story.clinic, scopes=frozenset())
    answer = await story.referrals.answer(nobody, FEED)

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_what_is_not_in_the_catalogue_cannot_be_told() -> None:
    with pytest.raises(KeyError, match="not in the service's catalogue"):
        entry(EVENTS, "referral.something_new")
