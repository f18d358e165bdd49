"""First step: the whole graph without subgraphs. Which types there are, and what fields they have."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from tests.gateway.oracle.graphs import Field, named
from tests.gateway.planner.dice import Dice

SUBGRAPHS: Final = ("amber", "birch", "cedar", "delta", "ember")
_ENTITIES: Final = ("Barn", "Crane", "Dock", "Fleet")
_VALUES: Final = ("Span", "Mark")
_INTERFACES: Final = ("Stock", "Asset")
_UNIONS: Final = ("Found",)
_LEAVES: Final = ("Int", "String", "Boolean", "Grade", "ID", "Float", "Phase")
_LEAF_NAMES: Final = ("size", "note", "rank", "due", "tint")
_LINK_NAMES: Final = ("owner", "parts", "next", "home")
_SHAPES: Final = ("{}", "{}!", "[{}]", "[{}!]!", "[{}!]", "[[{}!]]")
_ARGUMENTS: Final = (
    "", "", "", "", "size: Int", "size: Int! = 3", "size: Int!", "grade: Grade, size: Int = 2", "by: By",
    "grades: [Grade!], id: ID", "by: By!",
)  # fmt: skip

#: Of progressive overrides.
LABEL: Final = "early"

SpecKind = Literal["entity", "value", "interface", "union"]


@dataclass
class Spec:
    """One type of the whole graph. `keys`: those that its subgraphs may choose from; the first is always "id"."""

    name: str
    kind: SpecKind
    keys: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    #: Names that an `@interfaceObject` adds, which nobody else may have.
    taken: set[str] = field(default_factory=set)

    def free(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if name not in self.fields and name not in self.taken]


@dataclass
class Objects:
    """An interface that some subgraphs know as an `@interfaceObject`. `owner` has it with all implementations."""

    interface: str
    owner: str
    subgraphs: list[str]


@dataclass
class Sketch:
    subgraphs: list[str]
    specs: dict[str, Spec]
    objects: Objects | None = None

    def is_composite(self, type_: str) -> bool:
        return named(type_) in self.specs

    def named_by_kind(self, *kinds: SpecKind) -> list[str]:
        return [name for name, spec in self.specs.items() if spec.kind in kinds]


def draw_sketch(dice: Dice) -> Sketch:
    """Types and their fields, not yet split."""
    subgraphs = list(SUBGRAPHS[: dice.pick((2, 3, 3, 4, 5))])
    sketch = Sketch(subgraphs, {})
    for name in _ENTITIES[: dice.pick((1, 2, 2, 3, 4))]:
        sketch.specs[name] = Spec(name, "entity", ["id"], {"id": Field("id", "ID!")})
    for name in _VALUES[: dice.pick((0, 1, 1, 2))]:
        sketch.specs[name] = Spec(name, "value")
    _draw_keys(dice, sketch)
    _draw_abstract(dice, sketch)
    for name in sketch.named_by_kind("entity", "value"):
        _draw_fields(dice, sketch, sketch.specs[name])
    return sketch


def draw_type(dice: Dice, sketch: Sketch, targets: list[str], *, plain: bool = False) -> str:
    """A field's type over one of `targets`. `plain`: no list."""
    return dice.pick(_SHAPES[:2] if plain else _SHAPES).format(dice.pick(targets))


def draw_leaf(dice: Dice) -> str:
    return dice.pick((*_SHAPES[:2], *_SHAPES[:2], *_SHAPES)).format(dice.pick(_LEAVES))


def draw_field(dice: Dice, sketch: Sketch, name: str, *, composite: bool) -> Field:
    """A field of its own kind, with arguments now and then."""
    type_ = draw_type(dice, sketch, list(sketch.specs)) if composite else draw_leaf(dice)
    return Field(name, type_, dice.pick(_ARGUMENTS))


def new_field(dice: Dice, sketch: Sketch, spec: Spec) -> Field | None:
    """One more field for a type; None where it has enough."""
    composite = dice.chance(40)
    free = spec.free(_LINK_NAMES if composite else _LEAF_NAMES)
    if not free:
        return None
    made = draw_field(dice, sketch, dice.pick(free), composite=composite)
    spec.fields[made.name] = made
    return made


def _draw_keys(dice: Dice, sketch: Sketch) -> None:
    """Besides "id": another field, a compound key, and a nested one through a value type or another entity."""
    entities = sketch.named_by_kind("entity")
    for index, name in enumerate(entities):
        spec = sketch.specs[name]
        if dice.chance(50):
            spec.fields["code"] = Field("code", dice.pick(("String!", "Int!", "String")))
            spec.keys.append("code")
        if dice.chance(25):
            spec.fields["site"] = Field("site", dice.pick(("String!", "String")))
            spec.keys.append(dice.pick(("code site", "id site") if "code" in spec.fields else ("id site",)))
        if dice.chance(20):
            sketch.specs.setdefault(
                "Tag", Spec("Tag", "value", fields={"ref": Field("ref", "ID!"), "size": Field("size", "Int")})
            )
            spec.fields["tag"] = Field("tag", "Tag!")
            spec.keys.append("tag { ref }")
        others = entities[index + 1 :]
        if others and dice.chance(20):
            spec.fields["keeper"] = Field("keeper", f"{others[0]}!")
            compound = ("code keeper { id }",) if "code" in spec.fields else ()
            spec.keys.append(dice.pick(("keeper { id }", *compound)))


def _draw_abstract(dice: Dice, sketch: Sketch) -> None:
    """Interfaces with fields that all members get, and unions."""
    objects = sketch.named_by_kind("entity", "value")
    entities = sketch.named_by_kind("entity")
    for name in _INTERFACES[: dice.pick((0, 1, 1, 1, 2))]:
        of_entities = sketch.objects is None and len(sketch.subgraphs) > 1 and dice.chance(40)
        members = dice.some(entities if of_entities else objects, 2, 3)
        spec = sketch.specs[name] = Spec(name, "interface", members=members)
        for field_name in dice.some(_LEAF_NAMES[:2] + _LINK_NAMES[:1], 0 if of_entities else 1, 3):
            _draw_interface_field(dice, sketch, spec, field_name)
        if of_entities:
            _draw_objects(dice, sketch, spec)
        elif not spec.fields:
            del sketch.specs[name]
    for name in _UNIONS[: dice.pick((0, 1, 1))]:
        members = dice.some(objects, 2, 4)
        sketch.specs[name] = Spec(name, "union", members=members)


def _draw_interface_field(dice: Dice, sketch: Sketch, spec: Spec, name: str) -> None:
    """The field on the interface and on each member, which may promise more ("String!" for "String")."""
    known = [sketch.specs[member].fields.get(name) for member in spec.members]
    given = next((field for field in known if field is not None), None)
    if given is not None and any(field is not None and field != given for field in known):
        return
    # What another interface gave a member already is taken over as it is.
    made = given or draw_field(dice, sketch, name, composite=name in _LINK_NAMES)
    spec.fields[name] = replace(made)
    for member in spec.members:
        promises = given is None and not made.type.endswith("!") and dice.chance(50)
        type_text = f"{made.type}!" if promises else made.type
        sketch.specs[member].fields.setdefault(name, replace(made, type=type_text))


def _draw_objects(dice: Dice, sketch: Sketch, spec: Spec) -> None:
    """Some subgraphs that know the interface only as an object, or none, and one that knows all of it."""
    spec.keys = ["id"]
    spec.fields = {"id": Field("id", "ID!"), **spec.fields}
    owner = dice.pick(sketch.subgraphs)
    others = [name for name in sketch.subgraphs if name != owner]
    sketch.objects = Objects(
        spec.name, owner, dice.some(others, 0 if dice.chance(15) else 1, 2 if len(others) > 2 else 1)
    )
    for member in spec.members:
        sketch.specs[member].taken |= {"seen", "bonus"}


def _draw_fields(dice: Dice, sketch: Sketch, spec: Spec) -> None:
    for _ in range(dice.number(2, 4)):
        new_field(dice, sketch, spec)
    if not any(not sketch.is_composite(field.type) for field in spec.fields.values()):
        spec.fields["mass"] = Field("mass", draw_leaf(dice))
