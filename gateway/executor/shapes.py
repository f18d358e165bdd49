"""The shape of the answer that a client's document asks for: all that projection must know, and no schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gateway.planner.plan import OTHER_TYPENAME


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar. `accepts`: the Python types of its JSON values, for GraphQL's own scalars; empty for any value."""

    required: bool
    accepts: frozenset[type] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """An enum: only values of the public schema come out."""

    values: frozenset[str]
    required: bool


@dataclass(frozen=True, slots=True)
class Constant:
    value: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Closed:
    """What the caller may not ask for: null, whatever was fetched there for other needs."""

    required: bool


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class ObjectOf:
    selection: Selection
    required: bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """An interface or a union: the selection follows from the object's `__typename`.

    `unresolved` is used where that is missing, or is the abstract type's own name (`@interfaceObject`); None where what
    is selected hangs on the real type: an object of which nobody knows it is null then. `closed`: types whose objects the
    caller may not see.
    """

    type_name: str
    selections: Mapping[str, Selection]
    unresolved: Selection | None
    required: bool
    closed: frozenset[str] = frozenset()


Shape: TypeAlias = Leaf | Choice | Constant | Closed | ListOf | ObjectOf | OneOf


@dataclass(frozen=True, slots=True)
class Field:
    """`key` is where the value goes, and nearly always where it is in the merged answer; `name` is for error messages."""

    key: str
    name: str
    shape: Shape

    @property
    def source(self) -> str:
        """Where the value is: `__typename` is the type's there, whatever the client calls so."""
        other = self.key == "__typename" and not self.name.endswith(".__typename")
        return OTHER_TYPENAME if other else self.key


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The fields of one object type, in the order of the client's document. Compared by identity."""

    type_name: str
    fields: tuple[Field, ...]


#: Stands for an answer's data where no type is known.
_UNTYPED: Final[Mapping[str, Any]] = {}


def known_length(root: Selection, path: Sequence[str | int], data: Any = _UNTYPED) -> int:
    """How many steps of a path from `root` lead along what the client asked for, and may ask for: of the objects that
    stand there in `data`, where it is given, else of any."""
    selections: list[Selection] = [root]
    shapes: list[Shape] = []
    for position, step in enumerate(path):
        if isinstance(step, int):
            shapes = [shape.item for shape in shapes if isinstance(shape, ListOf)]
            data = data[step] if isinstance(data, list) and step < len(data) else _UNTYPED
        else:
            fields = (field for inner in selections for field in inner.fields if field.key == step)
            shapes = [field.shape for field in fields if not isinstance(field.shape, Closed)]
            data = data.get(step, _UNTYPED) if isinstance(data, dict) else _UNTYPED
        if not shapes:
            return position
        type_name = data.get("__typename") if isinstance(data, dict) else None
        selections = [inner for shape in shapes for inner in _selections(shape, type_name)]
    return len(path)


def _selections(shape: Shape, type_name: Any) -> tuple[Selection, ...]:
    if isinstance(shape, ObjectOf):
        return (shape.selection,)
    if not isinstance(shape, OneOf):
        return ()
    if type_name in shape.closed:
        return ()
    known = shape.selections.get(type_name)
    return (known,) if known is not None else tuple(shape.selections.values())
