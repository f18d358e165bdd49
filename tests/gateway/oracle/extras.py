"""Third step: directives that make fields depend on other subgraphs: `@requires`, `@provides`, `@override`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Final

from tests.gateway.oracle.graphs import ROOTS, Field, Type, top_fields
from tests.gateway.oracle.placing import Builder
from tests.gateway.oracle.sketch import draw_leaf

_COMPUTED: Final = ("score", "label", "worth")
_LITERALS: Final = {"size": ("1", "2"), "grade": ("LOW", "HIGH"), "by": ("{size: 1}", "{grade: LOW}")}


@dataclass
class Extras:
    """What was added, as far as later additions must know it. `needs`: coordinates by what requires them."""

    builder: Builder
    needs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def waits_for(self, coordinate: str, other: str) -> bool:
        """Whether a field cannot be had before another."""
        return coordinate == other or any(self.waits_for(found, other) for found in self.needs[coordinate])


def add_extras(builder: Builder) -> None:
    """Some of each; few graphs have all."""
    extras = Extras(builder)
    dice = builder.dice
    steps: tuple[tuple[int, Callable[[Extras], None]], ...] = (
        (35, _override),
        (35, _provide),
        (45, _require),
        (35, _require),
        (25, _require_of_objects),
        (25, _provide),
        (20, _override),
        (20, _require),
    )
    for percent, step in steps:
        if dice.chance(percent):
            step(extras)


def _key_fields(builder: Builder, type_name: str) -> set[str]:
    spec = builder.sketch.specs.get(type_name)
    return {name for key in spec.keys for name in top_fields(key)} if spec is not None else set()


# @override


def _override(extras: Extras) -> None:
    """A field with one owner is taken over by another subgraph."""
    builder = extras.builder
    graph, dice = builder.graph, builder.dice
    choices = [
        (old, type_name, said)
        for type_name in [*builder.sketch.named_by_kind("entity"), "Query"]
        for old, type_ in graph.declaring(type_name)
        for said in type_.fields.values()
        if said.is_known
        and not said.provides
        and not said.takes_from
        and said.name not in _key_fields(builder, type_name)
        and sum(other.is_answered for other in graph.declared(type_name, said.name)) == 1
        and not any(other.lost for other in graph.declared(type_name, said.name))
    ]
    if not choices:
        return
    old, type_name, said = dice.pick(choices)
    new_homes = [
        name
        for name in builder.able(said.named)
        if name != old
        and builder.can_hold(name, type_name)
        and not graph.subgraphs[name].get(type_name, Type(type_name)).has(said.name)
    ]
    if not new_homes:
        return
    new = dice.pick(new_homes)
    said.lost = True
    taken = replace(said, lost=False, takes_from=old)
    if type_name in ROOTS:
        graph.subgraphs[new].setdefault(type_name, Type(type_name))
    else:
        builder.ensure(new, type_name)
    graph.subgraphs[new][type_name].fields[said.name] = taken
    if taken.named in builder.sketch.specs:
        builder.ensure(new, taken.named)


# @provides


def _provide(extras: Extras) -> None:
    """A field whose subgraph can answer, below it, what is otherwise another's to answer."""
    builder = extras.builder
    choices = [
        (home, said, members)
        for type_name in builder.graph.type_names()
        for home, type_ in builder.graph.declaring(type_name)
        if type_.kind == "object"
        for said in type_.fields.values()
        if said.is_known and not said.provides and not said.takes_from and said.named in builder.sketch.specs
        if (members := _provided_members(extras, home, said))
    ]
    if not choices:
        return
    home, said, members = builder.dice.pick(choices)
    items = []
    for member in builder.dice.some(members, 1, 2):
        item = _external_item(extras, home, member, None)
        if item is not None:
            items.append(item if member == said.named else f"... on {member} {{ {item} }}")
    said.provides = " ".join(items)


def _provided_members(extras: Extras, home: str, said: Field) -> list[str]:
    """The entities behind a field that have something which its subgraph does not answer."""
    return [
        name
        for name in extras.builder.graph.members(home, said.named)
        if name in extras.builder.graph.subgraphs[home]
        and extras.builder.sketch.specs[name].kind == "entity"
        and _external_choices(extras, home, name, None)
    ]


def _external_item(
    extras: Extras, home: str, type_name: str, waiting: str | None, without: Collection[str] = ()
) -> str | None:
    """A field of an entity that `home` does not answer, declared `@external` there, as an item of a field set.

    `waiting`: the coordinate that will require it. `without`: fields that are in the set already.
    """
    builder = extras.builder
    type_ = builder.graph.subgraphs[home][type_name]
    specs = builder.sketch.specs
    choices = [
        said for said in _external_choices(extras, home, type_name, waiting) if said.name not in without
    ]
    if not choices:
        return None
    said = builder.dice.pick(choices)
    text = said.name + (_literal_arguments(builder, said) if waiting is not None else "")
    if said.named in specs:
        builder.ensure(home, said.named)
        below = _below(extras, home, said.named, waiting, _common(builder, home, type_name, said))
        if below is None:
            return None
        text += f" {{ {below} }}"
    known = type_.fields.get(said.name)
    if known is None:
        type_.fields[said.name] = Field(said.name, said.type, said.arguments, external=True)
    if waiting is not None:
        extras.needs[waiting].add(f"{type_name}.{said.name}")
    return text


def _external_choices(extras: Extras, home: str, type_name: str, waiting: str | None) -> list[Field]:
    builder = extras.builder
    type_ = builder.graph.subgraphs[home][type_name]
    names = {name: None for _, other in builder.graph.declaring(type_name) for name in other.fields}
    return [
        said
        for name in names
        if (said := _answered(builder, type_name, name)) is not None
        and (not type_.has(name) or type_.fields[name].external)
        and name != "id"
        and builder.can_hold(home, said.named)
        and (waiting is None or not extras.waits_for(f"{type_name}.{name}", waiting))
        and (waiting is not None or not said.arguments)
    ]


def _answered(builder: Builder, type_name: str, name: str) -> Field | None:
    return next((said for said in builder.graph.declared(type_name, name) if said.is_answered), None)


def _common(builder: Builder, home: str, type_name: str, said: Field) -> list[str]:
    """The object types that `home` and everybody who answers a field know as its answers."""
    answering = [
        other
        for other, type_ in builder.graph.declaring(type_name)
        if said.name in type_.fields and type_.fields[said.name].is_answered
    ]
    return [
        member
        for member in builder.graph.members(home, said.named)
        if all(member in builder.graph.members(other, said.named) for other in answering)
    ]


def _below(extras: Extras, home: str, type_name: str, waiting: str | None, members: list[str]) -> str | None:
    """What a field set selects on a composite field, whose answers can be of the types `members`."""
    builder = extras.builder
    spec = builder.sketch.specs[type_name]
    type_ = builder.graph.subgraphs[home][type_name]
    if type_.is_interface_object:
        return "id"
    if spec.kind in ("interface", "union"):
        if not members:
            return None
        member = builder.dice.pick(members)
        inner = _below(extras, home, member, waiting, [member])
        return None if inner is None else f"... on {member} {{ {inner} }}"
    if spec.kind == "entity" and builder.dice.chance(60):
        item = _external_item(extras, home, type_name, waiting)
        if item is not None:
            return item
    leaves = [
        said
        for said in type_.fields.values()
        if said.is_known and said.named not in builder.sketch.specs and not said.arguments
    ]
    return builder.dice.pick(leaves).name if leaves else None


def _literal_arguments(builder: Builder, said: Field) -> str:
    """Arguments for a field of a field set: those that must be there, and one more now and then."""
    given = []
    for argument in said.arguments.split(", ") if said.arguments else ():
        name, _, type_ = argument.partition(": ")
        if type_.endswith("!") or (name in _LITERALS and builder.dice.chance(50)):
            given.append(f"{name}: {builder.dice.pick(_LITERALS[name])}")
    return f"({', '.join(given)})" if given else ""


# @requires


def _require(extras: Extras) -> None:
    """A field that its subgraph computes from others: a new one, or one that is there already."""
    builder = extras.builder
    dice = builder.dice
    choices = [
        (home, type_)
        for type_name in builder.sketch.named_by_kind("entity")
        for home, type_ in builder.graph.declaring(type_name)
        if any(type_.keys.values())
    ]
    if not choices:
        return
    home, type_ = dice.pick(choices)
    said = _computed_field(extras, type_)
    if said is None:
        return
    coordinate = f"{type_.name}.{said.name}"
    items: dict[str, str] = {}
    for _ in range(dice.pick((1, 1, 2))):
        item = _external_item(extras, home, type_.name, coordinate, without=items)
        if item is not None:
            items[item.partition("(")[0].partition(" ")[0]] = item
    if items:
        said.requires = " ".join(items.values())
        type_.fields[said.name] = said


def _computed_field(extras: Extras, type_: Type) -> Field | None:
    builder = extras.builder
    owned = [
        said
        for said in type_.fields.values()
        if said.is_known
        and not said.takes_from
        and not said.provides
        and said.name not in _key_fields(builder, type_.name)
        and len(builder.graph.declared(type_.name, said.name)) == 1
    ]
    if owned and builder.dice.chance(50):
        return builder.dice.pick(owned)
    spec = builder.sketch.specs[type_.name]
    free = [name for name in _COMPUTED if name not in spec.fields]
    if not free:
        return None
    made = spec.fields[free[0]] = Field(free[0], draw_leaf(builder.dice))
    return replace(made)


def _require_of_objects(extras: Extras) -> None:
    """An `@interfaceObject` computes a field from one of the real interface's."""
    builder = extras.builder
    objects = builder.sketch.objects
    if objects is None:
        return
    home = builder.dice.pick(objects.subgraphs)
    type_ = builder.graph.subgraphs[home][objects.interface]
    there = builder.graph.subgraphs[objects.owner][objects.interface]
    choices = [
        said
        for said in there.fields.values()
        if said.name != "id" and said.named not in builder.sketch.specs and "!" not in said.arguments
    ]
    computed = [said for said in type_.fields.values() if said.name != "id" and said.is_known]
    if choices and computed:
        needed = builder.dice.pick(choices)
        type_.fields[needed.name] = replace(needed, external=True)
        builder.dice.pick(computed).requires = needed.name
