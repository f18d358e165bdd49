"""Free text is looked over before it is stored (R2): what would tell of a person's status does not go in.

    if finding := screen(text):
        return sensitive_text("narrative", finding)

It catches shapes of numbers, and words in English and Spanish; it is a net, not a wall, and a person still reads. How good
a net is measured in tests/kernel/screening; what it lets pass and why is said in docs/screening.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from vereda.screening.folding import folded
from vereda.screening.shapes import ALONE, ANY_NAME, NAMED, Shapes
from vereda.screening.words import (
    BIRTHPLACE,
    MISSPELT,
    SERVICES,
    STATUS,
    TOLD,
    TOLD_BY_BEGINNING,
)

_WORD: Final = re.compile(r"[a-z0-9]+")
#: A run of at least four digits, however they are parted.
_DIGITS: Final = re.compile(r"\d(?:[ .\-_/]{0,2}\d){3,20}")
#: How many characters before and after such a place belong to it: as long as what the patterns look for.
_NEAR: Final = 45
_SHORT: Final = 12
#: The shortest run of digits that is something without a name before it.
_LEAST_ALONE: Final = 6
#: What systems name their things by (RFC 9562), with and without hyphens: one in a hundred holds what looks like an A-number.
_UUID: Final = re.compile(r"(?<![a-z0-9])[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}(?![a-z0-9])")
_TELEPHONE: Final = re.compile(r"(?:1[ .\-]{1,2})?\d{3}[ .\-]{1,2}\d{3}[ .\-]{1,2}\d{4}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What kind of thing was found, and what to write instead. Never the text itself (R34)."""

    kind: str
    hint: str


_FINDINGS: Final = {
    "A_NUMBER": Finding("A_NUMBER", "Leave A-numbers out; the provider asks for them itself."),
    "TAX_NUMBER": Finding("TAX_NUMBER", "Leave social-security and tax numbers out."),
    "RECEIPT_NUMBER": Finding(
        "RECEIPT_NUMBER", "Leave receipt and case numbers of immigration authorities out."
    ),
    "PASSPORT": Finding("PASSPORT", "Leave passport, visa and consular numbers out."),
    "BIRTH_DATE": Finding("BIRTH_DATE", "Leave the date of birth out: an age band is enough."),
    "STATUS": Finding("STATUS", "Leave the person's immigration status out: say what help is needed."),
    "BIRTHPLACE": Finding("BIRTHPLACE", "Leave the place of birth and nationality out."),
}


def screen(text: str | None) -> Finding | None:
    """The first thing in `text` that must not be stored, or None. Its time grows with the text's length, no faster."""
    if not text:
        return None
    plain = _read(text)
    return _numbered(plain) or _told(plain)


def screen_numbers(text: str | None) -> Finding | None:
    """As `screen`, for text that is about services and not about somebody: `open to undocumented students` may be said."""
    return _numbered(_read(text)) if text else None


def _read(text: str) -> str:
    return _UUID.sub(" ~ ", folded(text))


def _numbered(plain: str) -> Finding | None:
    runs = [run for run in _DIGITS.finditer(plain) if not _TELEPHONE.fullmatch(run[0])]
    long = (run.span() for run in runs if len(run[0]) >= _LEAST_ALONE)
    for part in _around(plain, long, after=_SHORT):
        if kind := _kind(ALONE, part):
            # Its name, where it has one, says better what it is.
            return _FINDINGS[(ANY_NAME.search(part) and _kind(NAMED, part)) or kind]
    for part in _around(plain, (run.span() for run in runs), after=_SHORT):
        if ANY_NAME.search(part) and (kind := _kind(NAMED, part)):
            return _FINDINGS[kind]
    return None


def _kind(shapes: Shapes, part: str) -> str | None:
    return next((kind for kind, shape in shapes if shape.search(part)), None)


def _told(plain: str) -> Finding | None:
    for part in _around(plain, _telling(plain), after=_NEAR):
        # "DACA workshop" is a service, and says nothing of who asks for it: taken out before words are looked for.
        said = SERVICES.sub(" ~ ", part)
        if next(_telling(said), None) is None:
            continue
        if STATUS.search(said) or any(word in MISSPELT for word in _WORD.findall(said)):
            return _FINDINGS["STATUS"]
        if BIRTHPLACE.search(said):
            return _FINDINGS["BIRTHPLACE"]
    return None


def _telling(plain: str) -> Iterator[tuple[int, int]]:
    """Where the words are, without one of which nothing is told."""
    telling = {word for word in set(_WORD.findall(plain)) if _tells(word)}
    if telling:
        yield from (match.span() for match in _WORD.finditer(plain) if match[0] in telling)


def _tells(word: str) -> bool:
    return word in TOLD or word[:5] in TOLD_BY_BEGINNING or word in MISSPELT


def _around(plain: str, spans: Iterable[tuple[int, int]], *, after: int) -> Iterator[str]:
    """The text around these places, in whole words; what overlaps is one part. Most of a note is in none."""
    start, end = 0, -_NEAR - 1
    for first, last in spans:
        if first - _NEAR > end:
            if end > 0:
                yield plain[start:end]
            start = 0 if first <= _NEAR else plain.rfind(" ", 0, first - _NEAR) + 1
        space = plain.find(" ", last + after)
        end = len(plain) if space < 0 else space
    if end > 0:
        yield plain[start:end]
