"""Second step: the split. Which subgraph declares which types and fields, and what else that brings along."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.gateway.oracle.graphs import Field, Graph, Type, named, top_fields
from tests.gateway.oracle.sketch import Sketch, Spec, draw_field, draw_leaf, draw_type
from tests.gateway.planner.dice import Dice

_ROOT_NAMES: Final = ("first", "every", "pick", "open", "latest", "found")
_ACTIONS: Final = ("build", "move", "close")
SPLIT_VALUE: Final = "County"
_NOTHING: Final = Spec("", "value")


class Builder:
    """The graph in the making. What a subgraph declares is declared whole: nothing is left for later to be found."""

    def __init__(self, dice: Dice, sketch: Sketch) -> None:
        self.dice = dice
        self.sketch = sketch
        self.graph = Graph({name: {} for name in sketch.subgraphs})
        self._unable = {name: self._find_unable(name) for name in sketch.subgraphs}

    # What may stand where

    def can_hold(self, subgraph: str, type_name: str) -> bool:
        """Whether a subgraph may know a type: one with an `@interfaceObject` must not know what is behind it."""
        return type_name not in self.sketch.specs or type_name not in self._unable[subgraph]

    def _find_unable(self, subgraph: str) -> set[str]:
        """What cannot be held, and what cannot be without that."""
        unable: set[str] = set()
        while True:
            added = {
                name
                for name, spec in self.sketch.specs.items()
                if name not in unable and not self._could_hold(subgraph, spec, unable)
            }
            if not added:
                return unable
            unable |= added

    def _could_hold(self, subgraph: str, spec: Spec, unable: set[str]) -> bool:
        objects = self.sketch.objects
        if objects is not None and spec.name == objects.interface:
            return subgraph == objects.owner or subgraph in objects.subgraphs
        hidden = () if objects is None else self.sketch.specs[objects.interface].members
        if objects is not None and subgraph in objects.subgraphs and spec.name in hidden:
            return False
        targets = [field.named not in unable for field in spec.fields.values()]
        if spec.kind == "value":
            return all(targets)
        return spec.kind == "entity" or (
            any(name not in unable for name in spec.members) and (spec.kind == "union" or any(targets))
        )

    def able(self, type_name: str) -> list[str]:
        return [name for name in self.sketch.subgraphs if self.can_hold(name, type_name)]

    # Declaring

    def ensure(self, subgraph: str, type_name: str) -> Type:
        """The type in a subgraph, with all that it cannot be without."""
        types = self.graph.subgraphs[subgraph]
        if type_name in types:
            return types[type_name]
        spec = self.sketch.specs[type_name]
        objects = self.sketch.objects
        if objects is not None and type_name == objects.interface:
            return self._ensure_object_interface(subgraph, spec)
        if spec.kind == "entity":
            types[type_name] = Type(type_name)
            keys = [key for key in spec.keys if self._key_fits(subgraph, spec, key)]
            for key in self.dice.some(keys, 1, 2):
                self.give_key(subgraph, type_name, key, resolvable=not self.dice.chance(15))
        elif spec.kind == "value":
            types[type_name] = Type(type_name)
            for name in spec.fields:
                self.give(subgraph, type_name, name)
        elif spec.kind == "union":
            types[type_name] = Type(type_name, "union")
            possible = [name for name in spec.members if self.can_hold(subgraph, name)]
            types[type_name].members = self.dice.some(possible, 1, len(possible))
            for member in types[type_name].members:
                self.ensure(subgraph, member)
        else:
            self._ensure_interface(subgraph, spec)
        return types[type_name]

    def give(self, subgraph: str, type_name: str, field_name: str) -> Field:
        """The field as it is in the sketch, answered by a subgraph."""
        type_ = self.ensure(subgraph, type_name)
        if field_name not in type_.fields:
            field = replace(self.sketch.specs[type_name].fields[field_name])
            type_.fields[field_name] = field
            if field.named in self.sketch.specs:
                self.ensure(subgraph, field.named)
        return type_.fields[field_name]

    def give_key(self, subgraph: str, type_name: str, key: str, *, resolvable: bool) -> None:
        """A key, with its fields and theirs."""
        type_ = self.ensure(subgraph, type_name)
        type_.keys[key] = type_.keys.get(key, False) or resolvable
        for name in top_fields(key):
            target = self.give(subgraph, type_name, name).named
            if target in self.sketch.specs:
                self.give(subgraph, target, "id" if self.sketch.specs[target].kind == "entity" else "ref")

    def _key_fits(self, subgraph: str, spec: Spec, key: str) -> bool:
        return all(self.can_hold(subgraph, spec.fields[name].named) for name in top_fields(key))

    def _ensure_interface(self, subgraph: str, spec: Spec) -> None:
        """An interface with some of its fields, over some of its members, which have these fields there."""
        type_ = self.graph.subgraphs[subgraph][spec.name] = Type(spec.name, "interface")
        fields = [name for name, field in spec.fields.items() if self.can_hold(subgraph, field.named)]
        possible = [name for name in spec.members if self.can_hold(subgraph, name)]
        for name in self.dice.some(fields, 1, len(fields)):
            type_.fields[name] = replace(spec.fields[name])
        members = self.dice.some(possible, 1, len(possible))
        for member in members:
            self.implement(subgraph, spec.name, member)
        if self.dice.chance(40):
            # The members have here what the interface has elsewhere.
            for member in members:
                for name in fields:
                    self.give(subgraph, member, name)

    def implement(self, subgraph: str, interface: str, member: str) -> None:
        types = self.graph.subgraphs[subgraph]
        self.ensure(subgraph, member).implements.append(interface)
        for name in types[interface].fields:
            self.give(subgraph, member, name)
        for field in types[interface].fields.values():
            if field.named in self.sketch.specs:
                self.ensure(subgraph, field.named)

    def _ensure_object_interface(self, subgraph: str, spec: Spec) -> Type:
        types = self.graph.subgraphs[subgraph]
        objects = self.sketch.objects
        assert objects is not None
        if subgraph == objects.owner:
            type_ = types[spec.name] = Type(spec.name, "interface", {"id": True})
            type_.fields = {name: replace(field) for name, field in spec.fields.items()}
            for member in spec.members:
                self.implement(subgraph, spec.name, member)
                self.give_key(subgraph, member, "id", resolvable=True)
            return type_
        types[spec.name] = Type(spec.name, "object", {"id": True}, is_interface_object=True)
        types[spec.name].fields["id"] = Field("id", "ID!")
        name = ("seen", "bonus")[objects.subgraphs.index(subgraph)]
        targets = [target for target in self.sketch.specs if self.can_hold(subgraph, target)]
        type_text = (
            draw_type(self.dice, self.sketch, targets) if self.dice.chance(30) else draw_leaf(self.dice)
        )
        types[spec.name].fields[name] = Field(name, type_text)
        if named(type_text) in self.sketch.specs:
            self.ensure(subgraph, named(type_text))
        return types[spec.name]


def split(dice: Dice, sketch: Sketch) -> Builder:
    """Every type and field of the sketch, in one subgraph or more; and the root fields."""
    builder = Builder(dice, sketch)
    if sketch.objects is not None:
        for subgraph in (sketch.objects.owner, *sketch.objects.subgraphs):
            builder.ensure(subgraph, sketch.objects.interface)
    for name in sketch.named_by_kind("entity"):
        _place_entity(builder, sketch.specs[name])
    for name in sketch.named_by_kind("interface", "union"):
        for subgraph in dice.some(builder.able(name), 1, 2):
            builder.ensure(subgraph, name)
    _place_roots(builder)
    if dice.chance(30):
        _place_actions(builder)
    if dice.chance(20):
        _place_way_back(builder)
    if dice.chance(35):
        _place_split_value(builder)
    return builder


def _place_entity(builder: Builder, spec: Spec) -> None:
    """Homes for an entity, and for each of its fields one of them, or two that share it."""
    dice = builder.dice
    homes = dice.some(builder.able(spec.name), 1, 3)
    for home in homes:
        builder.ensure(home, spec.name)
    for name, field in spec.fields.items():
        allowed = [home for home in homes if builder.can_hold(home, field.named)]
        allowed = allowed or [
            other for other in builder.able(spec.name) if builder.can_hold(other, field.named)
        ]
        if not any(name in top_fields(key) for key in spec.keys):
            for home in dice.some(allowed, 1, 2 if dice.chance(25) else 1):
                builder.give(home, spec.name, name)


def _place_roots(builder: Builder) -> None:
    """Root fields of every subgraph; some are shared by two."""
    dice, sketch = builder.dice, builder.sketch
    for number, name in enumerate(dice.some(_ROOT_NAMES, 2, 5)):
        field = draw_field(dice, sketch, name, composite=number == 0 or dice.chance(85))
        owners = builder.able(field.named)
        if owners:
            for owner in dice.some(owners, 1, 2 if dice.chance(30) else 1):
                add_root(builder, owner, "Query", field)


def add_root(builder: Builder, subgraph: str, root: str, field: Field) -> None:
    """A field of a root type."""
    types = builder.graph.subgraphs[subgraph]
    types.setdefault(root, Type(root)).fields[field.name] = replace(field)
    if field.named in builder.sketch.specs:
        builder.ensure(subgraph, field.named)


def _place_way_back(builder: Builder) -> None:
    """A field that leads back to the query type."""
    homes = [
        (subgraph, type_)
        for subgraph, types in builder.graph.subgraphs.items()
        for name, type_ in types.items()
        if "Query" in types and builder.sketch.specs.get(name, _NOTHING).kind == "entity"
    ]
    if homes:
        _, type_ = builder.dice.pick(homes)
        field = builder.sketch.specs[type_.name].fields["again"] = Field(
            "again", builder.dice.pick(("Query!", "Query"))
        )
        type_.fields["again"] = replace(field)


def _place_split_value(builder: Builder) -> None:
    """A type without a key whose fields differ between two subgraphs: to be had only through a field of both."""
    dice = builder.dice
    root = Field("county", dice.pick((SPLIT_VALUE, f"{SPLIT_VALUE}!", f"[{SPLIT_VALUE}!]")))
    known = list(builder.sketch.specs)
    homes = dice.some(builder.sketch.subgraphs, 2, 2)
    owners = [
        name for name in builder.sketch.named_by_kind("entity") if set(homes) <= set(builder.able(name))
    ]
    builder.sketch.specs[SPLIT_VALUE] = Spec(SPLIT_VALUE, "value", fields={"code": Field("code", "ID!")})
    for number, subgraph in enumerate(homes):
        targets = [name for name in known if builder.can_hold(subgraph, name)]
        type_text = draw_leaf(dice) if dice.chance(60) else draw_type(dice, builder.sketch, targets)
        own = Field(("size", "note")[number], type_text)
        add_root(builder, subgraph, "Query", root)
        builder.graph.subgraphs[subgraph][SPLIT_VALUE].fields[own.name] = own
        if own.named in builder.sketch.specs:
            builder.ensure(subgraph, own.named)
    if owners and dice.chance(50):
        owner = dice.pick(owners)
        builder.sketch.specs[owner].fields["county"] = root
        for subgraph in homes:
            builder.give(subgraph, owner, "county")


def _place_actions(builder: Builder) -> None:
    """Mutations, each of one subgraph."""
    dice = builder.dice
    for name in dice.some(_ACTIONS, 1, 3):
        field = draw_field(dice, builder.sketch, name, composite=dice.chance(80))
        owners = builder.able(field.named)
        if owners:
            add_root(builder, dice.pick(owners), "Mutation", field)
