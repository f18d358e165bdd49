"""A slip of paper: it leads its recipient to the referral, once, and tells nothing to whoever finds it."""

from __future__ import annotations

import base64
import re
import zlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.referrals.domain.receipt_words import Named, ReceiptLanguage
from services.referrals.domain.slips import (
    LIFE,
    MOST_WRONG,
    WORDS,
    code_of,
    counted,
    parts,
    read,
    shown,
    too_many,
)
from services.referrals.models import ReferralSlip
from services.referrals.operations import slips
from services.referrals.rounds import ROUNDS
from tests.referrals.story import MOVE, Story
from tests.support.subgraph import caller_of
from tests.walls.rows import NOW
from vereda.caller import Scope, system_caller
from vereda.ids import new_id
from vereda.rounds import make

ISSUED = (
    "... on SlipIssued { language mediaType content hash code expiresAt } ... on NotAllowed { message } "
    "... on InvalidInput { problems { field } } ... on NotFound { message }"
)
CLAIMED = (
    "... on SlipClaimed { referral { id client { displayName } } } ... on NotFound { message } "
    "... on NotAllowed { message } ... on InvalidInput { problems { field } }"
)
PANTRY = {"domain": "basic", "category": "basic.food"}


async def issue(story: Story, referral: str, by: Any = None, **more: Any) -> dict[str, Any]:
    return await story.did(by or story.clinic, "issueSlip", ISSUED, referral=referral, **more)


async def claim(story: Story, code: str, by: Any = None, **more: Any) -> dict[str, Any]:
    return await story.did(by or story.legal, "claimByCode", CLAIMED, code=code, **more)


async def sent(story: Story, **offer: Any) -> dict[str, Any]:
    client = await story.client()
    more = ("SURVIVOR",) if offer.get("survivor") else ()
    consent = await story.consent(
        client, classes=("IDENTITY", "CONTACT", "NEED", "LANGUAGE", "OUTCOME", *more)
    )
    return dict((await story.send(client, consent, story.offer(**offer)))["referral"])


def text_of(pdf: bytes) -> bytes:
    """All that a PDF's streams hold, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = []
    for one in streams:
        try:
            unpacked.append(zlib.decompress(one))
        except zlib.error:
            unpacked.append(one)
    return pdf + b"".join(unpacked)


async def test_its_code_leads_the_recipient_to_the_referral_once(story: Story) -> None:
    referral = await sent(story)
    slip = await issue(story, referral["id"])

    found = await claim(story, slip["code"].lower().replace("-", " "), idempotencyKey="at the desk")
    retried = await claim(story, slip["code"], idempotencyKey="at the desk")
    again = await claim(story, slip["code"])

    assert (slip["language"], slip["mediaType"]) == ("SPA", "application/pdf")
    assert base64.b64decode(slip["content"])[:5] == b"%PDF-"
    assert found["referral"]["id"] == retried["referral"]["id"] == referral["id"]
    assert again["__typename"] == "NotFound"


async def test_r16_to_everybody_else_every_code_is_wrong_in_the_same_words(story: Story) -> None:
    referral = await sent(story)
    code = (await issue(story, referral["id"]))["code"]

    stranger = await claim(story, code, story.school)
    sender = await claim(story, code, story.clinic)
    made_up = await claim(story, "0000-0000-0000-0000", story.school)

    assert stranger == sender == made_up
    assert (await claim(story, code))["__typename"] == "SlipClaimed"


async def test_a_new_slip_ends_the_old_one_and_so_does_the_referrals_end_and_time(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = await sent(story)
    old, new = [(await issue(story, referral["id"]))["code"] for _ in range(2)]
    assert (await claim(story, old))["__typename"] == "NotFound"
    cancelled = {
        "id": referral["id"],
        "expectedVersion": referral["version"],
        "move": "CANCEL",
        "reason": "OTHER",
    }
    await story.referrals.data(story.clinic, MOVE, input={"idempotencyKey": str(new_id()), **cancelled})
    assert (await claim(story, new))["__typename"] == "NotFound"
    assert (await issue(story, referral["id"]))["__typename"] == "NotAllowed"

    other = await sent(story)
    monkeypatch.setattr(slips, "LIFE", timedelta(seconds=-1))
    late = (await issue(story, other["id"]))["code"]
    assert (await claim(story, late))["__typename"] == "NotFound"


async def test_the_same_key_prints_the_same_paper(story: Story) -> None:
    referral = await sent(story)

    one, two = [
        await issue(story, referral["id"], idempotencyKey="print", paperLanguage="ENG") for _ in range(2)
    ]

    assert one == two
    assert (await claim(story, one["code"]))["__typename"] == "SlipClaimed"


async def test_r13_where_to_go_is_not_printed_where_it_would_tell_what_for(story: Story) -> None:
    where = {"whereToGo": {"name": "Valley Pantry", "phone": "559-555-0199"}}
    legal = await sent(story, legal=True)
    shelter = await sent(story, domain="basic", category="basic.shelter", survivor=True)
    pantry = await sent(story, **PANTRY)

    told = [await issue(story, one["id"], **where) for one in (legal, shelter, pantry)]

    assert [one["__typename"] for one in told] == ["InvalidInput", "InvalidInput", "SlipIssued"]
    assert {one["problems"][0]["field"] for one in told[:2]} == {"whereToGo"}


async def test_r13_a_colleague_of_its_author_cannot_try_out_what_kind_of_help_it_is(story: Story) -> None:
    where = {"whereToGo": {"name": "Valley Pantry"}}
    shelter = await sent(story, domain="basic", category="basic.shelter", survivor=True)
    pantry = await sent(story, **PANTRY)
    colleague = caller_of(story.clinic.organization, subject="colleague")

    told = [await issue(story, one["id"], colleague, **where) for one in (shelter, pantry)]

    assert told[0] == told[1]
    assert told[0]["__typename"] == "NotAllowed"


@pytest.mark.parametrize("language", ReceiptLanguage)
async def test_r34_the_paper_holds_no_word_about_the_client_or_the_referral(
    story: Story, language: ReceiptLanguage
) -> None:
    referral = await sent(story)

    slip = await issue(story, referral["id"], paperLanguage=language.value)

    said = " ".join(part.text for part in parts("0" * 16, language, NOW, None)).lower()
    for word in ("marisol", "legal", "daca", "immigra", "inmigra", "clinic", "vereda", "referral", "555"):
        assert word not in said
    inside = text_of(base64.b64decode(slip["content"]))
    for one in (referral["id"], str(story.legal.organization), str(story.clinic.organization), "Marisol"):
        assert one.encode() not in inside


async def test_an_organisation_that_tries_codes_is_stopped(story: Story) -> None:
    guesser = caller_of()
    for _ in range(MOST_WRONG):
        assert (await claim(story, "0000-0000-0000-0000", guesser))["__typename"] == "NotFound"

    assert (await claim(story, "0000-0000-0000-0000", guesser))["__typename"] == "NotAllowed"
    assert (await claim(story, "0000-0000-0000-0000", caller_of()))["__typename"] == "NotFound"


async def test_r21_the_code_is_nowhere_in_the_database(story: Story) -> None:
    slip = await issue(story, (await sent(story))["id"])

    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql("SELECT row_to_json(s)::text FROM referral_slips s")
        kept = " ".join(row[0] for row in rows)
    assert slip["code"] not in kept
    assert slip["code"].replace("-", "") not in kept


async def test_slips_that_are_over_are_deleted(story: Story) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slips, "LIFE", -LIFE - timedelta(days=1))
        old = await issue(story, (await sent(story))["id"])
    new = await issue(story, (await sent(story))["id"])
    [rounds] = [one for one in ROUNDS if one.act is slips.let_slips_go]

    await make(rounds, story.referrals.database, story.referrals.settings)

    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        ends = set(await session.scalars(select(ReferralSlip.expires_at)))
    assert datetime.fromisoformat(old["expiresAt"]) not in ends
    assert datetime.fromisoformat(new["expiresAt"]) in ends


async def test_who_may_not_receive_may_not_claim(story: Story) -> None:
    only_sends = caller_of(story.legal.organization, Scope.REFERRAL_SEND)
    document = (
        f"mutation($input: ClaimByCodeInput!) {{ claimByCode(input: $input) {{ __typename {CLAIMED} }} }}"
    )

    answer = await story.referrals.answer(
        only_sends, document, input={"idempotencyKey": "x", "code": "0000-0000-0000-0000"}
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_read_as_it_was_shown_however_it_is_typed(digest: bytes) -> None:
    code = code_of(digest.hex())

    assert read(shown(code)) == code
    assert read(f" {shown(code).lower().replace('-', ' ')} ") == code
    assert read(code.replace("0", "o").replace("1", "l")) == code
    assert read(code[:-1]) is None
    assert read(code[:-1] + "U") is None


@given(st.integers(0, 3 * MOST_WRONG), st.integers(0, 120))
def test_wrong_codes_are_counted_within_an_hour(wrong: int, minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)

    since, more = counted(NOW, wrong, now)

    assert (since, more) == ((NOW, wrong + 1) if minutes < 60 else (now, 1))
    assert too_many(NOW, wrong, now) == (minutes < 60 and wrong >= MOST_WRONG)


def test_the_paper_says_the_same_in_every_language() -> None:
    where = Named("Valley Pantry", "559-555-0199")
    kinds = {language: [part.kind for part in parts("0" * 16, language, NOW, where)] for language in WORDS}

    assert set(WORDS) == set(ReceiptLanguage)
    assert len({tuple(one) for one in kinds.values()}) == 1
    assert all(str(NOW.date()) in " ".join(p.text for p in parts("0" * 16, one, NOW, None)) for one in WORDS)
