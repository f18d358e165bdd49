"""Fourth stage: fewer requests. Entity requests of one subgraph at one path become one where no chain of requests
becomes longer by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from gateway.planner.fetches import Group, SelectionTree, merge_keys
from gateway.planner.operation import Conditions, When
from gateway.planner.plan import KeyField, KeySelection, PathStep

_Place: TypeAlias = tuple[str, tuple[PathStep, ...], str | None, bool, Conditions, int]


def merge_groups(groups: list[Group]) -> list[Group]:
    """The groups with those of the same subgraph, path and level joined; earlier ones absorb later ones.

    Equal levels cannot depend on each other, so no cycle can come of it, and the longest chain stays as it was.
    """
    level = levels(groups)
    replaced: dict[Group, Group] = {}
    _merge_levels(groups, level, replaced)
    _absorb_early_ends(groups, level, replaced)
    left = _left(groups, replaced)
    _hang_on_conditions(left, level)
    _merge_levels(left, level, replaced)
    return _left(left, replaced)


def _left(groups: list[Group], replaced: dict[Group, Group]) -> list[Group]:
    """The groups that were not joined to another, each depending on such."""
    left = [group for group in groups if group not in replaced]
    for group in left:
        group.depends = {_final(found, replaced) for found in group.depends}
    return left


def _hang_on_conditions(groups: list[Group], level: dict[Group, int]) -> None:
    """What all of a group hangs on becomes the group's own condition. A group that only brings what others need hangs
    on what all of those hang on."""
    waiting: dict[Group, list[Group]] = defaultdict(list)
    for group in sorted(groups, key=lambda one: -level[one]):
        _take_conditions(group)
        if waiting[group] and group.tree.is_for_others:
            common = set.intersection(*(set(other.conditions) for other in waiting[group]))
            group.conditions = tuple(sorted({*group.conditions, *common}))
        for before in group.depends:
            waiting[before].append(group)


def _merge_levels(groups: list[Group], level: dict[Group, int], replaced: dict[Group, Group]) -> None:
    kept: dict[tuple[_Place, int], list[Group]] = defaultdict(list)
    for group in groups:
        if group.path:
            _merge_into_one(group, kept[_place(group), level[group]], replaced)


def _take_conditions(group: Group) -> None:
    """What all of a group hangs on becomes the group's own condition; its fields are left without it."""
    common: set[When] | None = None
    for conditions in group.tree.top_conditions():
        common = set(conditions) if common is None else common & set(conditions)
    if common:
        group.tree = conditional(group.tree, (), common)
        group.conditions = tuple(sorted({*group.conditions, *common}))


def _merge_into_one(group: Group, kept: list[Group], replaced: dict[Group, Group]) -> None:
    """Join a group to the first of `kept` that it fits, or keep it too."""
    for known in kept:
        path = _joined(known, group)
        if path is not None and _can_be_sent_together(known, group):
            known.path = path
            _absorb(known, group)
            replaced[group] = known
            return
    kept.append(group)


def cost(groups: list[Group]) -> tuple[int, int, int]:
    """What a plan is judged by: sequential requests, requests, fields."""
    return max(levels(groups).values()), len(groups), sum(group.tree.size() for group in groups)


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
    latest: dict[_Place, list[Group]] = defaultdict(list)
    for group in sorted((g for g in groups if g.path and g not in replaced), key=lambda g: -level[g]):
        if group in awaited:
            latest[_place(group)].append(group)
        else:
            _merge_into_one(group, latest[_place(group)], replaced)


def _final(group: Group, replaced: dict[Group, Group]) -> Group:
    while group in replaced:
        group = replaced[group]
    return group


def _place(group: Group) -> _Place:
    """What must be equal for two requests to become one; type conditions of the path may differ.

    Conditions must not: where one does not hold, what it needs is not fetched, and nothing would be sent.
    """
    steps = tuple(step for step in group.path if not _is_condition(step))
    return group.subgraph, steps, group.substitute, group.is_entity, group.conditions, group.part


def _can_be_sent_together(one: Group, other: Group) -> bool:
    """A representation has one value for each field: the same field with other arguments needs its own request.

    Where all objects are sent under an interface's name, all are asked for all fields: then all must bring the same, and
    nothing may be closed to some of them.
    """
    if one.path != other.path and (one.apart or other.apart):
        return False
    if one.substitute is not None:
        needs = [merge_keys(tuple(sent)) for group in (one, other) for _, sent in group.represent.values()]
        if any(need != needs[0] for need in needs):
            return False
    return _agree(one.requires(), other.requires())


def _agree(some: tuple[KeySelection, ...], others: tuple[KeySelection, ...]) -> bool:
    """Whether no object that both represent would have to be sent two values for one field, at any depth."""
    sent: dict[str, list[tuple[frozenset[str] | None, KeyField]]] = defaultdict(list)
    for types, item in _fields(some):
        sent[item.name].append((types, item))
    return all(
        item.alias == known.alias and _agree(known.selections, item.selections)
        for types, item in _fields(others)
        for known_types, known in sent.get(item.name, ())
        if types is None or known_types is None or types & known_types
    )


def _fields(
    selections: Iterable[KeySelection], types: frozenset[str] | None = None
) -> Iterator[tuple[frozenset[str] | None, KeyField]]:
    """Each field, with the types of objects that it is read of, fragments seen through; None: of all."""
    for selection in selections:
        if isinstance(selection, KeyField):
            yield types, selection
        else:
            narrower = frozenset((selection.type_condition, *selection.possible_types))
            yield from _fields(selection.selections, narrower if types is None else types & narrower)


def _absorb(into: Group, other: Group) -> None:
    """Make one request of two."""
    into.tree.absorb(other.tree)
    into.depends |= other.depends
    for name, (possible, selections) in other.represent.items():
        into.send(name, possible, tuple(selections))


def _is_condition(step: PathStep) -> bool:
    return step.startswith("|")


def _joined(one: Group, other: Group) -> tuple[PathStep, ...] | None:
    """The path that covers two which differ in one type condition: either's types, or no condition.

    None where they differ in more: their union would lead to objects that neither wants. Nor where, under
    different parents, the same objects are asked with different fields: half of those would be missing.
    """
    if one.path == other.path:
        return one.path
    first, second = _conditioned(one.path), _conditioned(other.path)
    differing = [index for index, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(differing) != 1:
        return None
    (index,) = differing
    if index != len(first) - 1 and not _need_the_same(one, other):
        return None
    step, some = first[index]
    others = second[index][1]
    first[index] = (step, tuple(dict.fromkeys((*some, *others))) if some and others else ())
    path: list[PathStep] = []
    for step, names in first:
        path += ([step] if step else []) + ([f"|[{','.join(names)}]"] if names else [])
    return tuple(path)


def _need_the_same(one: Group, other: Group) -> bool:
    """Whether any object that both ask for is represented alike by both."""
    return all(
        (name == other_name and merge_keys(tuple(selections)) == merge_keys(tuple(others)))
        or not {name, *possible} & {other_name, *other_possible}
        for name, (possible, selections) in one.represent.items()
        for other_name, (other_possible, others) in other.represent.items()
    )


def _conditioned(path: tuple[PathStep, ...]) -> list[tuple[PathStep, tuple[str, ...]]]:
    """Each step with the types that the path goes on for there; () for all."""
    found: list[tuple[PathStep, tuple[str, ...]]] = [("", ())]
    for step in path:
        if _is_condition(step):
            found[-1] = (found[-1][0], tuple(step[2:-1].split(",")))
        else:
            found.append((step, ()))
    return found


def conditional(tree: SelectionTree, added: Iterable[When], removed: Iterable[When] = ()) -> SelectionTree:
    """The tree with conditions added to its topmost fields, or taken from them."""
    gone = set(removed)
    plus = set(added)
    made = SelectionTree(tree.type_name)
    for asked, inner in tree.fields.items():
        combined = tuple(sorted(({*asked.conditions} | plus) - gone))
        moved = replace(asked, conditions=combined)
        made.field(moved, tree.ranks[asked]).absorb(inner)
    for name, inner in tree.fragments.items():
        made.fragments[name] = conditional(inner, plus, gone)
    return made
