"""Makes the shape of a document's answer, for one caller's rights and one assignment of its conditions.

Fields are collected as in GraphQL §6.3.2: fragments and inline fragments flattened by concrete type, equal response
keys joined, `@skip` and `@include` decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol, TypeAlias

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
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

from gateway.executor.shapes import (
    Choice,
    Closed,
    Constant,
    Field,
    Leaf,
    ListOf,
    ObjectOf,
    OneOf,
    Selection,
    Shape,
)

Conditions: TypeAlias = Mapping[str, bool]

#: "GraphQL §Scalars, result coercion". Integers of more than 32 bits are let through: subgraphs in use send them.
_JSON_TYPES: Final[Mapping[str, frozenset[type]]] = {
    "Int": frozenset({int}),
    "Float": frozenset({int, float}),
    "String": frozenset({str}),
    "Boolean": frozenset({bool}),
    "ID": frozenset({str, int}),
}


class Verdict(Protocol):
    """What the caller may not ask for."""

    def type(self, name: str) -> bool:
        """Whether objects of this type are closed."""
        ...

    def field(self, type_name: str, node: FieldNode) -> bool:
        """Whether a field of an object type is closed as this node of the document asks for it."""
        ...


class Shaper:
    """Makes shapes of one operation, for one assignment of its Boolean variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        conditions: Conditions,
        verdict: Verdict | None = None,
    ) -> None:
        """`verdict`: None where nothing is closed."""
        self._schema = schema
        self._verdict = verdict
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._conditions = conditions
        self._known: dict[tuple[str, tuple[int, ...]], Selection] = {}

    def root(self, operation: OperationDefinitionNode) -> Selection:
        return self._selection(self.root_type(operation), (operation.selection_set,))

    def root_fields(self, operation: OperationDefinitionNode, *names: str) -> list[FieldNode]:
        """The root's field nodes with one of these field names."""
        collected = self.collect(self.root_type(operation), (operation.selection_set,))
        return [node for nodes in collected.values() for node in nodes if node.name.value in names]

    def root_type(self, operation: OperationDefinitionNode) -> GraphQLObjectType:
        root = self._schema.get_root_type(operation.operation)
        assert root is not None, "validation has seen to it"
        return root

    def _selection(self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...]) -> Selection:
        identity = (type_.name, tuple(map(id, sets)))
        known = self._known.get(identity)
        if known is None:
            collected = self.collect(type_, sets)
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
        if self._is_closed(owner, nodes):
            return Field(key, full_name, Closed(isinstance(owner.fields[name].type, GraphQLNonNull)))
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
            return self._one_of(type_, sets, required)
        return Leaf(required, _JSON_TYPES.get(type_.name, frozenset()))

    def _one_of(
        self, type_: GraphQLAbstractType, sets: tuple[SelectionSetNode, ...], required: bool
    ) -> OneOf:
        possible = self._schema.get_possible_types(type_)
        open_types = [
            owner for owner in possible if self._verdict is None or not self._verdict.type(owner.name)
        ]
        selections = {owner.name: self._selection(owner, sets) for owner in open_types}
        closed = frozenset(owner.name for owner in possible if owner.name not in selections)
        hangs_on_type = closed or self._hangs_on_type(type_, sets) or self._differs(type_, sets)
        unresolved = None if hangs_on_type else self._selection(type_, sets)
        return OneOf(type_.name, selections, unresolved, required, closed)

    def _is_closed(self, owner: GraphQLCompositeType, nodes: list[FieldNode]) -> bool:
        """Of an abstract type, whose objects' types are not known: whether any of its types is closed."""
        verdict = self._verdict
        if verdict is None:
            return False
        owners = self._schema.get_possible_types(owner) if is_abstract_type(owner) else (owner,)
        return any(all(verdict.field(each.name, node) for node in nodes) for each in owners)

    def _differs(self, type_: GraphQLAbstractType, sets: tuple[SelectionSetNode, ...]) -> bool:
        """Whether something that is selected of all types of an abstract type is closed for some of them only; or, if for
        all, takes the object along for some only, since it may not be null there."""
        if self._verdict is None or isinstance(type_, GraphQLUnionType):
            return False
        possible = self._schema.get_possible_types(type_)
        for nodes in self.collect(type_, sets).values():
            name = nodes[0].name.value
            closed = [owner for owner in possible if self._is_closed(owner, nodes)]
            if closed and (len(closed) < len(possible) or _differ(name, type_, *closed)):
                return True
        return False

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

    def collect(
        self, type_: GraphQLCompositeType, sets: tuple[SelectionSetNode, ...]
    ) -> dict[str, list[FieldNode]]:
        """Of an object of `type_`: the field nodes that are asked for, by response key, in order."""
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


def _differ(name: str, *owners: GraphQLInterfaceType | GraphQLObjectType) -> bool:
    """Whether null may stand for a field on some of these types only."""
    return len({isinstance(owner.fields[name].type, GraphQLNonNull) for owner in owners}) > 1
