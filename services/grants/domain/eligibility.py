"""Who may apply, as statements that applicants say they meet: whole, by the version that they were read (R4).

What anybody would answer to one statement is not asked, and so cannot be kept: an application has the number of the version, and
nothing else. A version is never changed; a new one is for who applies from then on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_STATEMENTS: Final = 20
_LONGEST: Final = 500
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that an applicant says of themselves, in the program's words."""

    code: str
    text: str
    text_es: str | None = None


def questionnaire_problems(statements: Sequence[Statement]) -> dict[str, str]:
    """What is wrong with a questionnaire, by field; empty where nothing is."""
    codes = [one.code for one in statements]
    if not 1 <= len(statements) <= MOST_STATEMENTS:
        return {"statements": f"must be 1 to {MOST_STATEMENTS}"}
    if not all(_CODE.fullmatch(code) for code in codes) or len(set(codes)) != len(codes):
        return {"statements": "must each have a code of its own, of up to 40 capitals, digits and `_`"}
    if any(not 1 <= len(text.strip()) <= _LONGEST for one in statements for text in _texts(one)):
        return {"statements": f"must have texts of 1 to {_LONGEST} characters"}
    return {}


def as_text(statements: Sequence[Statement]) -> str:
    """All statements in one text, a line each."""
    return "\n".join(one.text.strip() for one in statements)


def _texts(one: Statement) -> list[str]:
    return [one.text] if one.text_es is None else [one.text, one.text_es]
