"""From a request's document to its answer: parse, guard, validate, plan and compile (once), then run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from random import random
from typing import Any, Final, TypeAlias

import orjson
from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    get_operation_ast,
    print_ast,
    validate,
)
from graphql.execution.values import get_variable_values

from gateway.codes import GatewayCode
from gateway.executor import Outcome, Program, Result, compile_plan
from gateway.executor.result import request_error
from gateway.guard import Limits, RefusedError, read_document
from gateway.guard.measures import measure
from gateway.identity import Identity
from gateway.planner import BudgetExceededError, Planner, PlanningError
from gateway.supergraph import Supergraph
from gateway.supergraph.labels import labels_in_force
from gateway.transport import InFlight, Transport
from vereda.telemetry import logger, report, request_id

_log = logger("engine")

#: Operations kept planned and compiled, and the characters that their documents have together.
_MOST_PREPARED: Final = 1_000
_MOST_CHARACTERS: Final = 1_000_000
_LONGEST_MESSAGE: Final = 400


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """GraphQL over HTTP §request parameters. `read_only`: only a query may be run (it came by GET)."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    read_only: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """An operation that is valid against the current supergraph. Compared by identity."""

    operation: OperationDefinitionNode
    program: Program


class _Refused(Exception):  # noqa: N818 (carries an answer, not an error)
    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


class ReadOnlyError(Exception):
    """A request that may only read asks for a mutation or a subscription."""


class Engine:
    """Answers requests over one supergraph, which may be replaced while requests run."""

    def __init__(
        self,
        supergraph: Supergraph,
        transport: Transport,
        *,
        limits: Limits | None = None,
        development: bool = False,
        share_answers: bool = False,
        override_labels: frozenset[str] = frozenset(),
    ) -> None:
        """`development`: introspection is answered, and validation messages name what the schema holds.

        `share_answers`: equal queries of one caller that are under way at the same time are answered once.
        `override_labels`: labels of progressive `@override`s that the operator puts in force.
        """
        self._override_labels = override_labels
        self._transport = transport
        self._under_way: InFlight[Result] | None = InFlight() if share_answers else None
        self._limits = limits or Limits()
        self._development = development
        self._graph = _Graph(supergraph)

    @property
    def supergraph(self) -> Supergraph:
        return self._graph.supergraph

    def swap(self, supergraph: Supergraph) -> None:
        """Answer by `supergraph` from the next request on; requests under way finish by the one they began with."""
        self._graph = _Graph(supergraph)

    async def execute(self, request: GraphQLRequest, identity: Identity) -> Result:
        """Raises: ReadOnlyError."""
        graph = self._graph
        try:
            prepared = self._prepared(graph, request)
            variables = self._variables(graph, prepared, request.variables)
        except _Refused as refusal:
            return refusal.result
        answer = partial(prepared.program.run, variables, self._transport.send, identity.headers)
        if self._under_way is None:
            return await answer()
        if prepared.operation.operation is OperationType.QUERY:
            key = (identity.key, *identity.headers.items(), prepared, orjson.dumps(variables))
            return await self._under_way.share(key, answer)
        self._under_way.forget()
        try:
            return await answer()
        finally:
            self._under_way.forget()

    def _prepared(self, graph: _Graph, request: GraphQLRequest) -> _Prepared:
        labels = self._labels(graph.supergraph)
        identity = (request.query, request.operation_name, labels)
        prepared = graph.prepared.get(identity)
        if prepared is None:
            prepared = self._prepare(graph, request, labels)
            graph.keep(identity, prepared)
        else:
            graph.prepared.move_to_end(identity)
            if request.read_only and prepared.operation.operation is not OperationType.QUERY:
                raise ReadOnlyError
        return prepared

    def _labels(self, supergraph: Supergraph) -> frozenset[str]:
        """The override labels that are in force for one request."""
        known = supergraph.override_labels
        if not known:
            return known
        return labels_in_force(known, self._override_labels, random())  # noqa: S311 (a share of requests, no secret)

    def _prepare(self, graph: _Graph, request: GraphQLRequest, labels: frozenset[str]) -> _Prepared:
        schema = graph.supergraph.api_schema
        try:
            document = read_document(request.query, self._limits)
        except RefusedError as error:
            raise _Refused(request_error(error.code, error.message, Outcome.REFUSED)) from None
        except GraphQLSyntaxError as error:
            raise _Refused(_of([error], GatewayCode.GRAPHQL_PARSE_FAILED)) from None
        if not self._development and measure(document).introspects:
            message = "Introspection is not available here; the schema is published with the documentation."
            raise _Refused(request_error(GatewayCode.INTROSPECTION_DISABLED, message))
        operation = get_operation_ast(document, request.operation_name)
        if request.read_only and operation is not None and operation.operation is not OperationType.QUERY:
            raise ReadOnlyError
        errors = validate(
            schema,
            document,
            max_errors=self._limits.reported_errors,
            hide_suggestions=not self._development,
        )
        if errors:
            raise _Refused(_of(errors, GatewayCode.GRAPHQL_VALIDATION_FAILED, masked=not self._development))
        if operation is None:
            message = (
                "The document holds no operation of that name."
                if request.operation_name
                else "The document holds several operations: say which by operationName."
            )
            raise _Refused(request_error(GatewayCode.OPERATION_NOT_FOUND, message))
        if operation.operation is OperationType.SUBSCRIPTION:
            message = "Subscriptions are not served here."
            raise _Refused(request_error(GatewayCode.SUBSCRIPTIONS_NOT_SERVED, message))
        try:
            plan = graph.planner(labels).plan(document, request.operation_name)
        except BudgetExceededError as error:
            raise _Refused(
                request_error(GatewayCode.OPERATION_TOO_COMPLEX, str(error), Outcome.REFUSED)
            ) from None
        except PlanningError as error:
            report(_log, error, rid=request_id.get())
            message = f"This operation cannot be answered by the services. Quote request {request_id.get()}."
            raise _Refused(request_error(GatewayCode.OPERATION_NOT_PLANNABLE, message)) from None
        return _Prepared(operation, compile_plan(plan, schema, document, request.operation_name))

    def _variables(self, graph: _Graph, prepared: _Prepared, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The client's values as they were given, with the operation's defaults; others are dropped."""
        definitions = prepared.operation.variable_definitions
        if not definitions:
            return {}
        values = get_variable_values(
            graph.supergraph.api_schema,
            definitions,
            dict(given),
            max_errors=self._limits.reported_errors,
            hide_suggestions=True,
        )
        if isinstance(values, list):
            raise _Refused(_of(values, GatewayCode.BAD_USER_INPUT, about_values=True))
        used = {name: given.get(name, coerced) for name, coerced in values.coerced.items()}
        for name in prepared.program.condition_variables & used.keys():
            if (
                used[name] is None
            ):  # GraphQL §5.8.5: a nullable variable with a default may stand there, null may not
                message = (
                    f"Variable '${name}' decides whether a field is asked for: it must be true or false."
                )
                raise _Refused(request_error(GatewayCode.BAD_USER_INPUT, message))
        return used


#: What tells prepared operations apart: document, operation name, and the override labels in force.
_Identity: TypeAlias = tuple[str, str | None, frozenset[str]]


class _Graph:
    """A supergraph with what was made of it: replaced as a whole."""

    __slots__ = ("_planners", "characters", "prepared", "supergraph")

    def __init__(self, supergraph: Supergraph) -> None:
        self.supergraph = supergraph
        self._planners: dict[frozenset[str], Planner] = {}
        self.prepared: OrderedDict[_Identity, _Prepared] = OrderedDict()
        self.characters = 0

    def planner(self, labels: frozenset[str]) -> Planner:
        found = self._planners.get(labels)
        if found is None:
            found = self._planners[labels] = Planner(self.supergraph.under(labels))
        return found

    def keep(self, identity: _Identity, prepared: _Prepared) -> None:
        """Remember an operation; those that were not asked for the longest go first."""
        self.prepared[identity] = prepared
        self.characters += len(identity[0])
        while len(self.prepared) > _MOST_PREPARED or self.characters > _MOST_CHARACTERS:
            (text, *_), _ = self.prepared.popitem(last=False)
            self.characters -= len(text)


def _of(
    errors: list[GraphQLError], code: GatewayCode, *, masked: bool = False, about_values: bool = False
) -> Result:
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
    return Result(None, shown, outcome=Outcome.REQUEST_ERROR)


def _without_value(error: GraphQLError) -> str:
    """`Variable '$id' has invalid value at .code: ...` up to the colon, and the type that the client declared."""
    where = error.message.partition(": ")[0]
    declared = [
        print_ast(node.type) for node in error.nodes or () if isinstance(node, VariableDefinitionNode)
    ]
    return f"{where}: it does not fit the type {declared[0]}." if declared else f"{where}."
