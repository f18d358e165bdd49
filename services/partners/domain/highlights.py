"""Places in a text, as numbers: who shows them marks them, and no markup of ours or of the text's can do anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.partners.domain.words import fold

#: The fields of a service that are searched word by word and shown to everybody who finds it.
FIELDS: Final = ("name", "name_es", "alternate_name", "description", "description_es")
#: What the database puts before and after what matches; no text has them once it is made `readable`.
OPEN: Final = "\x02"
CLOSE: Final = "\x03"
#: A description's beginning is enough to see why it was found.
_LONGEST: Final = 2000
_BLANK: Final = str.maketrans({OPEN: " ", CLOSE: " ", "<": " ", ">": " ", "&": " ", "\x00": " "})


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """`length` characters from `start`, counted in Unicode code points."""

    start: int
    length: int


def readable(text: str) -> str:
    """The text as the database is to read it: folded, with nothing in it that looks like markup, letter for letter."""
    return fold(text[:_LONGEST]).translate(_BLANK)


def ranges(text: str, marked: Iterable[str]) -> tuple[Range, ...]:
    """The places that are marked in any of these readings of `text`. None of one that is not the text, letter for letter."""
    read = readable(text)
    places: set[int] = set()
    for reading in marked:
        inside, at, found = False, 0, set()
        for letter in reading:
            if letter in (OPEN, CLOSE):
                inside = letter == OPEN
                continue
            if at >= len(read) or letter != read[at]:
                break
            if inside:
                found.add(at)
            at += 1
        else:
            places |= found
    return tuple(_joined(sorted(places)))


def _joined(places: list[int]) -> list[Range]:
    joined: list[Range] = []
    for place in places:
        if joined and joined[-1].start + joined[-1].length == place:
            joined[-1] = Range(joined[-1].start, joined[-1].length + 1)
        else:
            joined.append(Range(place, 1))
    return joined
