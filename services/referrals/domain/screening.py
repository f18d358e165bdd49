"""Free text is looked over before it is stored (R2): what would tell of a person's status does not go in.

It catches shapes and plain words in English and Spanish; it is a net, not a wall, and a person still reads.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Finding:
    """What kind of thing was found, and what to write instead. Never the text itself (R34)."""

    kind: str
    hint: str


_SHAPES: Final = (
    (
        re.compile(r"\b(?!000)\d{3}-\d{2}-\d{4}\b|\b(?:ssn|itin|seguro\s+social)\b[\s:#]*\d"),
        Finding("TAX_NUMBER", "Leave social-security and tax numbers out."),
    ),
    (
        re.compile(
            r"\ba[\W_]{0,3}(?:\d[\W_]?){8,9}(?!\d)|\balien\s+(?:number|no\b|registration)|\b\d{9}\b"
            r"|\bn[uú]mero\s+de\s+extranjero"
        ),
        Finding("A_NUMBER", "Leave A-numbers out; the provider asks for them itself."),
    ),
    (
        re.compile(
            r"\b(?:undocumented|unlawful(?:ly)?\s+present|illegals?|illegally|overstay(?:ed)?|out\s+of\s+status"
            r"|(?:no|without)\s+(?:legal\s+)?(?:papers|documents|status)|daca\s+recipient|dreamer|green\s*card\s+holder"
            r"|entered\s+without\s+inspection|ewi|(?:was|been|ordered)\s+deported|(?:removal|deportation)\s+order"
            r"|citizen\s+of|non-?citizen"
            r"|indocumentad[oa]s?|(?:sin|no\s+tienen?)\s+(?:papeles|documentos|estatus)|ilegal(?:es|mente)?|mojad[oa]s?"
            r"|deportad[oa]s?|orden\s+de\s+deportaci[oó]n|ciudadan[oa]\s+de|residente\s+permanente)\b"
        ),
        Finding("STATUS", "Leave the person's immigration status out: say what help is needed."),
    ),
    (
        re.compile(
            r"\b(?:passport|pasaporte|visa)\s*(?:number|no\b|#|n[uú]mero)|\bmatr[ií]cula\s+consular\b"
            r"|\bconsular\s+id\b"
        ),
        Finding("PASSPORT", "Leave passport, visa and consular numbers out."),
    ),
    (
        re.compile(
            r"\b(?:born\s+in|(?:naci[oó]|nacid[oa])\s+en|country\s+of\s+(?:birth|origin)"
            r"|pa[ií]s\s+de\s+(?:nacimiento|origen))\b"
        ),
        Finding("BIRTHPLACE", "Leave the place of birth out."),
    ),
)


def screen(text: str | None) -> Finding | None:
    """The first thing in `text` that must not be stored, or None."""
    if not text:
        return None
    plain = _plain(text)
    return next((finding for shape, finding in _SHAPES if shape.search(plain)), None)


def _plain(text: str) -> str:
    """The text as it reads: full-width letters made plain, what cannot be seen taken out, in small letters."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(c for c in normal if unicodedata.category(c) != "Cf").casefold()
