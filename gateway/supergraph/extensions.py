"""`extend type …` in a supergraph becomes part of the type (GraphQL §Type Extensions).

Composition writes none, but a directive that stands on an extension binds all the same: who may see a type must not hang
on where that is written.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from graphql import DefinitionNode, DocumentNode, TypeDefinitionNode, TypeExtensionNode

from gateway.supergraph.model import SupergraphError

#: What an extension may add, whichever kind of type it extends.
_PARTS: Final = ("directives", "interfaces", "fields", "types", "values")


def without_extensions(document: DocumentNode) -> DocumentNode:
    """The document with each extension's parts in its type.

    Raises: SupergraphError for an extension of what is defined nowhere.
    """
    extensions: defaultdict[str, list[TypeExtensionNode]] = defaultdict(list)
    for node in document.definitions:
        if isinstance(node, TypeExtensionNode):
            extensions[node.name.value].append(node)
    if not extensions:
        return document
    whole = tuple(
        _extended(node, extensions.pop(node.name.value, [])) if isinstance(node, TypeDefinitionNode) else node
        for node in document.definitions
        if not isinstance(node, TypeExtensionNode)
    )
    if extensions:
        raise SupergraphError(f"`{next(iter(extensions))}` is extended, and defined nowhere.")
    return DocumentNode(definitions=whole)


def _extended(node: TypeDefinitionNode, extensions: list[TypeExtensionNode]) -> DefinitionNode:
    if not extensions:
        return node
    parts: dict[str, Any] = {"name": node.name, "description": node.description}
    for part in _PARTS:
        if part in node.keys:
            added = (getattr(extension, part, None) or () for extension in extensions)
            parts[part] = (*(getattr(node, part) or ()), *(item for items in added for item in items))
    return type(node)(**parts)
