"""From a request's document to a program: parse, guard, validate, plan and compile, each operation once.

What was made is kept twice, within bounds: by the request's very text, so that a known request costs one look-up; and
by the operation's own text, however the client spaced it and whatever else its document holds, so that it is planned
once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    get_operation_ast,
    print_ast,
    strip_ignored_characters,
    validate,
    visit,
)

from gateway.codes import GatewayCode
from gateway.executor import Outcome, Program, compile_plan
from gateway.guard import Limits, RefusedError, read_document
from gateway.guard.measures import measure
from gateway.planner import BudgetExceededError, ClashError, Planner, PlanningError
from gateway.request import GraphQLRequest, ReadOnlyError, Refused
from gateway.supergraph import Supergraph
from gateway.transport import InFlight
from vereda.telemetry import logger, report, request_id

_log = logger("engine")

#: Operations kept, and the characters that what tells them apart has together.
MOST_PREPARED: Final = 1_000
MOST_CHARACTERS: Final = 1_000_000
#: Documents up to so many characters are prepared at once; longer ones beside the event loop, which others wait for.
_SHORT: Final = 2_000

_T = TypeVar("_T")


class Bounded(Generic[_T]):
    """Values by a text and more; those that were not asked for the longest go first."""

    def __init__(self) -> None:
        self._values: OrderedDict[tuple[str, Hashable], _T] = OrderedDict()
        self._characters = 0

    def get(self, text: str, more: Hashable) -> _T | None:
        found = self._values.get((text, more))
        if found is not None:
            self._values.move_to_end((text, more))
        return found

    def keep(self, text: str, more: Hashable, value: _T) -> None:
        if (text, more) not in self._values:
            self._characters += len(text)
        self._values[text, more] = value
        while len(self._values) > MOST_PREPARED or self._characters > MOST_CHARACTERS:
            (gone, _), _ = self._values.popitem(last=False)
            self._characters -= len(gone)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An operation that is valid against the current supergraph. Compared by identity."""

    operation: OperationDefinitionNode
    program: Program


#: The override labels that are in force for a request.
Labels: TypeAlias = frozenset[str]


class Preparing:
    """A supergraph with what was made of it: replaced as a whole when the supergraph is."""

    def __init__(self, supergraph: Supergraph, limits: Limits, *, development: bool) -> None:
        """`development`: introspection is answered, and validation messages name what the schema holds."""
        self.supergraph = supergraph
        self._limits = limits
        self._development = development
        self._planners: dict[Labels, Planner] = {}
        self._requests: Bounded[Prepared] = Bounded()
        self._programs: Bounded[Program] = Bounded()
        self._under_way: InFlight[Prepared] = InFlight()

    def known(self, request: GraphQLRequest, labels: Labels) -> Prepared | None:
        """What was made of the same text before. Raises: ReadOnlyError."""
        prepared = self._requests.get(request.query, (request.operation_name, labels))
        if prepared is not None and request.read_only:
            _check_reads(prepared.operation)
        return prepared

    async def make(self, request: GraphQLRequest, labels: Labels) -> Prepared:
        """Prepare an operation. Raises: Refused, ReadOnlyError."""
        if len(request.query) <= _SHORT:
            prepared = self._prepare(request, labels)
        else:
            key = (request.query, request.operation_name, request.read_only, labels)
            prepared = await self._under_way.share(
                key, lambda: asyncio.to_thread(self._prepare, request, labels)
            )
        self._requests.keep(request.query, (request.operation_name, labels), prepared)
        return prepared

    def _prepare(self, request: GraphQLRequest, labels: Labels) -> Prepared:
        document = self._read(request)
        operation = get_operation_ast(document, request.operation_name)
        if request.read_only and operation is not None:
            _check_reads(operation)
        self._validate(document)
        if operation is None:
            message = (
                "The document holds no operation of that name."
                if request.operation_name
                else "The document holds several operations: say which by operationName."
            )
            raise Refused.because(GatewayCode.OPERATION_NOT_FOUND, message)
        if operation.operation is OperationType.SUBSCRIPTION:
            raise Refused.because(GatewayCode.SUBSCRIPTIONS_NOT_SERVED, "Subscriptions are not served here.")
        alone = _alone(document, operation)
        text = strip_ignored_characters(print_ast(alone))
        program = self._programs.get(text, labels)
        if program is None:
            program = self._plan(alone, labels)
            self._programs.keep(text, labels, program)
        return Prepared(operation, program)

    def _read(self, request: GraphQLRequest) -> DocumentNode:
        try:
            document = read_document(request.query, self._limits)
        except RefusedError as error:
            raise Refused.because(error.code, error.message, Outcome.REFUSED) from None
        except GraphQLSyntaxError as error:
            raise Refused.by_graphql([error], GatewayCode.GRAPHQL_PARSE_FAILED) from None
        if not self._development and measure(document).introspects:
            message = "Introspection is not available here; the schema is published with the documentation."
            raise Refused.because(GatewayCode.INTROSPECTION_DISABLED, message)
        return document

    def _validate(self, document: DocumentNode) -> None:
        errors = validate(
            self.supergraph.api_schema,
            document,
            max_errors=self._limits.reported_errors,
            hide_suggestions=not self._development,
        )
        if errors:
            code = GatewayCode.GRAPHQL_VALIDATION_FAILED
            raise Refused.by_graphql(errors, code, masked=not self._development)

    def _plan(self, document: DocumentNode, labels: Labels) -> Program:
        planner = self._planners.get(labels)
        if planner is None:
            planner = self._planners[labels] = Planner(self.supergraph.under(labels))
        try:
            plan = planner.plan(document)
        except BudgetExceededError as error:
            raise Refused.because(GatewayCode.OPERATION_TOO_COMPLEX, str(error), Outcome.REFUSED) from None
        except ClashError as error:
            raise Refused.because(GatewayCode.OPERATION_NOT_PLANNABLE, str(error)) from None
        except PlanningError as error:
            report(_log, error, rid=request_id.get())
            message = f"This operation cannot be answered by the services. Quote request {request_id.get()}."
            raise Refused.because(GatewayCode.OPERATION_NOT_PLANNABLE, message) from None
        return compile_plan(plan, self.supergraph.api_schema, document, None)


def _check_reads(operation: OperationDefinitionNode) -> None:
    if operation.operation is not OperationType.QUERY:
        raise ReadOnlyError


def _alone(document: DocumentNode, operation: OperationDefinitionNode) -> DocumentNode:
    """The operation with the fragments that it spreads, and nothing else, in an order that is its own."""
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    found: dict[str, FragmentDefinitionNode] = {}
    waiting = _Spreads.of(operation)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = fragments[name]
            waiting += _Spreads.of(fragments[name])
    return DocumentNode(definitions=(operation, *found.values()))


class _Spreads(Visitor):
    """Names of the fragments that a definition spreads, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names.append(node.name.value)

    @classmethod
    def of(cls, node: OperationDefinitionNode | FragmentDefinitionNode) -> list[str]:
        visitor = cls()
        visit(node, visitor)
        return visitor.names
