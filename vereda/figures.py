"""Figures that the region reads of itself: a number or why there is none, of what, for when, and by whose word (R31).

Each service counts what it owns and says it in this form; nothing here knows what is counted. What is published is
published once. Sums and shares are made of *published* figures alone, as whoever reads them could make them too: they tell
nothing that was not told, and where a part is hidden so is the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from vereda.periods import Period
from vereda.scalars import Amount
from vereda.suppression import Hidden


class Unit(StrEnum):
    """What a figure's number counts or measures."""

    NEEDS = "NEEDS"
    PEOPLE = "PEOPLE"
    ORGANIZATIONS = "ORGANIZATIONS"
    SERVICES = "SERVICES"
    STAFF = "STAFF"
    FULL_TIME_EQUIVALENTS = "FULL_TIME_EQUIVALENTS"
    PER_100_000 = "PER_100_000"
    APPLICATIONS = "APPLICATIONS"
    WORKSHOPS = "WORKSHOPS"
    EVENTS = "EVENTS"
    SEARCHES = "SEARCHES"
    COMMITMENTS = "COMMITMENTS"
    COHORTS = "COHORTS"
    SEATS = "SEATS"
    SESSIONS = "SESSIONS"
    SHARE = "SHARE"
    DAYS = "DAYS"
    MONEY = "MONEY"


class Mark(StrEnum):
    """Why a figure has no number."""

    SMALL = "SMALL"
    WITHHELD = "WITHHELD"
    TOO_FEW = "TOO_FEW"
    PART_HIDDEN = "PART_HIDDEN"
    NOT_YET = "NOT_YET"
    NOT_PUBLISHED = "NOT_PUBLISHED"
    NOT_KEPT = "NOT_KEPT"
    OTHER_PERIODS = "OTHER_PERIODS"
    NOT_BY_COUNTY = "NOT_BY_COUNTY"
    NO_DENOMINATOR = "NO_DENOMINATOR"
    NOTHING_TO_SHARE = "NOTHING_TO_SHARE"
    RESTRICTED = "RESTRICTED"


#: Each mark in words, in English and Spanish.
REASONS: Final = {
    Mark.SMALL: ("It is 1 to 10.", "Es de 1 a 10."),
    Mark.WITHHELD: (
        "It would give a small count away by subtraction.",
        "Revelaría por resta un conteo pequeño.",
    ),
    Mark.TOO_FEW: ("It would be of too few people.", "Sería de muy pocas personas."),
    Mark.PART_HIDDEN: (
        "A part of it is hidden, and so is the whole.",
        "Una parte está oculta, y por eso el total.",
    ),
    Mark.NOT_YET: (
        "The period is not over, or its figures are not settled.",
        "El período no ha terminado o sus cifras aún no son definitivas.",
    ),
    Mark.NOT_PUBLISHED: (
        "Nothing was published of it: too little was counted, or nobody counted yet.",
        "No se publicó: se contó muy poco, o aún nadie contaba.",
    ),
    Mark.NOT_KEPT: ("How it stood then was not kept.", "No se guardó cómo era entonces."),
    Mark.OTHER_PERIODS: (
        "It is counted for periods of another length.",
        "Se cuenta por períodos de otra duración.",
    ),
    Mark.NOT_BY_COUNTY: ("It is counted for the region alone.", "Se cuenta solo para la región."),
    Mark.NO_DENOMINATOR: (
        "How many people live there was not stated: the coordinator sets it.",
        "No se indicó cuántas personas viven allí: lo fija la coordinación.",
    ),
    Mark.NOTHING_TO_SHARE: (
        "There is nothing of which it could be a share.",
        "No hay de qué calcular una parte.",
    ),
    Mark.RESTRICTED: (
        "It is for the network's coordinator.",
        "Es para la coordinación de la red.",
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure says: a stable id, its unit, a name and a definition in English and Spanish."""

    id: str
    unit: Unit
    name: str
    name_es: str
    definition: str
    definition_es: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. It has a `value`, or for money an `amount`, or a `mark`: one of the three.

    `of`: what it is of, as (dimension, value) pairs, such as ("language", "SPANISH"). `final`: whether it was published,
    and never changes; else it is as of the moment `as_of`.
    """

    measure: Measure
    period: Period
    as_of: datetime
    value: float | None = None
    amount: Amount | None = None
    mark: Mark | None = None
    of: tuple[tuple[str, str], ...] = ()
    final: bool = False

    @property
    def number(self) -> float | None:
        """The value, or the money in its main unit; None where it is marked."""
        return self.value if self.amount is None else self.amount.cents / 100

    def hidden(self, mark: Mark) -> Figure:
        return replace(self, value=None, amount=None, mark=mark)


_MARKS: Final = {Hidden.SMALL.value: Mark.SMALL, Hidden.WITHHELD.value: Mark.WITHHELD}


def said(figure: Figure, published: float | str | None) -> Figure:
    """The figure with what a published table says of it: a count, a mark's text, or None where it says nothing."""
    if isinstance(published, str):
        return figure.hidden(_MARKS[published])
    if published is None:
        return figure.hidden(Mark.NOT_PUBLISHED)
    return replace(figure, value=published)


def total(of: Figure, parts: Sequence[Figure]) -> Figure:
    """`of` with the sum of its parts. A part that was not published makes the whole so; a hidden one hides it."""
    unknown = [part.mark for part in parts if part.mark and part.mark not in _MARKS.values()]
    if unknown:
        return of.hidden(unknown[0])
    if any(part.mark for part in parts) or not parts:
        return of.hidden(Mark.PART_HIDDEN if parts else Mark.NOT_PUBLISHED)
    return replace(
        of,
        value=sum(part.value or 0 for part in parts),
        final=all(part.final for part in parts),
        as_of=max(part.as_of for part in parts),
    )


def share(of: Figure, part: Figure, whole: Figure) -> Figure:
    """`of` as the part's share of the whole, in thousandths; hidden where either is."""
    if part.mark or whole.mark:
        known = [mark for mark in (part.mark, whole.mark) if mark]
        small = any(mark in _MARKS.values() or mark is Mark.PART_HIDDEN for mark in known)
        return of.hidden(Mark.PART_HIDDEN if small else known[0])
    if not whole.value:
        return of.hidden(Mark.NOTHING_TO_SHARE)
    return replace(
        of,
        value=round((part.value or 0) / whole.value, 3),
        final=part.final and whole.final,
        as_of=max(part.as_of, whole.as_of),
    )
