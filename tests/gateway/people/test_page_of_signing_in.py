"""docs/signing-in.md says how long things last and how guessing is slowed (OWASP ASVS 5 §6.1.1): as the code does it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from gateway import backoff
from gateway.people import guessing, letters, mailer, passwords, recovery, signing_in
from gateway.people.invitations import LASTS, Purpose
from gateway.people.sessions import RECENTLY
from vereda.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "signing-in.md").read_text()
TEXT = " ".join(PAGE.split())
LIMITS = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE.partition("## What is limited")[2], re.MULTILINE))


def number(row: str) -> int:
    """The first number of a row's limit."""
    found = re.search(r"\d+", LIMITS[row])
    assert found is not None
    return int(found[0])


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_every_limit_on_the_page_is_the_codes(settings: Settings) -> None:
    assert settings.session_idle_s == number("a session left alone") * 60
    assert settings.session_absolute_s == number("a session in any case") * 3600
    assert minutes(number("a sign-in under way")) == signing_in.LASTS
    assert number("wrong passwords, one account from one network") == guessing.FREE_HERE
    assert number("wrong passwords, one account from everywhere") == guessing.FREE_AT_ACCOUNT
    assert number("wrong passwords, all accounts from one network") == guessing.FREE_FROM_NETWORK
    assert number("wrong codes, one account") == guessing.FREE_AT_FACTOR
    assert number("links for new passwords, from one network") == guessing.FREE_LINKS
    assert LIMITS["wrong passwords, one account from one network"].endswith(
        f"one after {backoff.FIRST_S:.0f}, {backoff.FIRST_S * 2:.0f}, {backoff.FIRST_S * 4:.0f} ..."
        f" {backoff.LONGEST_S:.0f} s"
    )
    assert "one in five minutes" in LIMITS["links for new passwords, from one network"]
    assert minutes(5) == letters.AGAIN_AFTER
    assert f"forgotten after {backoff.FORGOTTEN_AFTER // minutes(1)} minutes" in TEXT


def test_what_the_page_says_in_words_is_the_codes() -> None:
    assert f"{passwords.SHORTEST} to {passwords.LONGEST} characters" in TEXT
    assert recovery.HOW_MANY == 10
    assert "Ten recovery codes are shown once" in TEXT
    assert {Purpose.JOIN: timedelta(weeks=1), Purpose.RESET: minutes(30)} == LASTS
    assert "good once and for a week" in TEXT
    assert "good once and for half an hour" in TEXT
    assert minutes(5) == RECENTLY
    assert "unless you did so within five minutes" in TEXT
    assert minutes(0.5) == mailer.FIRST_WAIT
    assert minutes(60) == mailer.LONGEST_WAIT
