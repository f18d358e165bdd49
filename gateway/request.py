"""A GraphQL request as the engine gets it, and the answers to one that is not executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import GraphQLError, VariableDefinitionNode, print_ast

from gateway.codes import GatewayCode
from gateway.executor import Outcome, Result
from gateway.executor.result import request_error
from gateway.guard import RefusedError

_LONGEST_MESSAGE: Final = 400


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """GraphQL over HTTP §request parameters.

    `read_only`: only a query may be run (it came by GET). `report_cost`: the answer's `extensions.cost` is asked for.
    `document_name`: see `gateway.guard.trusted`; with a name, `query` may be empty. `installed`: the document is part of
    this installation (`gateway.facades`), and trusted as such.
    """

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    read_only: bool = False
    report_cost: bool = False
    document_name: str | None = None
    installed: bool = False


class ReadOnlyError(Exception):
    """A request that may only read asks for a mutation or a subscription."""


class Refused(Exception):  # noqa: N818 (carries an answer, not an error)
    """The request is not executed; `result` says why."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result

    @classmethod
    def because(cls, code: GatewayCode, message: str, outcome: Outcome = Outcome.REQUEST_ERROR) -> Refused:
        return cls(request_error(code, message, outcome))

    @classmethod
    def by_guard(cls, error: RefusedError) -> Refused:
        return cls(request_error(error.code, error.message, Outcome.REFUSED, **error.extensions))

    @classmethod
    def by_graphql(
        cls,
        errors: Sequence[GraphQLError],
        code: GatewayCode,
        *,
        masked: bool = False,
        about_values: bool = False,
    ) -> Refused:
        """A request error for each of `errors`.

        `masked`: the messages would tell what the schema holds, so only the place is told. `about_values`: they would
        repeat what the client sent, which may be about a person (R34), so only the variable and its path are told.
        """
        shown = []
        for error in errors:
            message = error.message[:_LONGEST_MESSAGE]
            if masked:
                message = "This is not valid against the schema."
            elif about_values:
                message = _without_value(error)
            entry: dict[str, Any] = {"message": message}
            if error.locations:
                entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
            entry["extensions"] = {"code": code.value}
            shown.append(entry)
        return cls(Result(None, shown, outcome=Outcome.REQUEST_ERROR))


def _without_value(error: GraphQLError) -> str:
    """`Variable '$id' has invalid value at .code: ...` up to the colon, and the type that the client declared."""
    where = error.message.partition(": ")[0]
    declared = [
        print_ast(node.type) for node in error.nodes or () if isinstance(node, VariableDefinitionNode)
    ]
    return f"{where}: it does not fit the type {declared[0]}." if declared else f"{where}."
