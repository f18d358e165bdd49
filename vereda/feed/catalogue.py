"""What a service tells, type by type: the catalogue that its code, docs/events.md and the tests read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREFIX: Final = "org.vereda."


class Shown(StrEnum):
    """To whom of those told an event says what it is, at the moment when it is read; to the others it is withheld."""

    MAKER = "the organisation that did it"
    TOLD = "everybody told"
    SIDES = "both sides of the referral: its recipient while the client's consent holds, its sender under STATUS_BACK"
    CLOSED = "both sides of the referral: it says no more than that it is over (R7)"
    CANDIDATE = "whom it was offered to, while they see the offer"
    ROW = (
        "who sees its subject in a query. To others than who did it, it says only that something changed (`.changed`): whether a"
        " client's consent holds is not asked here, but when you ask what"
    )


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of events. `name`: without `PREFIX`; `subject`: what its subject is the id of."""

    name: str
    says: str
    subject: str
    shown: Shown


def family(kind: str, subject: str, shown: Shown, **says: str) -> tuple[EventType, ...]:
    """Types of one kind: `family("offer", ..., passed="...")` has `offer.passed`."""
    return tuple(EventType(f"{kind}.{name}", said, subject, shown) for name, said in says.items())


def coded(
    kind: str, subject: str, shown: Shown, codes: Iterable[StrEnum], says: str
) -> tuple[EventType, ...]:
    """Types that are named after codes: `says` is filled with each."""
    return tuple(
        EventType(f"{kind}.{code.value.lower()}", says.format(f"`{code.value}`"), subject, shown)
        for code in codes
    )


def catalogue(*families: Iterable[EventType]) -> Mapping[str, EventType]:
    """All types of a service by their names, the earlier of two with one name."""
    found: dict[str, EventType] = {}
    for one in (type_ for types in families for type_ in types):
        found.setdefault(one.name, one)
    return found


def entry(types: Mapping[str, EventType], name: str) -> EventType:
    """The entry of an event that is told. Raises: KeyError where the catalogue has none, and nobody would be told."""
    if name not in types:
        raise KeyError(f"{name} is not in the service's catalogue of events (events.py)")
    return types[name]
