"""The shape of the answer that a client's document asks for: all that projection must know, and no schema.

Fields are collected as in GraphQL §6.3.2: fragments and inline fragments flattened by concrete type, equal response
keys joined, `@skip` and `@include` decided (a shape is made for one assignment of the document's conditions).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

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
    is selected hangs on the real type: an object of which nobody knows it is null then.
    """

    type_name: str
    selections: Mapping[str, Selection]
    unresolved: Selection | None
    required: bool


Shape: TypeAlias = Leaf | Choice | Constant | ListOf | ObjectOf | OneOf


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


Conditions: TypeAlias = Mapping[str, bool]

#: "GraphQL §Scalars, result coercion". Integers of more than 32 bits are let through: subgraphs in use send them.
_JSON_TYPES: Final[Mapping[str, frozenset[type]]] = {
    "Int": frozenset({int}),
    "Float": frozenset({int, float}),
    "String": frozenset({str}),
    "Boolean": frozenset({bool}),
    "ID": frozenset({str, int}),
}


class Shaper:
    """Makes shapes of one operation, for one assignment of its Boolean variables."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, conditions: Conditions) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._conditions = conditions
        self._known: dict[tuple[str, tuple[int, ...]], Selection] = {}

    def root(self, operation: OperationDefinitionNode) -> Selection:
        return self._selection(self._root_type(operation), (operation.selection_set,))

    def root_fields(self, operation: OperationDefinitionNode, *names: str) -> list[FieldNode]:
        """The root's field nodes with one of these field names."""
        collected = self._collect(self._root_type(operation), (operation.selection_set,))
        return [node for nodes in collected.values() for node in nodes if node.name.value in names]

    def _root_type(self, operation: OperationDefinitionNode) -> GraphQLObjectType:
        root = self._schema.get_root_type(operation.operation)
        assert root is not None, "validation has seen to it"
        return root

    def _selection(self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...]) -> Selection:
        identity = (type_.name, tuple(map(id, sets)))
        known = self._known.get(identity)
        if known is None:
            collected = self._collect(type_, sets)
            fields = tuple(self._field(type_, key, nodes) for key, nodes in collected.items())
            known = self._known[identity] = Selection(type_.name, fields)
        return known

    def _field(self, owner: GraphQLCompositeType, key: str, nodes: list[FieldNode]) -> Field:
        name = nodes[0].name.value
        full_name = f"{owner.name}.{name}"
        if name == "__typename":
            concrete = isinstance(owner, GraphQLObjectType)
            return Field(key, full_name, Constant(owner.name) if concrete else Leaf(required=True))
        if name in ("__schema", "__type"):  # answered in its final form
            return Field(key, full_name, Leaf(required=False))
        assert not isinstance(owner, GraphQLUnionType), "validation has seen to it"
        sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
        return Field(key, full_name, self._shape(owner.fields[name].type, sets))

    def _shape(
        self, type_: GraphQLOutputType, sets: tuple[SelectionSetNode, ...], required: bool = False
    ) -> Shape:
        if isinstance(type_, GraphQLNonNull):
            return self._shape(type_.of_type, sets, required=True)
        if isinstance(type_, GraphQLList):
            return ListOf(self._shape(type_.of_type, sets), required)
        if isinstance(type_, GraphQLEnumType):
            return Choice(frozenset(type_.values), required)
        if isinstance(type_, GraphQLObjectType):
            return ObjectOf(self._selection(type_, sets), required)
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            possible = self._schema.get_possible_types(type_)
            selections = {
                possible_type.name: self._selection(possible_type, sets) for possible_type in possible
            }
            unresolved = None if self._hangs_on_type(type_, sets) else self._selection(type_, sets)
            return OneOf(type_.name, selections, unresolved, required)
        return Leaf(required, _JSON_TYPES.get(type_.name, frozenset()))

    def _hangs_on_type(self, type_: GraphQLCompositeType, sets: Iterable[SelectionSetNode]) -> bool:
        """Whether something is selected that not every object of an abstract type has, or `__typename`."""
        for node in (node for selection_set in sets for node in selection_set.selections):
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                if node.name.value == "__typename":
                    return True
                continue
            fragment = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            condition = getattr(fragment, "type_condition", None)
            if condition is not None and not self._applies(condition.name.value, type_):
                return True
            if self._hangs_on_type(type_, (fragment.selection_set,)):  # type: ignore[union-attr]
                return True
        return False

    def _collect(
        self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...]
    ) -> dict[str, list[FieldNode]]:
        collected: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in sets:
            self._collect_into(collected, seen, type_, selection_set)
        return collected

    def _collect_into(
        self,
        collected: dict[str, list[FieldNode]],
        seen: set[str],
        type_: GraphQLCompositeType,
        selection_set: SelectionSetNode,
    ) -> None:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                collected.setdefault((node.alias or node.name).value, []).append(node)
                continue
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                fragment: SelectionNode | FragmentDefinitionNode = self._fragments[node.name.value]
            else:
                fragment = node
            condition = getattr(fragment, "type_condition", None)
            if condition is None or self._applies(condition.name.value, type_):
                self._collect_into(collected, seen, type_, fragment.selection_set)  # type: ignore[union-attr]

    def _applies(self, condition: str, type_: GraphQLCompositeType) -> bool:
        if condition == type_.name:
            return True
        wanted = self._schema.get_type(condition)
        return (
            wanted is not None
            and is_abstract_type(wanted)
            and not isinstance(type_, GraphQLUnionType)
            and self._schema.is_sub_type(wanted, type_)
        )

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value == "skip" and self._decided(directive):
                return False
            if directive.name.value == "include" and not self._decided(directive):
                return False
        return True

    def _decided(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            return self._conditions.get(value.name.value, False)
        return isinstance(value, BooleanValueNode) and value.value


#: Stands for an answer's data where no type is known.
_UNTYPED: Final[Mapping[str, Any]] = {}


def known_length(root: Selection, path: Sequence[str | int], data: Any = _UNTYPED) -> int:
    """How many steps of a path from `root` lead along what the client asked for: of the objects that stand there in
    `data`, where it is given, else of any."""
    selections: list[Selection] = [root]
    shapes: list[Shape] = []
    for position, step in enumerate(path):
        if isinstance(step, int):
            shapes = [shape.item for shape in shapes if isinstance(shape, ListOf)]
            data = data[step] if isinstance(data, list) and step < len(data) else _UNTYPED
        else:
            shapes = [field.shape for inner in selections for field in inner.fields if field.key == step]
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
    known = shape.selections.get(type_name)
    return (known,) if known is not None else tuple(shape.selections.values())
