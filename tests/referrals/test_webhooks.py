"""What leaves this service for partners' own systems: nothing that the consent of this moment does not let them know."""

from __future__ import annotations

import asyncio

import orjson

from services.referrals.operations.webhooks import WEBHOOKS
from tests.kernel.receiver import OK, Receiver
from tests.referrals.story import Story
from vereda.caller import Caller, Scope
from vereda.feed.numbering import number
from vereda.ids import new_id
from vereda.rounds import Round, make
from vereda.webhooks.delivering import Deliverer

_REGISTER = """mutation($input: RegisterWebhookInput!) { registerReferralsWebhook(input: $input) {
  ... on WebhookRegistered { secret webhook { id state } } } }"""


async def registered(story: Story, who: Caller, url: str) -> None:
    administrator = Caller("administrator", who.organization, frozenset({Scope.ADMIN_ORGANIZATION.value}))
    given = {
        "idempotencyKey": str(new_id()),
        "url": url,
        "types": ["org.vereda.referral.", "org.vereda.consent."],
    }
    await story.referrals.data(administrator, _REGISTER, input=given)


async def delivered(story: Story) -> None:
    database, settings = story.referrals.database, story.referrals.settings
    await make(Round(f"feed {new_id()}", 3600, number), database, settings)
    deliverer = Deliverer(WEBHOOKS, database, settings)
    while await deliverer.start_due():
        await deliverer.settle()


def types(receiver: Receiver) -> list[str]:
    return [orjson.loads(one.body)["type"].removeprefix("org.vereda.") for one in receiver.requests]


async def test_r33_both_sides_are_told_by_ids_alone(story: Story) -> None:
    async with Receiver().running() as clinic, Receiver().running() as legal:
        await registered(story, story.clinic, clinic.url)
        await registered(story, story.legal, legal.url)
        referral = await story.sent()
        await story.move(story.legal, referral, "OPEN")

        await delivered(story)

    assert types(legal) == ["referral.send", "referral.open"]
    assert {"referral.send", "referral.open"} <= set(types(clinic))
    for one in legal.requests:
        assert orjson.loads(one.body)["data"] == {"referral": referral["id"]}


async def test_r9_a_consent_that_is_revoked_while_a_receiver_answers_empties_what_has_not_left_yet(
    story: Story,
) -> None:
    """Two referrals wait to be told of. While the first is, the client of the second takes the consent back."""
    async with Receiver().running() as legal:
        await registered(story, story.legal, legal.url)
        first, second = await story.sent(), await story.sent()

        async def revokes(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
            receiver.does = OK
            await story.revoke(story.clinic, second["consent"])
            await OK(receiver, writer)

        legal.does = revokes
        await delivered(story)
        await delivered(story)

    assert types(legal) == ["referral.send", "referral.revoke", "consent.revoked"]
    assert legal.requests[0].subject == first["id"]
    assert second["id"] not in str([one.body for one in legal.requests if one.subject == first["id"]])
