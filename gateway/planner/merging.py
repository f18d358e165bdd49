"""Third stage: fewer requests. Entity requests of one subgraph at one path become one where that delays nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from gateway.planner.fetches import Asked, Group, SelectionTree
from gateway.planner.operation import When
from gateway.planner.plan import PathStep

_Place: TypeAlias = tuple[str, tuple[PathStep, ...], str | None, bool]


def merge_groups(groups: list[Group]) -> list[Group]:
    """The groups with those of the same subgraph, path and level joined; earlier ones absorb later ones.

    Equal levels cannot depend on each other, so no cycle can come of it, and the longest chain stays as it was.
    """
    level = levels(groups)
    kept: dict[tuple[_Place, int], Group] = {}
    replaced: dict[Group, Group] = {}
    for group in groups:
        if not group.path:
            continue
        known = kept.setdefault((_place(group), level[group]), group)
        if known is not group:
            _absorb(known, group)
            replaced[group] = known
    _absorb_early_ends(groups, level, replaced)
    left = [group for group in groups if group not in replaced]
    for group in left:
        group.depends = {_final(found, replaced) for found in group.depends}
    return left


def levels(groups: list[Group]) -> dict[Group, int]:
    """How many requests come before each group's own."""
    found: dict[Group, int] = {}

    def level(group: Group) -> int:
        if group not in found:
            found[group] = 1 + max((level(other) for other in group.depends), default=-1)
        return found[group]

    for group in groups:
        level(group)
    return found


def _absorb_early_ends(groups: list[Group], level: dict[Group, int], replaced: dict[Group, Group]) -> None:
    """A request that nothing waits for can as well be part of a later one at the same place."""
    awaited = {
        _final(found, replaced) for group in groups if group not in replaced for found in group.depends
    }
    latest: dict[_Place, Group] = {}
    for group in sorted((g for g in groups if g.path and g not in replaced), key=lambda g: -level[g]):
        later = latest.setdefault(_place(group), group)
        if later is not group and group not in awaited:
            _absorb(later, group)
            replaced[group] = later


def _final(group: Group, replaced: dict[Group, Group]) -> Group:
    while group in replaced:
        group = replaced[group]
    return group


def _place(group: Group) -> _Place:
    path = group.path
    if path and path[-1].startswith("|"):
        path = path[:-1]
    return group.subgraph, path, group.substitute, group.is_entity


def _absorb(into: Group, other: Group) -> None:
    """Make one request of two: each one's conditions move to its fields where the two differ."""
    if into.conditions != other.conditions:
        into.tree = conditional(into.tree, into.conditions)
        into.conditions, added = (), conditional(other.tree, other.conditions)
    else:
        added = other.tree
    into.tree.absorb(added)
    into.depends |= other.depends
    for name, (possible, selections) in other.represent.items():
        into.send(name, possible, tuple(selections))
    if into.path != other.path:
        into.path = _joined(into.path, other.path)


def _joined(first: tuple[PathStep, ...], second: tuple[PathStep, ...]) -> tuple[PathStep, ...]:
    """Paths that differ in their last type condition: either's types, or all where one has no condition."""
    if first[-1].startswith("|") and second[-1].startswith("|"):
        names = dict.fromkeys([*first[-1][2:-1].split(","), *second[-1][2:-1].split(",")])
        return (*first[:-1], f"|[{','.join(names)}]")
    return first[:-1] if first[-1].startswith("|") else second[:-1] if second[-1].startswith("|") else first


def conditional(tree: SelectionTree, added: Iterable[When], removed: Iterable[When] = ()) -> SelectionTree:
    """The tree with conditions added to its topmost fields, or taken from them."""
    gone = set(removed)
    plus = set(added)
    made = SelectionTree(tree.type_name)
    for asked, inner in tree.fields.items():
        combined = tuple(sorted(({*asked.conditions} | plus) - gone))
        moved = Asked(asked.key, asked.name, asked.arguments, combined, asked.type)
        made.field(moved).absorb(inner)
    for name, inner in tree.fragments.items():
        made.fragments[name] = conditional(inner, plus, gone)
    return made
