"""Subgraphs that graphql-core executes where they are asked, without a server, and what they were asked."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from graphql import (
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    print_ast,
)

from bench import schemas
from gateway.transport import SubgraphAnswer


class Executed:
    """A transport to them."""

    def __init__(self, subgraphs: Mapping[str, GraphQLSchema]) -> None:
        self._subgraphs = subgraphs
        self.sent: list[tuple[str, bytes]] = []

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        return SubgraphAnswer(200, await self.ask(subgraph, body))

    async def ask(self, subgraph: str, body: bytes) -> bytes:
        self.sent.append((subgraph, body))
        return orjson.dumps(schemas.answer(self._subgraphs[subgraph], orjson.loads(body)))

    async def close(self) -> None:
        pass


def asked(subgraph: str, body: bytes) -> str:
    """What a request asks for and of which entities, whatever its order and the names in it."""
    request = orjson.loads(body)
    variables = request.get("variables", {})
    (operation,) = parse(request["query"], no_location=True).definitions
    assert isinstance(operation, OperationDefinitionNode)

    def told(selection_set: SelectionSetNode | None) -> str:
        parts = []
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                arguments = sorted(told_value(argument.value) for argument in node.arguments or ())
                parts.append(f"{node.name.value}{arguments}{told(node.selection_set)}")
            else:
                assert isinstance(node, InlineFragmentNode)
                parts.append(f"...{print_ast(node.type_condition)}{told(node.selection_set)}")
        return f"{{{' '.join(sorted(parts))}}}" if parts else ""

    def told_value(value: ValueNode) -> str:
        if not isinstance(value, VariableNode):
            return print_ast(value)
        given = (orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in variables[value.name.value])
        return " ".join(sorted(text.decode() for text in given))

    return f"{subgraph} {told(operation.selection_set)}"
