"""Free text is looked over before it is stored (R2): what would tell of a person's status does not go in.

It catches shapes and plain words in English and Spanish; it is a net, not a wall, and a person still reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Finding:
    """What kind of thing was found, and what to write instead. Never the text itself (R34)."""

    kind: str
    hint: str


_SHAPES: Final = (
    (
        re.compile(r"\bA[\s#-]*\d{3}[\s-]?\d{3}[\s-]?\d{2,3}\b|\balien\s+(?:number|no\.?)", re.IGNORECASE),
        Finding("A_NUMBER", "Leave A-numbers out; the provider asks for them itself."),
    ),
    (
        re.compile(r"\b(?!000)\d{3}-\d{2}-\d{4}\b|\b(?:ssn|itin)\b[\s:#]*\d", re.IGNORECASE),
        Finding("TAX_NUMBER", "Leave social-security and tax numbers out."),
    ),
    (
        re.compile(
            r"\b(?:undocumented|unlawful(?:ly)?\s+present|illegal(?:ly)?|overstay(?:ed)?|no\s+papers|out\s+of\s+status"
            r"|indocumentad[oa]s?|sin\s+papeles|ilegal(?:es)?|mojad[oa]s?)\b",
            re.IGNORECASE,
        ),
        Finding("STATUS", "Leave the person's immigration status out: say what help is needed."),
    ),
    (
        re.compile(r"\b(?:passport|pasaporte|visa)\s*(?:number|no\.?|#|n[uú]mero)", re.IGNORECASE),
        Finding("PASSPORT", "Leave passport and visa numbers out."),
    ),
    (
        re.compile(
            r"\b(?:born\s+in|naci[oó]\s+en|country\s+of\s+birth|pa[ií]s\s+de\s+nacimiento)\b", re.IGNORECASE
        ),
        Finding("BIRTHPLACE", "Leave the place of birth out."),
    ),
)


def screen(text: str | None) -> Finding | None:
    """The first thing in `text` that must not be stored, or None."""
    if not text:
        return None
    return next((finding for shape, finding in _SHAPES if shape.search(text)), None)
