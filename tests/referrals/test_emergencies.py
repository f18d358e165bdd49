"""Breaking the glass: for danger to life, by one person, for an hour, of two classes, and never unseen (R29)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.referrals.app import SERVICE
from services.referrals.models import EmergencyAccess, OutboxEvent
from services.referrals.rounds import ROUNDS
from tests.referrals.story import EVERYTHING, Story
from tests.support.databases import Databases, for_want_of_a_right
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import make

OPEN = """mutation($input: OpenInEmergencyInput!) { openInEmergency(input: $input) { __typename
  ... on EmergencyOpened { access { id expiresAt openedAt statement openedBy } } ... on Refusal { code }
  ... on InvalidInput { problems { field } } } }"""
REVIEW = """mutation($input: ReviewEmergencyInput!) { reviewEmergency(input: $input) { __typename
  ... on EmergencyReviewed { access { reviews { justified organization { id } } } } ... on Refusal { code } } }"""
TOLD = """mutation($input: RecordClientToldInput!) { recordClientTold(input: $input) { __typename
  ... on ClientTold { access { clientToldAt } } } }"""
ACCESSES = """query($toDo: Boolean!) { emergencyAccesses(filter: {toDo: $toDo}) { nodes { id danger statement openedBy overdue
  reviews { justified } clientToldAt client { handle } } } }"""
SEEN = """query($id: ID!) { client(handle: $id) { displayName contacts { value } language referrals { nodes { narrative } } } }"""
WHY = "Said on the phone that he will not be there tomorrow; we must reach her brother."


@pytest_asyncio.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    yield await databases.of("referrals", SERVICE.folder)


@pytest.fixture
def person(story: Story) -> Caller:
    """Somebody of the legal provider, signed in."""
    return replace(story.legal, subject="ines", authenticated_at=datetime.now(UTC))


async def known(story: Story, **more: Any) -> str:
    """The legal provider's handle of a client whose consent was taken back."""
    referral = await story.sent(**more)
    seen = (await story.seen(story.legal, referral["id"]))["data"]["referral"]
    await story.revoke(story.clinic, referral["consent"])
    return str(seen["client"]["handle"])


async def opened(story: Story, by: Caller, handle: str, **more: Any) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "client": handle,
        "danger": "SELF_HARM",
        "statement": WHY,
        **more,
    }
    return dict((await story.referrals.data(by, OPEN, input=given))["openInEmergency"])


async def client(story: Story, by: Caller, handle: str) -> dict[str, Any]:
    return dict((await story.referrals.answer(by, SEEN, id=handle))["data"]["client"])


async def test_r29_it_opens_identity_and_contact_to_that_person_alone(story: Story, person: Caller) -> None:
    handle = await known(story)
    before = await client(story, person, handle)

    access = (await opened(story, person, handle))["access"]

    assert before["displayName"] is None
    assert await client(story, person, handle) == {
        "displayName": "Marisol Q.",
        "contacts": [{"value": "559-555-0101"}],
        "language": None,
        "referrals": {"nodes": [{"narrative": None}]},
    }
    lasts = datetime.fromisoformat(access["expiresAt"]) - datetime.fromisoformat(access["openedAt"])
    assert lasts == timedelta(hours=1)
    colleague = replace(person, subject="somebody else")
    assert (await client(story, colleague, handle))["displayName"] is None


async def test_r29_after_the_hour_it_is_shut_in_code_and_in_the_database(
    story: Story, person: Caller, database: Database
) -> None:
    handle = await known(story)
    access = (await opened(story, person, handle))["access"]
    keys = text("SELECT key_group FROM data_keys")
    async with database.transaction(person) as session:
        during = set(await session.scalars(keys))
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text("UPDATE emergency_accesses SET expires_at = now() - interval '1 second' WHERE id = :id"),
            {"id": access["id"]},
        )

    async with database.transaction(person) as session:
        after = set(await session.scalars(keys))

    assert during == {"IDENTITY", "CONTACT", "EMERGENCY"}
    assert after == set()
    assert (await client(story, person, handle))["displayName"] is None


@pytest.mark.parametrize(
    "more",
    [
        {"classes": (*EVERYTHING, "SURVIVOR")},
        {"legal": True},
    ],
    ids=["a survivor", "before the conflict check"],
)
async def test_r29_it_does_not_break_for_these_and_does_not_say_for_which(
    story: Story, person: Caller, more: dict[str, Any]
) -> None:
    refused = await opened(story, person, await known(story, **more))
    system = await opened(story, replace(person, authenticated_at=None), await known(story))

    assert refused == system == {"__typename": "EmergencyUnavailable", "code": "EMERGENCY_UNAVAILABLE"}


async def test_r29_the_database_alone_makes_no_row_for_a_survivor_nor_for_longer_nor_for_another(
    story: Story, person: Caller, database: Database
) -> None:
    handle = await known(story, classes=(*EVERYTHING, "SURVIVOR"))
    other = await known(story)
    insert = (
        "INSERT INTO emergency_accesses (id, organization_id, client_id, opened_by, danger, opened_at, expires_at)"
        " SELECT gen_random_uuid(), organization_id, client_id, {who}, 'VIOLENCE', now(), now() + interval '{lasts}'"
        " FROM client_handles WHERE handle = :handle"
    )

    async def made(of: str, who: str = "'ines'", lasts: str = "59 minutes") -> int:
        async with database.transaction(person) as session:
            try:
                done: Any = await session.execute(text(insert.format(who=who, lasts=lasts)), {"handle": of})
            except DBAPIError as error:
                if for_want_of_a_right(error):
                    return -1
                raise
            count = int(done.rowcount)
            await session.rollback()
            return count

    assert await made(handle) == 0
    assert await made(other) == 1
    assert await made(other, lasts="2 hours") == -1
    assert await made(other, who="'somebody else'") == -1


async def test_r29_the_danger_is_stated_in_words_that_are_screened(story: Story, person: Caller) -> None:
    handle = await known(story)
    given = {
        "client": handle,
        "danger": "VIOLENCE",
        "statement": f"{WHY} SSN 123-45-6789",
        "idempotencyKey": "k",
    }

    screened = await story.referrals.answer(person, OPEN, input=given)

    assert (await opened(story, person, handle, statement="soon"))["problems"] == [{"field": "statement"}]
    assert [error["extensions"]["code"] for error in screened["errors"]] == ["SENSITIVE_TEXT"]
    assert (await client(story, person, handle))["displayName"] is None


async def test_r29_two_people_review_it_neither_of_whom_opened_it_and_the_client_is_told(
    story: Story, person: Caller
) -> None:
    handle = await known(story)
    access = (await opened(story, person, handle))["access"]["id"]

    async def reviewed(by: Caller) -> dict[str, Any]:
        given = {"idempotencyKey": str(new_id()), "id": access, "justified": True}
        return dict((await story.referrals.data(by, REVIEW, input=given))["reviewEmergency"])

    async def to_do(by: Caller) -> list[dict[str, Any]]:
        nodes = (await story.referrals.data(by, ACCESSES, toDo=True))["emergencyAccesses"]["nodes"]
        return [one for one in nodes if one["id"] == access]

    waiting = await to_do(story.clinic)
    itself, director = await reviewed(person), await reviewed(replace(person, subject="director"))
    again, home = await reviewed(replace(person, subject="another")), await reviewed(story.clinic)
    given = {"idempotencyKey": str(new_id()), "id": access}
    told = (await story.referrals.data(story.clinic, TOLD, input=given))["recordClientTold"]

    assert (waiting[0]["statement"], waiting[0]["openedBy"], waiting[0]["clientToldAt"]) == (WHY, None, None)
    assert itself["code"] == again["code"] == "NOT_ALLOWED"
    assert len(director["access"]["reviews"]) == 1
    assert len(home["access"]["reviews"]) == 2
    assert told["access"]["clientToldAt"] is not None
    assert await to_do(story.clinic) == []
    assert (await reviewed(replace(story.school, subject="stranger")))["code"] == "NOT_FOUND"
    wrong = {"idempotencyKey": str(new_id()), "id": access}
    assert (await story.referrals.data(person, TOLD, input=wrong))["recordClientTold"][
        "__typename"
    ] == "NotFound"


async def test_r29_a_round_tells_both_organisations_once_of_a_review_that_is_overdue(
    story: Story, person: Caller, database: Database
) -> None:
    access = (await opened(story, person, await known(story)))["access"]["id"]
    overdue = next(one for one in ROUNDS if one.name == "overdue emergency reviews")
    about = OutboxEvent.type == "org.vereda.emergency.review_overdue", OutboxEvent.subject == access

    async def heard(by: Caller) -> int:
        async with database.transaction(by) as session:
            return int(await session.scalar(select(func.count()).select_from(OutboxEvent).where(*about)) or 0)

    await make(overdue, database, story.referrals.settings)
    early = await heard(story.clinic)
    later = datetime.now(UTC) + timedelta(hours=73)
    for _ in range(2):
        await make(overdue, database, story.referrals.settings, clock=lambda: later)

    assert early == 0
    assert [await heard(by) for by in (story.clinic, story.legal, story.school)] == [1, 1, 0]
    async with database.transaction(system_caller(new_id())) as session:
        assert await session.scalar(
            select(EmergencyAccess.overdue_told_at).where(EmergencyAccess.id == access)
        )
