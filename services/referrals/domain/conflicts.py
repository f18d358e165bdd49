"""What a legal provider checks conflicts of interest with, before it learns anything else (R14; DOMAIN 4.1 ConflictCheck).

The set is the client's name, what else they are called, and who is against them. A provider sees it as clear names, or
asks blindly: it names its own matters, and learns which of these the set holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from services.referrals.domain.resemblance import sound, words

#: Of other names of the client, and of opposing parties, each.
MOST_NAMES: Final = 10
_LONGEST_NAME: Final = 200
#: How many names one question may hold, and all questions about one referral together.
MOST_ASKED_AT_ONCE: Final = 200
MOST_ASKED: Final = 2_000
#: More words than this are not a name; each two of them are a form to compare.
_MOST_WORDS: Final = 8


class ConflictNames(StrEnum):
    """How an organisation has the names that it checks."""

    CLEAR = "CLEAR"
    BLIND = "BLIND"


class ConflictResult(StrEnum):
    CLEAR = "CLEAR"
    CONFLICT = "CONFLICT"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictSet:
    """What the sender gives for the check, besides the client's own name."""

    also_known_as: tuple[str, ...] = ()
    opposing_parties: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.also_known_as, *self.opposing_parties)


def problems(given: ConflictSet) -> dict[str, str]:
    """What is wrong with a set, by field."""
    fields = {"also_known_as": given.also_known_as, "opposing_parties": given.opposing_parties}
    wrong = f"must be at most {MOST_NAMES} names of 1 to {_LONGEST_NAME} characters"
    return {
        field: wrong for field, names in fields.items() if len(names) > MOST_NAMES or not _all_names(names)
    }


def problem_of_question(names: tuple[str, ...]) -> str | None:
    """What is wrong with the names that a provider asks about, or None."""
    if 1 <= len(names) <= MOST_ASKED_AT_ONCE and _all_names(names):
        return None
    return f"must be 1 to {MOST_ASKED_AT_ONCE} names of 1 to {_LONGEST_NAME} characters"


def forms(name: str) -> frozenset[str]:
    """What names are compared by: each two of their words, as they are said, in either order; one word by itself.

    So a name agrees with another that has one of two surnames, other accents, a short form or another spelling. It finds
    too much rather than too little: whoever asks looks at what it found.
    """
    said = sorted({sound(word) for word in words(name)})[:_MOST_WORDS]
    return frozenset(f"{one} {other}" for one, other in combinations(said, 2)) or frozenset(said)


def _all_names(names: Iterable[str]) -> bool:
    return all(1 <= len(one.strip()) <= _LONGEST_NAME for one in names)
