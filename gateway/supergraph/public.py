"""The public API: the supergraph without federation's machinery and without what is `@inaccessible`.

Source: "Federation 2 §API schema", "§@inaccessible".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
)

from gateway.supergraph.links import Links

#: Directives of the GraphQL specification that say something to a client.
_PUBLIC: Final = frozenset({"deprecated", "specifiedBy", "oneOf"})
_EXECUTABLE: Final = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "FRAGMENT_DEFINITION",
    }
)


#: Whoever answers in one piece may take it, too: "GraphQL incremental delivery" leaves that to the service.
_DEFER: Final = """
"Lets the fields of a fragment be delivered after the others, where that saves time."
directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
"""


def public_schema(document: DocumentNode, links: Links) -> GraphQLSchema:
    """Build the schema that clients see, with `@defer`.

    Raises graphql's TypeError or GraphQLError on a broken document.
    """
    definitions = list(_Public(document, links).definitions())
    names = {node.name.value for node in definitions if isinstance(node, DirectiveDefinitionNode)}
    if "defer" not in names:
        definitions += parse(_DEFER, no_location=True).definitions
    return build_ast_schema(DocumentNode(definitions=tuple(definitions)))


class _Public:
    """Strips one document; knows which types are hidden, since members that name them go too."""

    def __init__(self, document: DocumentNode, links: Links) -> None:
        self._document = document
        self._links = links
        self._inaccessible = links.local["inaccessible"]
        self._hidden = {
            node.name.value
            for node in document.definitions
            if isinstance(node, TypeDefinitionNode)
            and (links.owns_type(node.name.value) or self._is_hidden(node.directives))
        }

    def definitions(self) -> Iterable[DefinitionNode]:
        for node in self._document.definitions:
            if isinstance(node, SchemaDefinitionNode):
                yield SchemaDefinitionNode(
                    description=node.description, operation_types=node.operation_types, directives=()
                )
            elif isinstance(node, DirectiveDefinitionNode):
                kept = tuple(place for place in node.locations if place.value in _EXECUTABLE)
                if kept and not self._links.owns_directive(node.name.value):
                    yield DirectiveDefinitionNode(
                        name=node.name,
                        description=node.description,
                        repeatable=node.repeatable,
                        arguments=self._inputs(node.arguments),
                        locations=kept,
                    )
            elif isinstance(node, TypeDefinitionNode) and node.name.value not in self._hidden:
                yield self._type(node)

    def _type(self, node: TypeDefinitionNode) -> TypeDefinitionNode:
        name, said, directives = node.name, node.description, self._directives(node)
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            return type(node)(
                name=name,
                description=said,
                directives=directives,
                interfaces=self._named(node.interfaces),
                fields=self._fields(node.fields),
            )
        if isinstance(node, UnionTypeDefinitionNode):
            members = self._named(node.types)
            return UnionTypeDefinitionNode(name=name, description=said, directives=directives, types=members)
        if isinstance(node, EnumTypeDefinitionNode):
            values = self._values(node.values)
            return EnumTypeDefinitionNode(name=name, description=said, directives=directives, values=values)
        if isinstance(node, InputObjectTypeDefinitionNode):
            inputs = self._inputs(node.fields)
            return InputObjectTypeDefinitionNode(
                name=name, description=said, directives=directives, fields=inputs
            )
        return ScalarTypeDefinitionNode(name=name, description=said, directives=directives)

    def _fields(self, nodes: tuple[FieldDefinitionNode, ...] | None) -> tuple[FieldDefinitionNode, ...]:
        return tuple(
            FieldDefinitionNode(
                name=node.name,
                description=node.description,
                arguments=self._inputs(node.arguments),
                type=node.type,
                directives=self._directives(node),
            )
            for node in nodes or ()
            if not self._is_hidden(node.directives)
        )

    def _inputs(
        self, nodes: tuple[InputValueDefinitionNode, ...] | None
    ) -> tuple[InputValueDefinitionNode, ...]:
        """Arguments or input fields that are not hidden."""
        return tuple(
            InputValueDefinitionNode(
                name=node.name,
                description=node.description,
                type=node.type,
                default_value=node.default_value,
                directives=self._directives(node),
            )
            for node in nodes or ()
            if not self._is_hidden(node.directives)
        )

    def _values(
        self, nodes: tuple[EnumValueDefinitionNode, ...] | None
    ) -> tuple[EnumValueDefinitionNode, ...]:
        return tuple(
            EnumValueDefinitionNode(
                name=node.name, description=node.description, directives=self._directives(node)
            )
            for node in nodes or ()
            if not self._is_hidden(node.directives)
        )

    def _named(self, nodes: tuple[NamedTypeNode, ...] | None) -> tuple[NamedTypeNode, ...]:
        return tuple(node for node in nodes or () if node.name.value not in self._hidden)

    def _directives(
        self,
        node: TypeDefinitionNode | FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode,
    ) -> tuple[ConstDirectiveNode, ...]:
        return tuple(applied for applied in node.directives or () if applied.name.value in _PUBLIC)

    def _is_hidden(self, directives: Iterable[ConstDirectiveNode] | None) -> bool:
        return any(applied.name.value == self._inaccessible for applied in directives or ())
