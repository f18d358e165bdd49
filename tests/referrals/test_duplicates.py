"""Possible duplicates are suggested inside one organisation, linked by people, and never merged."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from services.referrals.models import Client
from services.referrals.operations.duplicates import index_names
from tests.referrals.story import Story
from tests.referrals.test_erasing import CLIENT, erased
from vereda.caller import Caller, system_caller
from vereda.ids import new_id
from vereda.rounds import Round, make

POSSIBLE = "query($h: ID!) { possibleDuplicates(handle: $h) { handle score likenesses } }"
LINKS = "query($h: ID!) { clientLinks(handle: $h) { id other evidence } }"
LINK = """mutation($input: LinkClientsInput!) { done: linkClients(input: $input) { __typename
  ... on ClientsLinked { link { id } } ... on NotFound { code } ... on InvalidInput { problems { field } } } }"""
UNLINK = """mutation($input: UnlinkClientsInput!) { done: unlinkClients(input: $input) { __typename
  ... on ClientsUnlinked { link { id unlinkedAt } } ... on NotFound { code } } }"""


async def possible(story: Story, handle: str, by: Caller | None = None) -> Any:
    found = await story.referrals.data(by or story.clinic, POSSIBLE, h=handle)
    return found["possibleDuplicates"]


async def linked(story: Story, one: str, other: str, by: Caller | None = None) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), "client": one, "other": other, "evidence": ["PHONE_SAME"]}
    return dict((await story.referrals.data(by or story.clinic, LINK, input=given))["done"])


async def links(story: Story, handle: str) -> Any:
    return (await story.referrals.data(story.clinic, LINKS, h=handle))["clientLinks"]


async def test_a_record_of_the_same_person_is_suggested_and_no_value_is_told(story: Story) -> None:
    one = await story.client("María Guadalupe Núñez Soto")
    other = await story.client("Nuñes Soto, Ma. Lupe")
    await story.client("Rogelio Palomares Tovar")

    (found,) = await possible(story, one)

    assert found["handle"] == other
    assert found["score"] >= 60
    assert "PHONE_SAME" in found["likenesses"]
    assert [back["handle"] for back in await possible(story, other)] == [one]


async def test_nobody_is_suggested_across_organisations(story: Story) -> None:
    one = await story.client("Elvia Quiñones Rentería")
    theirs = Story(story.referrals, clinic=story.school)
    same = await theirs.client("Elvia Quiñones Rentería")

    assert await possible(story, one) == []
    assert await possible(story, one, by=story.school) is None
    assert (await linked(story, one, same))["code"] == "NOT_FOUND"


async def test_a_link_shows_on_both_and_is_taken_back(story: Story) -> None:
    one, other = await story.client("Ana Uno Tres"), await story.client("Ana Dos Tres")

    done = await linked(story, one, other)
    again = await linked(story, other, one)

    assert done["link"] == again["link"]
    (seen,), (back,) = await links(story, one), await links(story, other)
    assert (seen["other"], back["other"], seen["evidence"]) == (other, one, ["PHONE_SAME"])
    given = {"idempotencyKey": "u", "id": done["link"]["id"]}
    foreign = await story.referrals.data(story.legal, UNLINK, input=given)
    assert foreign["done"]["code"] == "NOT_FOUND"
    taken = await story.referrals.data(story.clinic, UNLINK, input=given)
    assert taken["done"]["link"]["unlinkedAt"] is not None
    assert await links(story, one) == await links(story, other) == []


async def test_a_link_changes_no_consent_and_merges_nothing(story: Story) -> None:
    sent = await story.sent()
    other = await story.client("Somebody Written Twice")

    await linked(story, sent["client"], other)

    handle = (await story.seen(story.legal, sent["id"]))["data"]["referral"]["client"]["handle"]
    assert (await story.referrals.data(story.legal, LINKS, h=handle))["clientLinks"] is None
    own = (await story.referrals.data(story.clinic, CLIENT, h=other))["client"]
    assert own["displayName"] == "Somebody Written Twice"
    assert own["referrals"]["edges"] == []


async def test_nobody_is_linked_with_themselves_or_on_no_evidence(story: Story) -> None:
    one = await story.client()
    given = {"idempotencyKey": str(new_id()), "client": one, "other": await story.client(), "evidence": []}

    assert [p["field"] for p in (await linked(story, one, one))["problems"]] == ["other"]
    done = await story.referrals.data(story.clinic, LINK, input=given)
    assert [p["field"] for p in done["done"]["problems"]] == ["evidence"]


async def test_r22_an_erased_client_is_suggested_no_more(story: Story) -> None:
    one, other = await story.client("Zenaida Urbina Yáñez"), await story.client("Zenaida Urbina Yáñez")
    assert [found["handle"] for found in await possible(story, one)] == [other]

    await erased(story, other)

    assert await possible(story, one) == []


async def test_who_was_recorded_before_there_was_an_index_is_put_into_it(story: Story) -> None:
    one, other = await story.client("Hilario Valdivia Tovar"), await story.client("Hilario Baldivia Tovar")
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        await session.execute(update(Client).where(Client.erased_at.is_(None)).values(match_index=[]))
    assert await possible(story, one) == []

    await make(Round(f"index {new_id()}", 1, index_names), story.referrals.database, story.referrals.settings)

    assert [found["handle"] for found in await possible(story, one)] == [other]
