"""The document that is left when all that a caller may not ask for is taken out: what is not in it is not fetched.

A field of an interface that only some of its types may show is asked of each of the others instead. What is left is for
the planner alone; the answer is cut out by the client's own document, in which what is missing is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_non_null_type,
)

_TYPENAME: Final = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())


class Closed(Protocol):
    """What may not be asked for."""

    def type(self, name: str) -> bool: ...

    def field(self, type_name: str, node: FieldNode) -> bool:
        """Of an object type."""
        ...


class Remover:
    """Takes what is closed out of one document. `removed`: the coordinates of what was asked for by name, in order."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, closed: Closed) -> None:
        self._schema = schema
        self._closed = closed
        self._nodes = document.definitions
        self._definitions = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._fragments: dict[str, FragmentDefinitionNode | None] = {}
        self.removed: dict[str, None] = {}

    def document(self) -> DocumentNode:
        """What is left of the one operation and its fragments."""
        operations = [
            self._operation(node) for node in self._nodes if isinstance(node, OperationDefinitionNode)
        ]
        fragments = [node for node in self._fragments.values() if node is not None]
        return DocumentNode(definitions=(*operations, *fragments))

    def _operation(self, node: OperationDefinitionNode) -> OperationDefinitionNode:
        root = self._schema.get_root_type(node.operation)
        assert root is not None, "validation has seen to it"
        return OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=node.variable_definitions,
            directives=node.directives,
            selection_set=self._set(node.selection_set, root) or SelectionSetNode(selections=(_TYPENAME,)),
        )

    def _set(self, node: SelectionSetNode, type_: GraphQLNamedType) -> SelectionSetNode | None:
        """What is left of a selection set on a type; None for nothing."""
        left = [kept for selection in node.selections for kept in self._selection(selection, type_)]
        return SelectionSetNode(selections=tuple(left)) if left else None

    def _selection(self, node: SelectionNode, type_: GraphQLNamedType) -> list[SelectionNode]:
        if isinstance(node, FieldNode):
            return self._field(node, type_)
        # Whom a fragment was for hangs on the object's type, which must be known even if nothing of it is left.
        nothing: list[SelectionNode] = [_TYPENAME] if is_abstract_type(type_) else []
        if isinstance(node, FragmentSpreadNode):
            return nothing if self._fragment(node.name.value) is None else [node]
        assert isinstance(node, InlineFragmentNode)
        there = type_ if node.type_condition is None else self._type(node.type_condition)
        kept = self._inside(node.selection_set, there)
        if kept is None:
            return nothing
        return [
            InlineFragmentNode(
                type_condition=node.type_condition, directives=node.directives, selection_set=kept
            )
        ]

    def _fragment(self, name: str) -> FragmentDefinitionNode | None:
        """What is left of a named fragment, looked at once however often it is spread."""
        if name not in self._fragments:
            node = self._definitions[name]
            kept = self._inside(node.selection_set, self._type(node.type_condition))
            self._fragments[name] = None
            if kept is not None:
                self._fragments[name] = FragmentDefinitionNode(
                    name=node.name,
                    variable_definitions=(),
                    type_condition=node.type_condition,
                    directives=node.directives,
                    selection_set=kept,
                )
        return self._fragments[name]

    def _inside(self, node: SelectionSetNode, type_: GraphQLNamedType) -> SelectionSetNode | None:
        """What is left of a fragment: nothing of one on a type that is closed."""
        if self._possible(type_) and not self._open_types(type_):
            self.removed[type_.name] = None
            return None
        return self._set(node, type_)

    def _field(self, node: FieldNode, type_: GraphQLNamedType) -> list[SelectionNode]:
        if node.name.value.startswith("__"):
            return [node]
        possible = self._possible(type_)
        asked = [owner for owner in possible if not self._is_closed(owner, node)]
        if len(asked) == len(possible):
            return [self._with_selections(node, type_)]
        self.removed[f"{type_.name}.{node.name.value}"] = None
        if not asked and self._differ(node, [type_, *possible]):
            return [_TYPENAME]
        return [
            InlineFragmentNode(
                type_condition=NamedTypeNode(name=NameNode(value=owner.name)),
                directives=(),
                selection_set=SelectionSetNode(selections=(self._with_selections(node, owner),)),
            )
            for owner in asked
        ]

    def _is_closed(self, owner: GraphQLNamedType, node: FieldNode) -> bool:
        return self._closed.type(owner.name) or self._closed.field(owner.name, node)

    def _differ(self, node: FieldNode, owners: list[GraphQLNamedType]) -> bool:
        """Whether null may stand for the field on some of these types only: then an object's type must be known."""
        return len({is_non_null_type(_fields(owner)[node.name.value].type) for owner in owners}) > 1

    def _with_selections(self, node: FieldNode, owner: GraphQLNamedType) -> FieldNode:
        """The field with what is left inside: at least the question whether there is anything, and of which type."""
        if node.selection_set is None:
            return node
        target = get_named_type(_fields(owner)[node.name.value].type)
        assert is_composite_type(target), "validation has seen to it"
        kept = self._set(node.selection_set, target)
        selections = kept.selections if kept is not None else ()
        if not selections or len(self._open_types(target)) < len(self._possible(target)):
            selections = (_TYPENAME, *selections)
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=SelectionSetNode(selections=tuple(selections)),
        )

    def _open_types(self, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
        return [owner for owner in self._possible(type_) if not self._closed.type(owner.name)]

    def _possible(self, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
        return [*self._schema.get_possible_types(type_)] if is_abstract_type(type_) else [type_]

    def _type(self, node: NamedTypeNode) -> GraphQLNamedType:
        known = self._schema.get_type(node.name.value)
        assert known is not None, "validation has seen to it"
        return known


def _fields(type_: GraphQLNamedType) -> Mapping[str, GraphQLField]:
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType), "validation has seen to it"
    fields: Mapping[str, GraphQLField] = type_.fields
    return fields
