"""A supergraph SDL, read into a frozen model and the public API schema.

`load(sdl)` is the way in; the planner reads the model. `authorization`, `costs` and `list_sizes` are what a guard needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from graphql import (
    DocumentNode,
    GraphQLError,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    parse,
    validate_schema,
)

from gateway.supergraph.annotations import read_authorization, read_costs, read_list_sizes
from gateway.supergraph.extensions import without_extensions
from gateway.supergraph.interfaces import with_all_interfaces
from gateway.supergraph.legacy import is_legacy, modernised
from gateway.supergraph.links import Links, read_links
from gateway.supergraph.model import (
    Authorization,
    ListSize,
    Subgraph,
    Supergraph,
    SupergraphError,
)
from gateway.supergraph.public import public_schema
from gateway.supergraph.reader import read_graphs, read_subgraphs, read_types

__all__ = ["Authorization", "ListSize", "Subgraph", "Supergraph", "SupergraphError", "load"]


def load(sdl: str) -> Supergraph:
    """Read a supergraph SDL with the join specification v0.1 to v0.5. Raises `SupergraphError`."""
    try:
        document = without_extensions(parse(sdl, no_location=True))
        if is_legacy(document):
            document = modernised(document)
        return _read(with_all_interfaces(document))
    except (GraphQLError, TypeError, KeyError, ValueError) as error:
        raise SupergraphError(f"The supergraph cannot be read: {error}") from error


def _read(document: DocumentNode) -> Supergraph:
    links = read_links(document)
    graphs = read_graphs(document)
    definitions = _definitions(document, links)
    types = read_types(definitions)
    roots = _roots(document)
    if roots.get("query") not in types:
        raise SupergraphError("The supergraph has no query type: nothing could be asked.")
    api_schema = public_schema(document, links)
    if broken := validate_schema(api_schema):
        raise SupergraphError(f"The supergraph's public schema is not valid: {broken[0].message}")
    subgraphs = read_subgraphs(graphs, definitions, types)
    return Supergraph(
        api_schema=api_schema,
        subgraphs=MappingProxyType(subgraphs),
        types=MappingProxyType(types),
        query_type=roots["query"],
        mutation_type=roots.get("mutation"),
        subscription_type=roots.get("subscription"),
        authorization=MappingProxyType(read_authorization(definitions, links)),
        costs=MappingProxyType(read_costs(definitions, links)),
        list_sizes=MappingProxyType(read_list_sizes(definitions, links)),
        override_labels=_override_labels(subgraphs.values()),
    )


def _override_labels(subgraphs: Iterable[Subgraph]) -> frozenset[str]:
    return frozenset(
        field.label.name
        for subgraph in subgraphs
        for type_ in subgraph.types.values()
        for field in type_.fields.values()
        if field.label is not None
    )


def _definitions(document: DocumentNode, links: Links) -> dict[str, TypeDefinitionNode]:
    """The graph's own types by name, without the join specification's."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, TypeDefinitionNode) and not links.owns_type(node.name.value)
    }


def _roots(document: DocumentNode) -> dict[str, str]:
    """Root type names by operation; the default names where the document has no `schema` definition."""
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            return {item.operation.value: item.type.name.value for item in node.operation_types}
    names = {node.name.value for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    return {name.lower(): name for name in ("Query", "Mutation", "Subscription") if name in names}
