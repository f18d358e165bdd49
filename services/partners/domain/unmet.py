"""Needs that no service answered: counted by county, kind and month, so that nobody's search can be told (R31)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.partners.domain.taxonomy import BY_CODE, TERMS, is_survivor

#: Under what a need is counted that is said in another taxonomy alone.
OTHER: Final = "other"
#: Every kind that a need may be counted under: a survivor's exact kind is none of them.
KINDS: Final = (*(term.code for term in TERMS if not term.survivor), OTHER)
_BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")
_MONTH: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def counted_as(needs: Iterable[str]) -> tuple[str, ...]:
    """The kinds that a search counts under, each once; what survivors need counts as its domain (R13, R16)."""
    kinds = set()
    for code in needs:
        if code not in BY_CODE:
            kinds.add(OTHER)
        else:
            kinds.add(code.split(".")[0] if is_survivor([code]) else code)
    return tuple(sorted(kinds))


def month_of(now: datetime) -> str:
    """In California, such as `2026-11`."""
    return now.astimezone(_BUSINESS_TIME).strftime("%Y-%m")


def is_over(month: str, now: datetime) -> bool:
    """Whether a month is one, and over: figures that still grow would tell of each search."""
    return _MONTH.fullmatch(month) is not None and month < month_of(now)
