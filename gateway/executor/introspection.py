"""`__schema` and `__type`, answered here from the public schema (GraphQL §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
)


class Introspection:
    """The introspection fields of one operation, as a document of their own."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        fields: list[FieldNode],
    ) -> None:
        self._schema = schema
        alone = OperationDefinitionNode(
            operation=operation.operation,
            name=operation.name,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=tuple(fields)),
        )
        fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        self._document = DocumentNode(definitions=(alone, *fragments))

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        result = execute_sync(self._schema, self._document, variable_values=dict(variables))
        return result.data or {}
