"""What one subgraph's SDL says: its executable schema, and what federation's directives promise about it.

Read here with graphql-core alone, not with the gateway's own reader: a mistake of that one must not hide itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumTypeExtensionNode,
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeExtensionNode,
    Visitor,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_object_type,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from graphql.language import REMOVE

_FEDERATION: Final = "specs.apollo.dev/federation/"
_KEPT: Final = frozenset({"deprecated", "specifiedBy", "oneOf"})
_EXTENSIONS: Final = {
    ObjectTypeExtensionNode: "type",
    InterfaceTypeExtensionNode: "interface",
    UnionTypeExtensionNode: "union",
    EnumTypeExtensionNode: "enum",
    InputObjectTypeExtensionNode: "input",
    ScalarTypeExtensionNode: "scalar",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A subgraph as its SDL declares it. Fields are named by coordinate: "Book.title"."""

    schema: GraphQLSchema
    keys: Mapping[str, tuple[SelectionSetNode, ...]]
    """The resolvable keys of each entity type."""
    external: frozenset[str]
    """Fields that the subgraph cannot answer by itself: `@external`, and part of none of its keys."""
    requires: Mapping[str, SelectionSetNode]
    provides: Mapping[str, SelectionSetNode]


@dataclass(slots=True)
class _Said:
    """The directives of the document while they are gathered."""

    keys: dict[str, list[tuple[SelectionSetNode, bool]]] = field(default_factory=lambda: defaultdict(list))
    external: set[str] = field(default_factory=set)
    requires: dict[str, SelectionSetNode] = field(default_factory=dict)
    provides: dict[str, SelectionSetNode] = field(default_factory=dict)


def read(text: str) -> Declared:
    """The subgraph that `text` declares, with `_entities` where it has entities. Raises graphql's errors."""
    document = parse(text, no_location=True)
    names = _directive_names(document)
    said = _said(document, names)
    resolvable = {
        name: tuple(selection for selection, resolvable in keys if resolvable)
        for name, keys in said.keys.items()
    }
    keys = {name: found for name, found in resolvable.items() if found}
    schema = build_schema(_executable(document, keys))
    in_keys = {
        coordinate
        for name, found in said.keys.items()
        for selection, _ in found
        for coordinate in _coordinates(schema, name, selection)
    }
    return Declared(schema, keys, frozenset(said.external - in_keys), said.requires, said.provides)


def selection(text: str) -> SelectionSetNode:
    """A field set such as `"id owner { id }"`."""
    operation: Any = parse(f"{{{text}}}", no_location=True).definitions[0]
    found: SelectionSetNode = operation.selection_set
    return found


def fields_for(schema: GraphQLSchema, type_name: str, selected: SelectionSetNode) -> Iterator[FieldNode]:
    """The fields of a selection that concern an object of `type_name`: those in fragments on other types do not."""
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            wanted = node.type_condition.name.value if node.type_condition else type_name
            if wanted == type_name or _is_possible(schema, wanted, type_name):
                yield from fields_for(schema, type_name, node.selection_set)


def _is_possible(schema: GraphQLSchema, abstract: str, type_name: str) -> bool:
    type_, member = schema.get_type(abstract), schema.get_type(type_name)
    return is_abstract_type(type_) and is_object_type(member) and schema.is_sub_type(type_, member)


def _directive_names(document: DocumentNode) -> dict[str, str]:
    """Federation's names for the directives that the document imports under names of its own."""
    names: dict[str, str] = {}
    for node in document.definitions:
        if not isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            continue
        for applied in node.directives or ():
            arguments = _arguments(applied)
            if applied.name.value != "link" or _FEDERATION not in arguments["url"]:
                continue
            for item in arguments.get("import", ()):
                if isinstance(item, dict):
                    names[item["as"].removeprefix("@")] = item["name"].removeprefix("@")
    return names


def _said(document: DocumentNode, names: Mapping[str, str]) -> _Said:
    said = _Said()
    for node in document.definitions:
        if not isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            continue
        owner = node.name.value
        whole = False
        for name, arguments in _applied(node, names):
            whole = whole or name == "external"
            if name == "key":
                said.keys[owner].append(
                    (selection(arguments["fields"]), arguments.get("resolvable", True) is not False)
                )
        for item in getattr(node, "fields", None) or ():
            coordinate = f"{owner}.{item.name.value}"
            if whole:
                said.external.add(coordinate)
            for name, arguments in _applied(item, names):
                if name == "external":
                    said.external.add(coordinate)
                elif name == "requires":
                    said.requires[coordinate] = selection(arguments["fields"])
                elif name == "provides":
                    said.provides[coordinate] = selection(arguments["fields"])
    return said


def _applied(node: Any, names: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for directive in node.directives or ():
        name = directive.name.value
        yield names.get(name, name).removeprefix("federation__"), _arguments(directive)


def _arguments(node: DirectiveNode) -> dict[str, Any]:
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in node.arguments or ()}


def _coordinates(schema: GraphQLSchema, type_name: str, selected: SelectionSetNode) -> Iterator[str]:
    """All fields that a key names, those inside of other types too."""
    type_: Any = schema.get_type(type_name)
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield f"{type_name}.{node.name.value}"
            if node.selection_set is not None:
                inner = get_named_type(type_.fields[node.name.value].type).name
                yield from _coordinates(schema, inner, node.selection_set)
        elif isinstance(node, InlineFragmentNode) and node.type_condition is not None:
            yield from _coordinates(schema, node.type_condition.name.value, node.selection_set)


class _Plain(Visitor):
    """Takes federation's directives away."""

    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return None if node.name.value in _KEPT else REMOVE


def _executable(document: DocumentNode, keys: Mapping[str, object]) -> str:
    """The SDL that graphql-core can build: extensions alone become definitions, `_entities` is added."""
    defined = {node.name.value for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    objects: set[str] = set()
    parts: list[str] = []
    query = "Query"
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            roots = {item.operation.value: item.type.name.value for item in node.operation_types or ()}
            query = roots.get("query", query)
            if roots:
                parts.append(f"schema {{ {' '.join(f'{kind}: {name}' for kind, name in roots.items())} }}")
            continue
        text = print_ast(visit(node, _Plain()))
        if isinstance(node, TypeExtensionNode) and node.name.value not in defined:
            defined.add(node.name.value)
            text = text.removeprefix("extend ")
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            objects.add(node.name.value)
        parts.append(text)
    entities = [name for name in keys if name in objects]
    if entities:
        parts += ["scalar _Any", f"union _Entity = {' | '.join(entities)}"]
        word = "extend type" if query in defined else "type"
        parts.append(f"{word} {query} {{ _entities(representations: [_Any!]!): [_Entity]! }}")
    elif query not in defined:
        parts.append(f"type {query} {{ _service: String }}")
    return "\n\n".join(parts)
