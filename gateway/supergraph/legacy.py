"""Join spec v0.1, written by Federation 1 composition: put into the words of v0.3, so that one reader is enough.

There, an entity has one owner (`@join__owner`) that answers every field which names no other subgraph; the
others know its keys; a type without join directives is a value type, whole in every subgraph.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
)

from gateway.supergraph.fieldsets import FieldItem, FieldSet, parse_field_set
from gateway.supergraph.reader import applied, read_graphs, type_ref

#: Subgraphs by type and field.
_Provided: TypeAlias = Mapping[tuple[str, str], frozenset[str]]


def is_legacy(document: DocumentNode) -> bool:
    """Whether the document defines `@join__owner`, which only v0.1 has."""
    return any(
        isinstance(node, DirectiveDefinitionNode) and node.name.value == "join__owner"
        for node in document.definitions
    )


def modernised(document: DocumentNode) -> DocumentNode:
    """The same supergraph with `@join__type`, `@join__field` and `@join__implements` as later versions have them."""
    graphs = tuple(read_graphs(document))
    roots = _root_types(document)
    provided = _provided(document)
    return DocumentNode(
        definitions=tuple(
            _definition(node, graphs, roots, provided)
            if isinstance(node, TypeDefinitionNode) and not node.name.value.startswith(("join__", "core__"))
            else node
            for node in document.definitions
        )
    )


def _definition(
    node: TypeDefinitionNode, graphs: tuple[str, ...], roots: set[str], provided: _Provided
) -> DefinitionNode:
    typed = _typed_graphs(node, graphs)
    added = [*(node.directives or ())]
    if not applied(node, "join__type"):
        added += _directives("".join(f"@join__type(graph: {graph})" for graph in typed))
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        for interface in node.interfaces or ():
            name = interface.name.value
            added += _directives(
                "".join(f'@join__implements(graph: {graph}, interface: "{name}")' for graph in typed)
            )
        owner = next((said["graph"] for said in applied(node, "join__owner")), None)
        fields = tuple(
            _with_provided(
                _field(node, item, owner, graphs if node.name.value in roots else ()),
                provided.get((node.name.value, item.name.value), frozenset()),
            )
            for item in node.fields or ()
        )
        return type(node)(
            name=node.name,
            description=node.description,
            interfaces=node.interfaces,
            fields=fields,
            directives=tuple(added),
        )
    if isinstance(node, UnionTypeDefinitionNode):
        return UnionTypeDefinitionNode(
            name=node.name, description=node.description, types=node.types, directives=tuple(added)
        )
    return node


def _field(
    parent: TypeDefinitionNode, node: FieldDefinitionNode, owner: str | None, root_graphs: tuple[str, ...]
) -> FieldDefinitionNode:
    """Say who answers: the owner by default, and every subgraph whose key names the field."""
    said = [*(node.directives or ())]
    named = {entry.get("graph") for entry in applied(node, "join__field")} - {None}
    if owner is not None:
        if not named:
            said = [entry for entry in said if entry.name.value != "join__field"]
            said += _directives(f"@join__field(graph: {owner})")
            named = {owner}
        keyed = {
            entry["graph"]
            for entry in applied(parent, "join__type")
            if entry.get("key")
            and node.name.value in {i.name for i in parse_field_set(entry["key"]) if isinstance(i, FieldItem)}
        }
        said += _directives("".join(f"@join__field(graph: {graph})" for graph in sorted(keyed - named)))
    elif named == set() and root_graphs and applied(node, "join__field"):
        said = [entry for entry in said if entry.name.value != "join__field"]
    return FieldDefinitionNode(
        name=node.name,
        description=node.description,
        arguments=node.arguments,
        type=node.type,
        directives=tuple(said),
    )


def _provided(document: DocumentNode) -> _Provided:
    """Which subgraphs `@provides` a field at some place: there they know it, `@external`, as v0.1 does not say."""
    types = {
        node.name.value: {item.name.value: type_ref(item.type).named for item in node.fields or ()}
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
    }
    found: dict[tuple[str, str], frozenset[str]] = {}

    def note(type_name: str, items: FieldSet, graph: str) -> None:
        for item in items:
            if isinstance(item, FieldItem):
                place = type_name, item.name
                found[place] = found.get(place, frozenset()) | {graph}
                note(types.get(type_name, {}).get(item.name, ""), item.items, graph)
            else:
                note(item.type_condition, item.items, graph)

    for node in document.definitions:
        for field in getattr(node, "fields", None) or ():
            for said in applied(field, "join__field"):
                if said.get("provides") and said.get("graph"):
                    note(type_ref(field.type).named, parse_field_set(said["provides"]), said["graph"])
    return found


def _with_provided(node: FieldDefinitionNode, graphs: frozenset[str]) -> FieldDefinitionNode:
    """The field, `@external` in the subgraphs that provide it and were not said to have it."""
    named = {said.get("graph") for said in applied(node, "join__field")}
    text = "".join(f"@join__field(graph: {graph}, external: true)" for graph in sorted(graphs - named))
    if not named or not text:
        return node
    return FieldDefinitionNode(
        name=node.name,
        description=node.description,
        arguments=node.arguments,
        type=node.type,
        directives=(*(node.directives or ()), *_directives(text)),
    )


def _typed_graphs(node: TypeDefinitionNode, graphs: tuple[str, ...]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(said["graph"] for said in applied(node, "join__type")))
    return named or graphs


def _root_types(document: DocumentNode) -> set[str]:
    names = {"Query", "Mutation", "Subscription"}
    for node in document.definitions:
        for operation in getattr(node, "operation_types", None) or ():
            names.add(operation.type.name.value)
    return names


def _directives(text: str) -> tuple[ConstDirectiveNode, ...]:
    if not text:
        return ()
    node = parse(f"scalar X {text}", no_location=True).definitions[0]
    assert isinstance(node, TypeDefinitionNode)
    return tuple(node.directives or ())
