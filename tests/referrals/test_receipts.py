"""The receipt that a client takes home: as data whose hash is kept, and on paper in words that they can read."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import orjson
import pytest
from fontTools.ttLib import TTFont

from services.referrals.domain.consent import DataClass, Method, Purpose
from services.referrals.domain.receipt_words import WORDS, Named, Paper, ReceiptLanguage, parts
from services.referrals.printed import FONT, printed
from tests.referrals.story import Story
from tests.referrals.test_consents import record
from tests.walls.rows import NOW
from vereda.ids import new_id

READ = """query($id: ID!, $language: ReceiptLanguage, $names: [OrganizationNameInput!]) { consent(id: $id) { receiptHash
  receipt { content hash printed(language: $language, organizations: $names) { language mediaType content hash } } } }"""
#: Letters of practical orthographies of Mixtec and Zapotec, of Hmong (RPA), Spanish and Vietnamese.
LETTERS = "áéíóúñÑüɨ̠ʼꞌ’āēīōūǎě ạ́ ä̱ ëxhʷ zh rr ch’ x̱ Hmoob Nyob zoo ươăđ “”–…¿¡"


def paper(**more: Any) -> Paper:
    given: dict[str, Any] = {
        "captured_at": new_id(),
        "recipients": [new_id()],
        "classes": [one for one in DataClass if one is not DataClass.LEGAL_PRIVILEGED],
        "purposes": [one for one in Purpose if one is not Purpose.RESEARCH],
        "domains": [],
        "method": Method.WRITTEN,
        "one_referral": True,
        "partial": False,
        "spoken": None,
        "valid_from": NOW,
        "expires_at": NOW,
        "number": "0123",
    }
    return Paper(**{**given, **more})


async def read(story: Story, consent: str, **more: Any) -> dict[str, Any]:
    return await story.referrals.answer(story.clinic, READ, id=consent, **more)


async def test_r8_a_receipt_can_be_made_again_and_its_hash_is_the_one_that_was_kept(story: Story) -> None:
    consent = (await record(story, await story.client()))["consent"]["id"]

    seen = (await read(story, consent))["data"]["consent"]

    content = seen["receipt"]["content"].encode()
    assert seen["receiptHash"] == seen["receipt"]["hash"] == hashlib.sha256(content).hexdigest()
    said = orjson.loads(content)
    assert (said["consent"], said["oneReferral"], said["language"]) == (consent, True, "spa")
    assert orjson.dumps(said, option=orjson.OPT_SORT_KEYS) == content


async def test_r8_it_is_printed_in_the_clients_language_or_in_one_that_the_worker_chose(story: Story) -> None:
    spanish = (await record(story, await story.client()))["consent"]["id"]
    mixtec = (await record(story, await story.client(), language="mxb", scriptText="…"))["consent"]["id"]

    own = (await read(story, spanish))["data"]["consent"]["receipt"]["printed"]
    unsaid = await read(story, mixtec)
    chosen = (await read(story, mixtec, language="ENG"))["data"]["consent"]["receipt"]["printed"]

    pdf = base64.b64decode(own["content"])
    assert (own["language"], own["mediaType"], pdf[:5]) == ("SPA", "application/pdf", b"%PDF-")
    assert own["hash"] == hashlib.sha256(pdf).hexdigest()
    assert b"(es-US)" in pdf
    assert unsaid["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert chosen["language"] == "ENG"


async def test_a_receipt_is_for_who_recorded_the_consent_alone(story: Story) -> None:
    referral = await story.sent()

    theirs = await story.referrals.data(story.legal, READ, id=referral["consent"])

    assert theirs["consent"] == {"receiptHash": None, "receipt": None}


@pytest.mark.parametrize("language", ReceiptLanguage)
def test_a_paper_says_all_that_was_agreed_how_to_take_it_back_and_whom_to_call(
    language: ReceiptLanguage,
) -> None:
    one = paper(domains=["legal"], partial=True, spoken="Mixtec")
    names = {one.captured_at: Named("Clínica Sol", "559-555-0100"), one.recipients[0]: Named("Puente Firme")}

    text = "\n".join(part.text for part in parts(one, language, names))

    words = WORDS[language]
    said = (
        *words.classes.values(),
        *words.purpose_words.values(),
        words.once,
        words.partial,
        words.take_back_how,
    )
    assert all(each in text for each in said)
    assert all(
        each in text for each in ("Clínica Sol: 559-555-0100", "Puente Firme", "legal", "Mixtec", "0123")
    )
    assert "{" not in text


def test_every_class_and_purpose_that_can_be_agreed_to_has_words() -> None:
    for words in WORDS.values():
        assert set(words.classes) == set(DataClass) - {DataClass.LEGAL_PRIVILEGED}
        assert set(words.purpose_words) == set(Purpose) - {Purpose.RESEARCH}
        assert set(words.methods) == set(Method)


def test_the_font_has_every_letter_of_the_papers_and_of_the_valleys_languages() -> None:
    known = TTFont(FONT).getBestCmap()
    papers = "".join(part.text for one in ReceiptLanguage for part in parts(paper(), one, {}))

    assert {letter for letter in LETTERS + papers + "•" if ord(letter) not in known} == set()


def test_the_same_paper_is_the_same_bytes_and_runs_over_pages() -> None:
    one = paper(recipients=[new_id() for _ in range(25)])
    said = parts(one, ReceiptLanguage.ENG, {})

    first, again = printed(said, "en-US", NOW), printed(said, "en-US", NOW)

    assert first == again
    assert first.count(b"/Type /Page\n") > 1
