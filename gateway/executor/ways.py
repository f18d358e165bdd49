"""How each entity fetch of a plan comes to its objects, and what others have found on the way that it may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from gateway.executor.gathering import Way
from gateway.executor.paths import without_conditions
from gateway.planner.plan import Fetch

#: A fetch, its path, and the ids of the fetches that it waits for.
Placed: TypeAlias = tuple[Fetch, tuple[str, ...], frozenset[int]]


def find_ways(placed: Sequence[Placed]) -> dict[int, Way]:
    """The way of each entity fetch, by the fetch's id."""
    entity = {fetch.id: path for fetch, path, _ in placed if fetch.requires}
    before = _all_before(placed)
    filled = {without_conditions(path) for path in entity.values()}
    return {
        number: Way(path, _shared_at(path, filled), _starts(number, path, entity, before))
        for number, path in entity.items()
    }


def _all_before(placed: Sequence[Placed]) -> dict[int, frozenset[int]]:
    """What each fetch waits for, and what that waits for, and so on. Plans list fetches after those they wait for."""
    found: dict[int, frozenset[int]] = {}
    for fetch, _, after in placed:
        found[fetch.id] = after.union(*(found.get(number, frozenset()) for number in after))
    return found


def _shared_at(path: tuple[str, ...], filled: Iterable[tuple[str, ...]]) -> frozenset[int]:
    """Positions of steps from objects that a fetch fills: one object, or what is in it, may stand at many places."""
    known = set(filled)
    return frozenset(
        position
        for position, step in enumerate(path)
        if not step.startswith("|") and without_conditions(path[:position]) in known
    )


def _starts(
    number: int,
    path: tuple[str, ...],
    entity: Mapping[int, tuple[str, ...]],
    before: Mapping[int, frozenset[int]],
) -> tuple[int, ...]:
    """Lengths of beginnings of `path` at which what another fetch found holds for this one too, longest first."""
    others: dict[tuple[str, ...], list[int]] = {}
    for other, other_path in entity.items():
        if other != number and path[: len(other_path)] == other_path:
            others.setdefault(other_path, []).append(other)
    lengths = [
        len(beginning)
        for beginning, finders in others.items()
        if all(_holds(number, beginning, finder, entity, before) for finder in finders)
    ]
    return tuple(sorted(lengths, reverse=True))


def _holds(
    number: int,
    beginning: tuple[str, ...],
    finder: int,
    entity: Mapping[int, tuple[str, ...]],
    before: Mapping[int, frozenset[int]],
) -> bool:
    """Whether nothing that this fetch waits for can have put more objects at `beginning` than the finder saw there.

    An entity fetch fills objects; it adds none where they stand themselves, or further up.
    """
    top = without_conditions(beginning)
    return all(
        other in before[finder] or (other in entity and without_conditions(entity[other])[: len(top)] == top)
        for other in before[number]
    )
