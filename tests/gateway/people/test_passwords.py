"""Passwords by OWASP ASVS 5 §6.2: any that is long and hard to guess, just as it was typed, for as long as its person likes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import update
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from gateway.people import People
from gateway.people.events import SERVER
from gateway.people.passwords import (
    LONGEST,
    NETWORK_WORDS,
    SHORTEST,
    PasswordHashing,
    Weakness,
    normalised,
    weakness,
)
from gateway.store import Person
from tests.gateway.people.conftest import Browser, Worker

PAGE = (Path(__file__).parents[3] / "docs" / "signing-in.md").read_text()
MOST_USED: list[str] = FREQUENCY_LISTS["passwords"]
#: Words that nobody would expect side by side, in no order.
WORDS = (
    "kettle",
    "northward",
    "plum",
    "gravel",
    "anthem",
    "tortoise",
    "saddle",
    "cobweb",
    "turnip",
    "lagoon",
)


def test_what_is_used_most_is_refused_alone_and_repeated() -> None:
    """§6.2.4, §6.2.12: those of the thirty thousand that are long enough, and others made long enough."""
    long_enough = [one for one in MOST_USED if len(one) >= SHORTEST]
    repeated = [one * (SHORTEST // len(one) + 1) for one in MOST_USED[:300]]

    assert len(MOST_USED) == 30_000
    assert len(long_enough) > 200
    assert [one for one in [*long_enough, *repeated] if weakness(one, ()) is None] == []


@pytest.mark.parametrize("word", NETWORK_WORDS)
def test_words_of_this_network_do_not_help(word: str) -> None:
    """§6.2.11."""
    for made_of_it in (f"{word}{word.title()}2026", f"{word}-{word}-{word}", f"2026!{word.upper()}{word}1"):
        assert weakness(made_of_it, ()) is Weakness.PERSONAL
    assert weakness(f"{word} tortoise gravel saddle", ()) is None


@pytest.mark.parametrize(
    "password", ["MarisolQuintero2026", "quinteroMARISOL19", "m.quintero@clinic", "Valle-Claro-Marisol-7"]
)
def test_what_is_known_of_the_person_does_not_help(password: str) -> None:
    known = ("Marisol Quintero", "m.quintero@clinic.example.org", "Valle Claro Health Clinic")

    assert weakness(password, known) is Weakness.PERSONAL


def test_the_page_names_the_words_that_are_expected_here() -> None:
    """§6.1.2."""
    [said] = re.findall(r"anybody would try here: ([^.]*)\.", PAGE)

    assert set(re.findall(r"`(\w+)`", said)) == set(NETWORK_WORDS)


@pytest.mark.parametrize(
    "password",
    [
        "plum kettle northward",
        "tortoisegravelsaddle",
        "TURNIPLAGOONCOBWEB",
        "8305917264950183",
        "%&=+;}<|@^~{>?",
        "caña ñandú pingüino ágil",
        "сундук якорь метель",
        "🐢🪨🎺🧺 kettle plum",
        "kettle\tplum'; DROP TABLE people; --",
    ],
)
def test_any_composition_is_good(password: str) -> None:
    """§6.2.5: no letter, digit or sign is demanded or forbidden."""
    assert weakness(password, ("Marisol Quintero", "m.quintero@clinic.example.org")) is None


@hypothesis_settings(max_examples=25, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), min_size=11, max_size=14, unique=False))
def test_a_long_one_is_good_up_to_its_very_end(words: list[str]) -> None:
    """§6.2.9: 64 characters and more."""
    password = " ".join(words)[:LONGEST]

    assert len(password) >= 64
    assert len(set(words)) < 4 or weakness(password, ()) is None
    assert weakness("x" * (LONGEST + 1), ()) is Weakness.TOO_LONG


async def test_it_is_compared_just_as_it_was_typed() -> None:
    """§6.2.8: nothing is cut off, no case is folded; only what looks the same is the same (NIST SP 800-63B-4 §3.1.1.2)."""
    hashing = PasswordHashing()
    password = ("Plum kettle northward ñandú " * 5)[:LONGEST]
    known = await hashing.hash(password)

    assert await hashing.matches(known, password)
    assert await hashing.matches(known, password.replace("ñ", "n\u0303"))
    for other in (
        password[:-1],
        f"{password}x",
        password.lower(),
        password.strip() if password != password.strip() else f" {password[:-1]}",
        password.replace("ñ", "n"),
        password[:72],
    ):
        assert not await hashing.matches(known, other), other


@given(st.text(max_size=40))
def test_one_form_stays_one_form(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


async def test_it_is_good_for_as_long_as_its_person_likes(
    people: People, browser: Browser, worker: Worker
) -> None:
    """§6.2.10."""
    async with people.database.transaction(SERVER) as session:
        long_ago = datetime.now(UTC) - timedelta(days=3650)
        await session.execute(
            update(Person).where(Person.id == worker.person_id).values(password_changed_at=long_ago)
        )
    await browser.open("/sign-in")

    assert (await browser.send("/sign-in", email=worker.email, password=worker.password)).path != "/sign-in"
