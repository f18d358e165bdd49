"""Passwords by NIST SP 800-63B-4 §3.1.1.2 and OWASP ASVS 5 §6.2: long and hard to guess, however they are composed."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import unicodedata
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

from zxcvbn import zxcvbn

from gateway.hashing import hash_secret, matches, nobodys_hash

SHORTEST: Final = 12
LONGEST: Final = 128
_HARD_ENOUGH: Final = 3
#: zxcvbn refuses longer input; what begins so long and is still easy to guess is easy to guess.
_ESTIMATED: Final = 72
_MOST_AT_ONCE: Final = 8
#: What is so short stands in other words, too.
_SHORT_WORD: Final = 3
#: What anybody would try first here; docs/signing-in.md names them.
NETWORK_WORDS: Final = ("vereda", "referral", "network", "partner", "clinic", "legal")
#: zxcvbn puts the personal words into a table of its module: one estimate at a time.
_estimating = threading.Lock()


class Weakness(Enum):
    """Why a password is refused; the sentences are in the pages' messages, under `password.<value>`."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    PERSONAL = "personal"
    GUESSABLE = "guessable"


def normalised(password: str) -> str:
    """One form for what looks the same, however a keyboard composes it (NFKC, as NIST advises)."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, personal: Iterable[str]) -> Weakness | None:
    """What is wrong with a new password; None when it is good. `personal`: names and addresses of the person.

    Works for some 10 ms, and one at a time: call it in a thread.
    """
    password = normalised(password)
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    words = [word for text in personal for word in (text, *re.split(r"\W+", text)) if len(word) > 2]
    words += NETWORK_WORDS
    estimate = _estimate(password, words)
    if estimate["score"] >= _HARD_ENOUGH:
        rest = _without(password, words)
        hard = rest == password or (rest and _estimate(rest, words)["score"] >= _HARD_ENOUGH)
        return None if hard else Weakness.PERSONAL
    found = {match.get("dictionary_name") for match in estimate["sequence"]}
    if "user_inputs" in found:
        return Weakness.PERSONAL
    return Weakness.COMMON if "passwords" in found else Weakness.GUESSABLE


def _estimate(password: str, words: Iterable[str]) -> dict[str, Any]:
    with _estimating:
        estimate: dict[str, Any] = zxcvbn(password[:_ESTIMATED], user_inputs=list(words))
    return estimate


def _without(password: str, words: Iterable[str]) -> str:
    """What a password has besides these words: twice one's name and a year is long, and no secret."""
    known = sorted((re.escape(word) for word in words if len(word) > _SHORT_WORD), key=len, reverse=True)
    return re.sub("|".join(known), "", password, flags=re.IGNORECASE).strip()


class PasswordHashing:
    """Argon2id takes memory and a core: no more at once than there are cores, and a few; the rest wait their turn."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(min(os.cpu_count() or 1, _MOST_AT_ONCE))

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(hash_secret, normalised(password))

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is this person's password; for nobody (None) the same work is done, and the answer is no."""
        # What is longer than any password is cut, so that it costs no more to refuse.
        given = normalised(password)[: LONGEST + 1]
        async with self._slots:
            known = await asyncio.to_thread(nobodys_hash) if password_hash is None else password_hash
            right = await asyncio.to_thread(matches, known, given)
            return right and password_hash is not None
