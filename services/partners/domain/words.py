"""How words are compared in a search: in small letters, without the accents of Spanish and its neighbours.

Folded by a table, because managed Postgres does not always have the extension `unaccent`. The tables' search columns
and the queries over them must fold alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ACCENTED: Final = "áàâäãéèêëíìîïóòôöõúùûüñç"
PLAIN: Final = "aaaaaeeeeiiiiooooouuuunc"
_FOLD: Final = str.maketrans(ACCENTED, PLAIN)
_WORD: Final = re.compile(r"[^\W_]+")
_ITEM: Final = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))')
#: So many words of a search count; what is longer is a story, and none of the directory's business.
MOST_WORDS: Final = 16


@dataclass(frozen=True, slots=True)
class Item:
    """A word that must be there; a phrase, if it has several; one that must not be there, if it is `without`."""

    words: tuple[str, ...]
    without: bool = False


def fold(text: str) -> str:
    """As the database folds: each letter for one letter, so that places in the text stay what they are."""
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text).translate(_FOLD)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded, in their order."""
    return tuple(_WORD.findall(fold(text)))


def parse(text: str) -> tuple[tuple[Item, ...], ...]:
    """What is searched for: of the alternatives (parted by `OR`) one must hold, and within it all items.

    As in web search: words in quotes stand beside each other, a leading minus says what must not be there.
    """
    alternatives: list[list[Item]] = [[]]
    room = MOST_WORDS
    for found in _ITEM.finditer(text):
        if found["plain"] == "OR" and not found["minus"]:
            alternatives.append([])
            continue
        without, words = bool(found["minus"]), words_of(found["quoted"] or found["plain"] or "")[:room]
        room -= len(words)
        if words and (without or found["quoted"] is not None):
            alternatives[-1].append(Item(words, without))
        else:
            # A word with a hyphen or a stroke in it is several.
            alternatives[-1] += [Item((word,)) for word in words]
    return tuple(tuple(one) for one in alternatives if any(not item.without for item in one))
