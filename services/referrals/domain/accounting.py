"""Telling a client who was shown what (R28): entries in, words of their language out. Pure: words and today are arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

#: For how long back an account is given: 42 CFR 2.24 asks for three years; what is older is told too, while it is kept.
LEAST_YEARS: Final = 3
#: Within how many days an account that was asked for elsewhere has to be given (42 CFR 2.24).
DUE_DAYS: Final = 30


class How(StrEnum):
    """In what way it was disclosed."""

    SENT = "SENT"
    READ = "READ"
    STATED = "STATED"


@dataclass(frozen=True, slots=True)
class Told:
    """One disclosure. Several of one recipient, purpose and consent on one day are told as one (`gathered`)."""

    at: datetime
    recipient: UUID
    how: How
    data_classes: frozenset[str]
    purpose: str
    consent: UUID | None


@dataclass(frozen=True, slots=True)
class Words:
    """A language's words: of every class, purpose and way, and the sentences that they stand in."""

    language: str
    data_classes: Mapping[str, str]
    purposes: Mapping[str, str]
    ways: Mapping[str, str]
    sentences: Mapping[str, str]


#: What the sentences of a language must hold, and between braces, with what.
SENTENCES: Final[Mapping[str, frozenset[str]]] = {
    "title": frozenset(),
    "given": frozenset({"date"}),
    "line": frozenset({"date", "recipient", "way", "classes", "purpose", "consent"}),
    "line_without_consent": frozenset({"date", "recipient", "way", "classes", "purpose"}),
    "none": frozenset(),
    "part": frozenset({"days"}),
    "revoke": frozenset(),
    "nobody_else": frozenset(),
    "unnamed": frozenset({"id"}),
    "list_end": frozenset(),
}


def gathered(told: Sequence[Told]) -> list[Told]:
    """The newest first; a day's readings by one recipient, for one purpose under one consent, as one."""
    days: dict[tuple[object, ...], Told] = {}
    for one in sorted(told, key=lambda one: one.at):
        key = (one.at.date(), one.recipient, one.how, one.purpose, one.consent)
        before = days.get(key)
        classes = one.data_classes | (before.data_classes if before else frozenset())
        days[key] = Told(one.at, one.recipient, one.how, classes, one.purpose, one.consent)
    return sorted(days.values(), key=lambda one: one.at, reverse=True)


def account(
    told: Sequence[Told], words: Words, names: Mapping[UUID, str], today: datetime, *, whole: bool
) -> str:
    """The account as plain text, for printing and for reading out. `names`: of recipients, where they are known.

    `whole`: whether all disclosures are in it; otherwise it says that the rest comes from elsewhere.
    """
    said = words.sentences
    lines = [said["title"], said["given"].format(date=_day(today)), ""]
    lines += [_line(one, words, names) for one in gathered(told)] or [said["none"]]
    lines += ["", said["nobody_else"] if whole else said["part"].format(days=DUE_DAYS), said["revoke"]]
    return "\n".join(lines) + "\n"


def _line(one: Told, words: Words, names: Mapping[UUID, str]) -> str:
    classes = sorted(words.data_classes[name] for name in one.data_classes)
    listed = (
        f" {words.sentences['list_end']} ".join([", ".join(classes[:-1]), classes[-1]])
        if len(classes) > 1
        else "".join(classes)
    )
    sentence = words.sentences["line" if one.consent else "line_without_consent"]
    return sentence.format(
        date=_day(one.at),
        recipient=names.get(one.recipient) or words.sentences["unnamed"].format(id=one.recipient),
        way=words.ways[one.how.value],
        classes=listed,
        purpose=words.purposes[one.purpose],
        consent=one.consent,
    )


def _day(at: datetime) -> str:
    return at.date().isoformat()
