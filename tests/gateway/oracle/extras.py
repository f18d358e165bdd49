"""Third step: directives that make fields depend on other subgraphs: `@requires`, `@provides`, `@override`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.gateway.oracle.externals import LITERALS, Extras, external_choices, external_item
from tests.gateway.oracle.graphs import ROOTS, Field, Type, top_fields
from tests.gateway.oracle.placing import Builder
from tests.gateway.oracle.sketch import LABEL, draw_leaf

_COMPUTED: Final = ("score", "label", "worth")


def add_extras(builder: Builder) -> None:
    """Some of each; few graphs have all."""
    extras = Extras(builder)
    steps: tuple[tuple[int, Callable[[Extras], None]], ...] = (
        (45, _override),
        (45, _provide),
        (60, _require),
        (45, _require),
        (50, _require_of_objects),
        (30, _provide),
        (20, _override),
        (25, _require),
        (40, _require_otherwise),
    )
    for percent, step in steps:
        if builder.dice.chance(percent):
            step(extras)


def _key_fields(builder: Builder, type_name: str) -> set[str]:
    spec = builder.sketch.specs.get(type_name)
    return {name for key in spec.keys for name in top_fields(key)} if spec is not None else set()


# @override


def _override(extras: Extras) -> None:
    """A field with one owner is taken over by another subgraph, for good or while a label is in force."""
    builder = extras.builder
    graph, dice = builder.graph, builder.dice
    choices = [
        (old, type_name, said)
        for type_name in [*builder.sketch.named_by_kind("entity"), "Query"]
        for old, type_ in graph.declaring(type_name)
        for said in type_.fields.values()
        if said.is_known
        and not said.provides
        and said.named not in ROOTS
        and said.name not in _key_fields(builder, type_name)
        and sum(other.is_answered for other in graph.declared(type_name, said.name)) == 1
        and not any(other.lost for other in graph.declared(type_name, said.name))
    ]
    # An interface still needs the field where it was.
    needed = [choice for choice in choices if _is_of_interface(builder, *choice)]
    if needed and dice.chance(50):
        choices = needed
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
    said.label = LABEL if dice.chance(30) else ""
    said.lost = not said.label
    taken = replace(said, lost=False, takes_from=old)
    if type_name in ROOTS:
        graph.subgraphs[new].setdefault(type_name, Type(type_name))
    else:
        builder.ensure(new, type_name)
    graph.subgraphs[new][type_name].fields[said.name] = taken
    if taken.named in builder.sketch.specs:
        builder.ensure(new, taken.named)


def _is_of_interface(builder: Builder, subgraph: str, type_name: str, said: Field) -> bool:
    types = builder.graph.subgraphs[subgraph]
    return any(types[interface].has(said.name) for interface in types[type_name].implements)


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
        if said.is_known and not said.provides and not said.label and not said.takes_from
        if said.named in builder.sketch.specs and (members := _provided_members(extras, home, said))
    ]
    if not choices:
        return
    home, said, members = builder.dice.pick(choices)
    items = []
    for member in builder.dice.some(members, 1, 2):
        item = external_item(extras, home, member, None)
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
        and external_choices(extras, home, name, None)
    ]


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
        item = external_item(extras, home, type_.name, coordinate, without=items)
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
        and said.named not in ROOTS
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


def _require_otherwise(extras: Extras) -> None:
    """Two fields of one subgraph are computed from one field, asked with different arguments."""
    builder = extras.builder
    choices = [
        (type_, said)
        for type_name in builder.sketch.named_by_kind("entity")
        for home, type_ in builder.graph.declaring(type_name)
        if any(type_.keys.values())
        for said in external_choices(extras, home, type_name, f"{type_name}.{_COMPUTED[0]}")
        if said.named not in builder.sketch.specs and _literals(said)
    ]
    if not choices:
        return
    type_, needed = builder.dice.pick(choices)
    spec = builder.sketch.specs[type_.name]
    free = [
        name
        for name in _COMPUTED
        if name not in spec.fields
        and not extras.waits_for(f"{type_.name}.{needed.name}", f"{type_.name}.{name}")
    ]
    if len(free) < 2:
        return
    type_.fields.setdefault(
        needed.name, replace(needed, external=True, provides="", label="", takes_from="", requires="")
    )
    for name, literal in zip(free, _literals(needed), strict=False):
        made = spec.fields[name] = Field(name, draw_leaf(builder.dice))
        type_.fields[name] = replace(made, requires=f"{needed.name}({literal})")
        extras.needs[f"{type_.name}.{name}"].add(f"{type_.name}.{needed.name}")


def _literals(said: Field) -> list[str]:
    """Two ways to give a field its arguments, if it has one that may be given alone."""
    arguments = [argument.partition(": ") for argument in said.arguments.split(", ") if said.arguments]
    if len(arguments) != 1 or arguments[0][0] not in LITERALS:
        return []
    return [f"{arguments[0][0]}: {value}" for value in LITERALS[arguments[0][0]]]


def _require_of_objects(extras: Extras) -> None:
    """An `@interfaceObject` computes a field from one of the real interface's."""
    builder = extras.builder
    objects = builder.sketch.objects
    if objects is None or not objects.subgraphs:
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
