"""Typing errors: which known words a misspelt one may have been meant for.

Two words are at most `k` errors apart (a letter left out, put in, replaced, or two changed places: optimal string
alignment) only if some word comes of both by leaving out at most `k` letters. So the vocabulary keeps with each word
what comes of it that way, and a look-up of a few strings by an index finds every word near enough, and few others
(W. Garbe, "1000x faster spelling correction", 2012). Trigrams would miss short words, of which one error leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: From so many letters on, so many errors are forgiven.
_FORGIVEN: Final = ((8, 2), (4, 1))
#: Longer words are no words, and would have thousands of remainders.
LONGEST: Final = 24
#: So many corrections of a word are searched for.
MOST_CORRECTIONS: Final = 3


def forgiven(word: str) -> int:
    """How many errors in a word are forgiven. None in a number or a short word: another one is meant too easily."""
    if len(word) > LONGEST or not word.isalpha():
        return 0
    return next((errors for length, errors in _FORGIVEN if len(word) >= length), 0)


def remainders(word: str) -> frozenset[str]:
    """What is left of a word without any of its letters up to as many as are forgiven; itself among them."""
    found = shorter = {word}
    for _ in range(forgiven(word)):
        shorter = {one[:at] + one[at + 1 :] for one in shorter for at in range(len(one))}
        found = found | shorter
    return frozenset(found)


def errors_between(one: str, other: str) -> int:
    """The least number of letters left out, put in or replaced, and of neighbours that changed places."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, against in enumerate(other, 1):
            least = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                least = min(least, before[column - 2] + 1)
            here.append(least)
        before, above = above, here
    return above[-1]


def corrections(word: str, known: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Of `known` words, each with how often it is used, the nearest within what is forgiven; the more used first."""
    near = []
    for candidate, uses in known:
        errors = errors_between(word, candidate)
        if 0 < errors <= min(forgiven(word), forgiven(candidate)):
            near.append((errors, -uses, candidate))
    near.sort()
    return tuple(one for errors, _, one in near if errors == near[0][0])[:MOST_CORRECTIONS]
