"""The executable schema of each subgraph, as the supergraph tells it."""

from __future__ import annotations

from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    TypeDefinitionNode,
    build_schema,
    print_ast,
)

from gateway.supergraph import Supergraph
from gateway.supergraph.model import Kind, Subgraph, SubgraphField, SubgraphType


class Schemas:
    """Makes subgraphs' schemas out of a supergraph and its document, each when it is first asked for."""

    def __init__(self, supergraph: Supergraph, document: DocumentNode) -> None:
        self._supergraph = supergraph
        self._document = document
        self._made: dict[str, GraphQLSchema] = {}
        self._arguments_of = {
            (node.name.value, item.name.value): tuple(item.arguments or ())
            for node in document.definitions
            if isinstance(node, TypeDefinitionNode)
            for item in getattr(node, "fields", None) or ()
            if isinstance(item, FieldDefinitionNode)
        }

    def of(self, subgraph: Subgraph) -> GraphQLSchema:
        if subgraph.name not in self._made:
            self._made[subgraph.name] = build_schema(self._sdl(subgraph), assume_valid=True)
        return self._made[subgraph.name]

    def arguments(self, type_name: str, field_name: str) -> tuple[InputValueDefinitionNode, ...]:
        """A field's arguments, those included that clients do not see."""
        return self._arguments_of.get((type_name, field_name), ())

    def _sdl(self, subgraph: Subgraph) -> str:
        parts = ["scalar _Any"]
        entities = [name for name, type_ in subgraph.types.items() if type_.keys and type_.is_object]
        if entities:
            parts.append("union _Entity = " + " | ".join(entities))
        for name, type_ in subgraph.types.items():
            if type_.kind in (Kind.LEAF, Kind.INPUT):
                continue
            parts.append(self._type_sdl(subgraph, name, type_, bool(entities)))
        for node in self._document.definitions:
            if isinstance(node, TypeDefinitionNode) and node.name.value in subgraph.types:
                known = subgraph.types[node.name.value]
                if known.kind in (Kind.LEAF, Kind.INPUT):
                    parts.append(print_ast(node))
        if self._supergraph.query_type not in subgraph.types:
            parts.append("type Query { _entities(representations: [_Any!]!): [_Entity]! }")
        return "\n".join(parts)

    def _type_sdl(self, subgraph: Subgraph, name: str, type_: SubgraphType, has_entities: bool) -> str:
        if type_.kind is Kind.UNION:
            return f"union {name} = {' | '.join(sorted(type_.possible))}"
        lines = [self._field_sdl(name, key, said) for key, said in type_.fields.items()]
        if name == self._supergraph.query_type:
            lines.append("_service: String")
            if has_entities:
                lines.append("_entities(representations: [_Any!]!): [_Entity]!")
        interfaces = [
            other.name
            for other in subgraph.types.values()
            if other.kind is Kind.INTERFACE
            and not other.is_interface_object
            and other.name != name
            and self._implements(type_, other)
        ]
        implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
        word = "type" if type_.is_object else "interface"
        return f"{word} {name}{implements} {{\n" + "\n".join(lines) + "\n}"

    def _implements(self, type_: SubgraphType, interface: SubgraphType) -> bool:
        """As the subgraph itself says it, for objects: elsewhere they may implement more."""
        if type_.is_object:
            return type_.name in interface.possible
        return interface.name in self._supergraph.types[type_.name].interfaces

    def _field_sdl(self, type_name: str, name: str, said: SubgraphField) -> str:
        arguments = [print_ast(node) for node in self.arguments(type_name, name)]
        inside = f"({', '.join(arguments)})" if arguments else ""
        return f"{name}{inside}: {said.type.text}"
