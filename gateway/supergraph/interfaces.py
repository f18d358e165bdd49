"""What implements an interface implements that interface's interfaces too (GraphQL §Interfaces).

A subgraph that knows only the outer interface does not say so of its types, and not every composition adds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import (
    DefinitionNode,
    DocumentNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
)


def with_all_interfaces(document: DocumentNode) -> DocumentNode:
    """The document with each type's interfaces named in full."""
    direct = {
        node.name.value: tuple(item.name.value for item in node.interfaces or ())
        for node in document.definitions
        if isinstance(node, InterfaceTypeDefinitionNode)
    }
    return DocumentNode(definitions=tuple(_completed(node, direct) for node in document.definitions))


def _completed(node: DefinitionNode, direct: Mapping[str, tuple[str, ...]]) -> DefinitionNode:
    if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return node
    said = tuple(item.name.value for item in node.interfaces or ())
    names = [name for name in _all(said, direct) if name != node.name.value]
    if len(names) == len(said):
        return node
    return type(node)(
        name=node.name,
        description=node.description,
        directives=node.directives,
        interfaces=tuple(NamedTypeNode(name=NameNode(value=name)) for name in names),
        fields=node.fields,
    )


def _all(names: Iterable[str], direct: Mapping[str, tuple[str, ...]]) -> dict[str, None]:
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += direct.get(name, ())
    return found
