"""A consent is for one referral unless the client agreed to more; Postgres holds it too, whoever comes at once (R6)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.referrals.models import Referral
from tests.referrals.story import Story
from vereda.caller import system_caller
from vereda.database import Database
from vereda.ids import new_id

DRAFT = "... on DraftSaved { referral { id version } }"
DONE = "... on ConsentMissing { missing } ... on InvalidInput { problems { field problem } }"


async def draft(story: Story, client: str) -> dict[str, Any]:
    saved = await story.did(story.clinic, "saveDraft", DRAFT, client=client, needs=["legal.immigration"])
    return dict(saved["referral"])


async def send_draft(story: Story, one: dict[str, Any], consent: str, **more: Any) -> dict[str, Any]:
    given = {"id": one["id"], "expectedVersion": one["version"], "consent": consent}
    offered = more or {"offer": story.offer()}
    return await story.did(story.clinic, "sendDraft", DONE, **given, **offered)


async def under(database: Database, consent: str) -> int:
    async with database.transaction(system_caller(new_id())) as session:
        found = select(func.count()).select_from(Referral).where(Referral.consent_id == UUID(consent))
        return int(await session.scalar(found) or 0)


async def test_r6_of_all_that_are_sent_at_once_under_it_exactly_one_goes(
    story: Story, database: Database
) -> None:
    client = await story.client()
    both = (story.legal, story.school)
    consent = await story.consent(client, recipients=both, standing=False)
    drafts = [await draft(story, client) for _ in range(3)]
    openly = [story.offer(to=one, service=new_id()) for one in both]

    answers = await asyncio.gather(
        *(story.send(client, consent, story.offer()) for _ in range(3)),
        *(send_draft(story, one, consent) for one in drafts[:2]),
        send_draft(story, drafts[2], consent, openTo=openly),
    )

    kinds = sorted(one["__typename"] for one in answers)
    assert kinds == ["ConsentMissing"] * 5 + ["ReferralSent"]
    assert await under(database, consent) == 1


async def test_r6_two_transactions_that_ask_nobody_cannot_both_send_either(
    story: Story, database: Database
) -> None:
    client = await story.client()
    consent = await story.consent(client, standing=False)
    drafts = [await draft(story, client) for _ in range(2)]

    async def by_force(one: dict[str, Any]) -> bool:
        statement = text(
            "UPDATE referrals SET state = 'SENT', consent_id = :consent, recipient_id = :to, sent_at = now() WHERE id = :id"
        )
        given = {"consent": UUID(consent), "to": story.legal.organization, "id": UUID(one["id"])}
        try:
            async with database.transaction(story.clinic) as session:
                await session.execute(statement, given)
                await session.execute(text("SELECT pg_sleep(0.05)"))  # so that they overlap
        except DBAPIError as refused:
            return "for one referral" not in str(refused)
        return True

    assert sorted(await asyncio.gather(*(by_force(one) for one in drafts))) == [False, True]
    assert await under(database, consent) == 1
    async with database.transaction(
        system_caller(new_id())
    ) as session:  # no history led there: nothing is left of it
        back = "UPDATE referrals SET state = 'DRAFT', recipient_id = NULL, sent_at = NULL WHERE consent_id = :consent"
        await session.execute(text(back), {"consent": UUID(consent)})


async def test_r6_what_continues_a_referral_is_the_same_one(story: Story, database: Database) -> None:
    client = await story.client()
    consent = await story.consent(client, recipients=(story.legal, story.school), standing=False)
    referral = (await story.send(client, consent, story.offer()))["referral"]
    await story.moves(story.legal, referral, "OPEN", "OFFER_REDIRECT")

    elsewhere = story.offer(to=story.school, service=new_id())
    await story.moves(story.clinic, referral, ("AGREE_REDIRECT", {"offer": elsewhere}))

    assert await under(database, consent) == 2
    assert (await story.send(client, consent, story.offer()))["__typename"] == "ConsentMissing"


@pytest.mark.parametrize("taken", [False, True], ids=["free", "taken"])
async def test_r6_a_child_under_another_consent_takes_its_one(
    story: Story, database: Database, taken: bool
) -> None:
    client = await story.client()
    first = await story.consent(client, standing=False)
    other = await story.consent(client, recipients=(story.school,), standing=False)
    elsewhere = story.offer(to=story.school, service=new_id())
    referral = (await story.send(client, first, story.offer()))["referral"]
    await story.moves(story.legal, referral, "OPEN", ("DECLINE", {"reason": "NO_CAPACITY"}))
    if taken:
        assert (await story.send(client, other, elsewhere))["__typename"] == "ReferralSent"

    done = await story.did(
        story.clinic, "rematchReferral", DONE, id=referral["id"], offer=elsewhere, consent=other
    )

    assert done["__typename"] == ("ConsentMissing" if taken else "ReferralRematched")
    assert await under(database, other) == 1
