"""The dimensions of what is published: fixed and few, for whoever may slice as they like finds everybody in the end (R31)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

#: The counties of the region, by their federal (FIPS) codes.
COUNTIES: Final = ("06019", "06029", "06031", "06039", "06047", "06077", "06099", "06107")
#: Another county, or one that nobody asked for.
ELSEWHERE: Final = "ELSEWHERE"


class LanguageGroup(StrEnum):
    """Languages as reports tell them apart: each has many speakers in the region, or stands for many that have few."""

    SPANISH = "SPANISH"
    ENGLISH = "ENGLISH"
    INDIGENOUS_MEXICAN = "INDIGENOUS_MEXICAN"
    HMONG = "HMONG"
    PUNJABI = "PUNJABI"
    OTHER = "OTHER"


_GROUPS: Final = {
    "spa": LanguageGroup.SPANISH,
    "eng": LanguageGroup.ENGLISH,
    "mww": LanguageGroup.HMONG,
    "hnj": LanguageGroup.HMONG,
    "hmn": LanguageGroup.HMONG,
    "pan": LanguageGroup.PUNJABI,
}


def language_group(iso639_3: str, name: str) -> LanguageGroup:
    """The group of a language, by its ISO 639-3 code and reference name.

    The names say what the codes do not: ISO 639-3 has some 50 codes for Mixtec and some 60 for Zapotec, and no code for
    either group.
    """
    indigenous = any(
        word in name for word in ("Mixtec", "Zapotec", "Triqui", "Nahuatl", "Purepecha", "Mazatec", "Chatino")
    )
    return _GROUPS.get(iso639_3, LanguageGroup.INDIGENOUS_MEXICAN if indigenous else LanguageGroup.OTHER)


class Came(StrEnum):
    """What came of a need, as reports tell it."""

    HELPED = "HELPED"
    NOT_HELPED = "NOT_HELPED"
    OPEN = "OPEN"


class Answer(StrEnum):
    """What the organisations that were asked said first of all, as reports tell it."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    #: Nobody has said yes or no: it waits, it was given up, or its time ran out.
    NO_ANSWER = "NO_ANSWER"


def county(fips: str | None) -> str:
    """The county as reports tell it."""
    return fips if fips is not None and fips in COUNTIES else ELSEWHERE
