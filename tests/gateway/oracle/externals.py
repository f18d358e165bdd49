"""Field sets over what a subgraph does not answer itself: the insides of `@requires` and `@provides`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from tests.gateway.oracle.graphs import ROOTS, Field
from tests.gateway.oracle.placing import Builder

LITERALS: Final = {"size": ("1", "2"), "grade": ("LOW", "HIGH"), "by": ("{size: 1}", "{grade: LOW}")}
#: How many fields a field set has inside each other at most.
_DEEPEST: Final = 5


@dataclass
class Extras:
    """What was added, as far as later additions must know it. `needs`: coordinates by what requires them."""

    builder: Builder
    needs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def waits_for(self, coordinate: str, other: str) -> bool:
        """Whether a field cannot be had before another."""
        return coordinate == other or any(self.waits_for(found, other) for found in self.needs[coordinate])


def external_item(
    extras: Extras,
    home: str,
    type_name: str,
    waiting: str | None,
    without: Collection[str] = (),
    depth: int = 1,
) -> str | None:
    """A field of an entity that `home` does not answer, declared `@external` there, as an item of a field set.

    `waiting`: the coordinate that will require it. `without`: fields that are in the set already.
    """
    builder = extras.builder
    type_ = builder.graph.subgraphs[home][type_name]
    specs = builder.sketch.specs
    choices = [
        said for said in external_choices(extras, home, type_name, waiting) if said.name not in without
    ]
    if not choices:
        return None
    said = builder.dice.pick(choices)
    text = said.name + (_literal_arguments(builder, said) if waiting is not None else "")
    if said.named in specs:
        builder.ensure(home, said.named)
        below = _below(extras, home, said.named, waiting, _common(builder, home, type_name, said), depth)
        if below is None:
            return None
        text += f" {{ {below} }}"
    known = type_.fields.get(said.name)
    if known is None:
        type_.fields[said.name] = Field(said.name, said.type, said.arguments, external=True)
    if waiting is not None:
        extras.needs[waiting].add(f"{type_name}.{said.name}")
    return text


def external_choices(extras: Extras, home: str, type_name: str, waiting: str | None) -> list[Field]:
    builder = extras.builder
    type_ = builder.graph.subgraphs[home][type_name]
    names = {name: None for _, other in builder.graph.declaring(type_name) for name in other.fields}
    return [
        said
        for name in names
        if (said := _answered(builder, type_name, name)) is not None
        and (not type_.has(name) or type_.fields[name].external)
        and name != "id"
        and said.named not in ROOTS
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


def _below(
    extras: Extras, home: str, type_name: str, waiting: str | None, members: list[str], depth: int
) -> str | None:
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
        inner = _below(extras, home, member, waiting, [member], depth)
        return None if inner is None else f"... on {member} {{ {inner} }}"
    if spec.kind == "entity" and depth < _DEEPEST and builder.dice.chance(60):
        item = external_item(extras, home, type_name, waiting, depth=depth + 1)
        if item is not None:
            return item
    leaves = [
        said.name
        for said in type_.fields.values()
        if said.is_known and said.named not in (*builder.sketch.specs, *ROOTS) and not said.arguments
        if waiting is None or not extras.waits_for(f"{type_name}.{said.name}", waiting)
    ]
    if not leaves:
        return None
    leaf = builder.dice.pick(leaves)
    if waiting is not None:
        extras.needs[waiting].add(f"{type_name}.{leaf}")
    return leaf


def _literal_arguments(builder: Builder, said: Field) -> str:
    """Arguments for a field of a field set: those that must be there, and one more now and then."""
    given = []
    for argument in said.arguments.split(", ") if said.arguments else ():
        name, _, type_ = argument.partition(": ")
        if type_.endswith("!") or (name in LITERALS and builder.dice.chance(50)):
            given.append(f"{name}: {builder.dice.pick(LITERALS[name])}")
    return f"({', '.join(given)})" if given else ""
