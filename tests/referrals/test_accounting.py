"""Who saw this person's record? (R28): answered to their home at once, and to themselves in their own language."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.referrals.domain.accounting import SENTENCES, How, Told, account, gathered
from services.referrals.domain.consent import DataClass, Purpose
from services.referrals.domain.emergencies import PURPOSE as EMERGENCY
from services.referrals.models import AuditEntry, OutboxEvent
from services.referrals.operations.accounting import catalogue
from tests.referrals.story import EVERYTHING, Story
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.ids import new_id
from vereda.rounds import NOBODY

WHO = """query($h: ID!) { client(handle: $h) { disclosures { edges { node {
  how dataClasses purpose consent recipient { id } } } } } }"""
ACCOUNT = """mutation($input: GiveAccountInput!) { giveAccount(input: $input) { __typename
  ... on AccountGiven { text whole lines { how recipient { id } } } ... on InvalidInput { problems { field } } } }"""
NAME = "query($id: ID!) { referral(id: $id) { client { handle displayName } } }"


async def read_by(story: Story, reader: Caller, referral: dict[str, Any]) -> str:
    """The reader's handle of the client, once it has read their name."""
    return str((await story.referrals.data(reader, NAME, id=referral["id"]))["referral"]["client"]["handle"])


async def who(story: Story, asking: Caller, handle: str) -> list[dict[str, Any]]:
    client = (await story.referrals.data(asking, WHO, h=handle))["client"]
    return [edge["node"] for edge in client["disclosures"]["edges"]]


async def given_account(story: Story, by: Caller, handle: str, **more: Any) -> dict[str, Any]:
    asked = {
        "idempotencyKey": str(new_id()),
        "client": handle,
        "language": "spa",
        "clientAsked": True,
        **more,
    }
    return dict((await story.referrals.data(by, ACCOUNT, input=asked))["giveAccount"])


async def test_r28_the_home_sees_who_was_sent_what_and_who_read_it(story: Story) -> None:
    referral = await story.sent()
    await read_by(story, story.legal, referral)

    read, sent = await who(story, story.clinic, referral["client"])

    legal = {"id": str(story.legal.organization)}
    assert (sent["how"], sent["recipient"], sent["consent"]) == ("SENT", legal, referral["consent"])
    assert (read["how"], read["recipient"], read["dataClasses"]) == ("READ", legal, ["IDENTITY"])
    assert read["purpose"] == "REFERRAL_DELIVERY"


async def test_r28_past_disclosures_stay_listed_after_a_revocation(story: Story) -> None:
    referral = await story.sent()
    await read_by(story, story.legal, referral)
    before = await who(story, story.clinic, referral["client"])

    await story.revoke(story.clinic, referral["consent"])

    assert await who(story, story.clinic, referral["client"]) == before


async def test_r28_a_recipient_sees_its_own_part_and_nothing_of_the_others(story: Story) -> None:
    client = await story.client()
    handles = {}
    for reader in (story.legal, story.school):
        consent = await story.consent(client, recipients=(reader,))
        sent = await story.send(client, consent, story.offer(to=reader, service=new_id()))
        handles[reader.organization] = await read_by(story, reader, sent["referral"])

    seen = await who(story, story.legal, handles[story.legal.organization])

    assert {one["recipient"]["id"] for one in seen} == {str(story.legal.organization)}
    assert len(await who(story, story.clinic, client)) == 4


async def test_r16_of_a_survivors_referral_colleagues_of_its_author_see_no_disclosure(story: Story) -> None:
    client = await story.client()
    consent = await story.consent(client, (*EVERYTHING, "SURVIVOR"))
    sent = await story.send(client, consent, story.offer(survivor=True))
    assert sent["__typename"] == "ReferralSent"
    colleague = caller_of(story.clinic.organization, subject="colleague")

    assert await who(story, colleague, client) == []
    assert len(await who(story, story.clinic, client)) == 1


async def test_r28_the_client_is_given_a_whole_account_in_their_language_at_home(story: Story) -> None:
    referral = await story.sent()
    await read_by(story, story.legal, referral)
    names = [{"organization": str(story.legal.organization), "name": "Ayuda Legal del Valle"}]

    given = await given_account(story, story.clinic, referral["client"], recipientNames=names)

    assert given["whole"]
    assert (
        "Ayuda Legal del Valle vio su nombre y grupo de edad, para darle la ayuda que pidió." in given["text"]
    )
    assert {one["how"] for one in given["lines"]} == {"SENT", "READ"}
    assert not {one.value for one in (*DataClass, *Purpose)} & set(given["text"].split())


async def test_r28_elsewhere_they_are_given_that_part_and_the_home_is_asked_for_the_rest(
    story: Story,
) -> None:
    referral = await story.sent()
    handle = await read_by(story, story.legal, referral)

    given = await given_account(story, story.legal, handle, language="eng")

    assert (given["whole"], "within 30 days" in given["text"]) == (False, True)
    async with story.referrals.database.transaction(story.clinic) as session:
        told = await session.scalars(
            select(OutboxEvent).where(OutboxEvent.type == "org.vereda.account.requested")
        )
        assert [one.subject for one in told] == [referral["client"]]


async def test_r28_that_an_account_was_given_is_an_act_in_the_audit(story: Story) -> None:
    referral = await story.sent()
    await given_account(story, story.clinic, referral["client"])

    async with story.referrals.database.transaction(system_caller(NOBODY)) as session:
        acts = list(
            await session.scalars(
                select(AuditEntry).where(
                    AuditEntry.organization_id == story.clinic.organization, AuditEntry.kind == "ACT"
                )
            )
        )

    assert [(one.operation, one.event) for one in acts] == [("giveAccount", "account.given")]


@pytest.mark.parametrize(("more", "field"), [({"language": "fra"}, "language"), ({"clientAsked": False}, "clientAsked")])  # fmt: skip
async def test_r28_an_account_is_the_clients_and_in_a_language_that_there_is(
    story: Story, more: dict[str, Any], field: str
) -> None:
    referral = await story.sent()

    done = await given_account(story, story.clinic, referral["client"], **more)

    assert done == {"__typename": "InvalidInput", "problems": [{"field": field}]}


@pytest.mark.parametrize("language", sorted(catalogue()))
def test_r28_a_language_has_words_for_everything(language: str) -> None:
    words = catalogue()[language]

    assert words.data_classes.keys() == {one.value for one in DataClass}
    assert words.purposes.keys() == {*(one.value for one in Purpose), EMERGENCY}
    assert words.ways.keys() == {one.value for one in How}
    assert words.sentences.keys() == SENTENCES.keys()
    for name, sentence in words.sentences.items():
        assert {field for _text, field, *_rest in string.Formatter().parse(sentence) if field} == SENTENCES[
            name
        ]
    assert all(
        text.strip() for table in (words.data_classes, words.purposes, words.ways) for text in table.values()
    )


def test_r28_accounts_are_given_in_english_and_spanish_at_least() -> None:
    assert {"eng", "spa"} <= catalogue().keys()


def test_r29_what_was_seen_in_an_emergency_is_told_as_that() -> None:
    at = datetime(2027, 3, 1, 9, tzinfo=UTC)
    seen = Told(at, new_id(), How.READ, frozenset({"CONTACT"}), EMERGENCY, None)

    text = account([seen], catalogue()["spa"], {}, at, whole=True)

    assert "vio cómo comunicarse con usted, porque la vida de alguien corría peligro." in text
    assert "Usted lo permitió" not in text


def test_r28_a_days_readings_are_told_as_one() -> None:
    at, who_, consent = datetime(2027, 3, 1, 9, tzinfo=UTC), new_id(), new_id()
    read = [
        Told(at + timedelta(hours=n), who_, How.READ, frozenset({one}), "REFERRAL_DELIVERY", consent)
        for n, one in enumerate(("IDENTITY", "NEED", "IDENTITY"))
    ]

    (told,) = gathered(read)

    assert told.data_classes == {"IDENTITY", "NEED"}
    text = account(read, catalogue()["eng"], {}, at, whole=True)
    assert f"({who_}) looked at what help you asked for and your name and age group" in text
    assert "Nobody outside" in account([], catalogue()["eng"], {}, at, whole=True)
