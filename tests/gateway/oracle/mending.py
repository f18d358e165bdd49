"""Last step: what was drawn is made whole, so that every field can be answered wherever it may be asked.

Composition would refuse what is not ("Federation 2 §satisfiability"); here it is repaired with as little as helps.
"""

from __future__ import annotations

from tests.gateway.oracle.graphs import Type, top_fields
from tests.gateway.oracle.placing import SPLIT_VALUE, Builder

#: What mends one thing may break another, but not for long.
_MOST_ROUNDS = 6


class DoesNotFitError(Exception):
    """What was drawn cannot be made whole; another example may do."""


def mend(builder: Builder) -> None:
    """Complete implementations, common answers of shared fields, and ways between the homes of each entity."""
    for _ in range(_MOST_ROUNDS):
        before = _size(builder)
        _complete_implementations(builder)
        _find_common_members(builder)
        for name in builder.sketch.named_by_kind("entity"):
            _connect(builder, name)
        if _size(builder) == before:
            return
    raise DoesNotFitError


def _size(builder: Builder) -> int:
    return sum(
        1
        + len(type_.fields)
        + len(type_.members)
        + len(type_.implements)
        + sum(map(int, type_.keys.values()))
        for types in builder.graph.subgraphs.values()
        for type_ in types.values()
    )


def _complete_implementations(builder: Builder) -> None:
    """Every implementation has all that its interface has in any subgraph ("GraphQL §interface implementation")."""
    graph = builder.graph
    for name in builder.sketch.named_by_kind("interface"):
        wanted = {
            field: None
            for _, type_ in graph.declaring(name)
            if not type_.is_interface_object
            for field in type_.fields
        }
        for member in graph.implementations(name):
            for field in wanted:
                if not any(said.is_answered for said in graph.declared(member, field)):
                    target = builder.sketch.specs[member].fields[field].named
                    homes = [
                        home
                        for home, type_ in graph.declaring(member)
                        if builder.can_hold(home, target) and field not in type_.fields
                    ]
                    builder.give((homes or builder.able(target))[0], member, field)


def _find_common_members(builder: Builder) -> None:
    """Subgraphs that share a field of an abstract type must have an answer that each of them could give."""
    graph = builder.graph
    for type_name in graph.type_names():
        for field_name in {name: None for _, type_ in graph.declaring(type_name) for name in type_.fields}:
            said = [
                (home, type_.fields[field_name].named)
                for home, type_ in graph.declaring(type_name)
                if field_name in type_.fields
            ]
            target = said[0][1]
            if target not in builder.sketch.specs or target not in graph.subgraphs[said[0][0]]:
                continue
            common = set.intersection(*(set(graph.members(home, target)) for home, _ in said))
            if not common:
                _add_common_member(builder, [home for home, _ in said], target)


def _add_common_member(builder: Builder, homes: list[str], target: str) -> None:
    spec = builder.sketch.specs[target]
    able = [name for name in spec.members if all(builder.can_hold(home, name) for home in homes)]
    if not able:
        raise DoesNotFitError
    for home in homes:
        type_ = builder.graph.subgraphs[home][target]
        if able[0] in builder.graph.members(home, target):
            continue
        if type_.kind == "union":
            type_.members.append(able[0])
            builder.ensure(home, able[0])
        else:
            builder.implement(home, target, able[0])


def _connect(builder: Builder, name: str) -> None:
    """From each home of an entity there is a way to every field of it, and back to what requires other fields."""
    homes = dict(builder.graph.declaring(name))
    objects = builder.sketch.objects
    for start in homes:
        if objects is not None and name in builder.sketch.specs[objects.interface].members:
            _lead(builder, name, start, [objects.owner])
        for field in {field: None for type_ in homes.values() for field in type_.fields}:
            said = {home: type_.fields[field] for home, type_ in homes.items() if field in type_.fields}
            answering = [home for home, other in said.items() if other.is_answered]
            if any(other.label or other.named == SPLIT_VALUE for other in said.values()):
                # Each of them must be had by itself.
                for home in answering:
                    if home != start or said[home].requires:
                        _lead(builder, name, start, [home])
            elif start not in said or not said[start].is_known:
                _lead(builder, name, start, answering)


def _lead(builder: Builder, name: str, start: str, goals: list[str]) -> None:
    """Have one of `goals` reached."""
    if not _reached(builder, name, start).intersection(goals):
        _build_bridge(builder, name, start, builder.dice.pick(goals))


def _reached(builder: Builder, name: str, start: str) -> set[str]:
    """Homes that an entity can be asked at, once it is known at `start`."""
    homes = dict(builder.graph.declaring(name))
    visited = {start}
    reached: set[str] = set()
    while True:
        known = [field for home in visited for field in _known(builder, home, homes[home])]
        added = {
            home
            for home, type_ in homes.items()
            if home not in reached
            and any(
                resolvable and all(item in known for item in _items(builder, name, key))
                for key, resolvable in type_.keys.items()
            )
        }
        if not added:
            return reached
        reached |= added
        visited |= added


def _items(builder: Builder, name: str, key: str) -> list[str]:
    """The leaves of a key, each as a path: "keeper.id"."""
    specs = builder.sketch.specs
    items = []
    for field in top_fields(key):
        target = specs.get(specs[name].fields[field].named)
        items.append(field if target is None else f"{field}.{'id' if target.kind == 'entity' else 'ref'}")
    return items


def _known(builder: Builder, home: str, type_: Type) -> list[str]:
    found = []
    for field in type_.fields.values():
        if not field.is_known:
            continue
        found.append(field.name)
        below = builder.graph.subgraphs[home].get(field.named)
        if below is not None:
            found += [f"{field.name}.{inner.name}" for inner in below.fields.values() if inner.is_known]
    return found


def _build_bridge(builder: Builder, name: str, start: str, goal: str) -> None:
    """A key that both ends have, or that a third home shares with each."""
    graph, dice = builder.graph, builder.dice
    homes = dict(graph.declaring(name))
    ways = [key for key in homes[goal].keys if _can_take(builder, start, name, key)] or ["id"]
    way = dice.pick(ways)
    thirds = [
        home
        for home in homes
        if home not in (start, goal)
        and _can_take(builder, home, name, way)
        and any(_can_take(builder, home, name, key) for key in homes[start].keys)
    ]
    if thirds and dice.chance(60):
        third = dice.pick(thirds)
        known = [key for key in homes[start].keys if _can_take(builder, third, name, key)]
        builder.give_key(third, name, dice.pick(known), resolvable=True)
        builder.give_key(third, name, way, resolvable=dice.chance(50))
    else:
        builder.give_key(start, name, way, resolvable=not dice.chance(40))
    builder.give_key(goal, name, way, resolvable=True)


def _can_take(builder: Builder, home: str, name: str, key: str) -> bool:
    """Whether a home may get a key: none of its fields stands there as `@external` or is lost."""
    type_ = builder.graph.subgraphs[home][name]
    specs = builder.sketch.specs
    for field in top_fields(key):
        if not builder.can_hold(home, specs[name].fields[field].named):
            return False
        if field in type_.fields and not type_.fields[field].is_known:
            return False
    return True
