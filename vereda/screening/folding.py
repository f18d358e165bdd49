"""Text as it reads: what looks the same is made the same, so that rules need say each thing once."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Letters of other scripts that look like Latin ones, and what else is written for a letter or a sign.
_ALIKE: Final = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁһӏ", "aeopcyxijsdhl", strict=True)),
        **dict(zip("αοερι", "aoepi", strict=True)),
        **dict.fromkeys("‐‑‒–—―−﹘⁃", "-"),
        **dict.fromkeys("’‘`´ʼ", "'"),
        **dict.fromkeys("№ºª", " "),
        "ı": "i",
    }
)
#: What is not seen, and what is put above and below letters.
_UNSEEN: Final = re.compile(
    "["
    + "".join(
        re.escape(chr(code))
        for code in (*range(0x80, 0x3000), 0xFEFF, *range(0xFE00, 0xFE10))
        if unicodedata.category(chr(code)) in ("Cf", "Mn")
    )
    + "]"
)
_ANY_ALIKE: Final = re.compile("[" + re.escape("".join(map(chr, _ALIKE))) + "]")
_OTHER_DIGITS: Final = re.compile(r"[^\x00-\x7f]")
_SPACE: Final = re.compile(r"\s+")


def folded(text: str) -> str:
    """Small letters without accents; digits of any script as ASCII; each run of white space one space."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _alike(text))
        text = _OTHER_DIGITS.sub(_digit, _alike(_UNSEEN.sub("", text)))
    return _SPACE.sub(" ", text.casefold())


def _alike(text: str) -> str:
    return text.translate(_ALIKE) if _ANY_ALIKE.search(text) else text


def _digit(match: re.Match[str]) -> str:
    return str(unicodedata.digit(match[0], match[0]))
