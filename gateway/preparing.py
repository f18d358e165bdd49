"""From a request's document to a program: parse, guard, validate, plan and compile, each operation once.

What was made is kept twice, within bounds: by the request's very text, so that a known request costs one look-up; and
by the operation's own text, however the client spaced it and whatever else its document holds, so that it is planned
once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

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
    visit,
)

from gateway.bounded import Bounded
from gateway.codes import GatewayCode
from gateway.executor import Bounds, Outcome, Program, compile_plan
from gateway.guard import Limits, RefusedError
from gateway.guard.authorization import Survey, Verdict, Wall, refusal
from gateway.guard.costs import OperationCost
from gateway.guard.documents import read_measured
from gateway.guard.overlapping import validation_errors
from gateway.guard.weights import Weights
from gateway.identity import Identity
from gateway.planner import BudgetExceededError, ClashError, Planner, PlanningError, PlanningLimits
from gateway.request import GraphQLRequest, ReadOnlyError, Refused
from gateway.supergraph import Supergraph
from gateway.transport import InFlight
from vereda.telemetry import logger, report, request_id

_log = logger("engine")

#: Documents up to so many characters are prepared at once; longer ones beside the event loop, which others wait for.
_SHORT: Final = 2_000


#: The override labels that are in force for a request.
Labels: TypeAlias = frozenset[str]
#: What a caller lacks of all that a supergraph asks for, as `Wall.lacking` tells it.
Lacking: TypeAlias = int


@dataclass(frozen=True, slots=True)
class Undecided:
    """An operation whose variables decide what of it is closed to a caller: all that it takes to decide."""

    document: DocumentNode
    text: str
    labels: Labels
    surveyed: Survey
    lacking: Lacking


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An operation that is valid against the current supergraph, for who lacks the same rights. Compared by identity."""

    operation: OperationDefinitionNode
    program: Program
    cost: OperationCost
    introspects: bool
    undecided: Undecided | None = None


class Preparing:
    """A supergraph with what was made of it: replaced as a whole when the supergraph is."""

    def __init__(
        self,
        supergraph: Supergraph,
        limits: Limits,
        planning: PlanningLimits | None = None,
        *,
        refuse_unauthorized: bool = False,
    ) -> None:
        """`refuse_unauthorized`: an operation of which a part is closed to its caller is not executed at all."""
        self.supergraph = supergraph
        self._wall = Wall.of(supergraph)
        self._refuse_unauthorized = refuse_unauthorized
        self._limits = limits
        self._planning = planning
        self._bounds = Bounds(limits.representations, limits.answer_bytes)
        self._weights = Weights(supergraph, limits.list_size)
        self._planners: dict[Labels, Planner] = {}
        self._requests: Bounded[Prepared] = Bounded()
        self._programs: Bounded[Program] = Bounded()
        self._costs: Bounded[OperationCost] = Bounded()
        self._under_way: InFlight[Prepared] = InFlight()

    def lacking(self, caller: Identity) -> Lacking:
        """What tells callers apart here; 0 for one who may do everything."""
        return 0 if self._wall is None else self._wall.lacking(caller)

    def known(self, request: GraphQLRequest, labels: Labels, lacking: Lacking, told: bool) -> Prepared | None:
        """What was made of the same text before, for who lacks the same. `told`: see `make`. Raises: ReadOnlyError."""
        prepared = self._requests.get(request.query, (request.operation_name, labels, lacking))
        if prepared is None or (prepared.introspects and not told):
            return None
        if request.read_only:
            _check_reads(prepared.operation)
        return prepared

    async def make(self, request: GraphQLRequest, labels: Labels, lacking: Lacking, told: bool) -> Prepared:
        """Prepare an operation. `told`: introspection is answered, and messages name what the schema holds.

        Raises: Refused, ReadOnlyError.
        """
        if len(request.query) <= _SHORT:
            prepared = self._prepare(request, labels, lacking, told)
        else:
            key = (request.query, request.operation_name, request.read_only, labels, lacking, told)
            prepared = await self._under_way.share(
                key, lambda: asyncio.to_thread(self._prepare, request, labels, lacking, told)
            )
        self._requests.keep(request.query, (request.operation_name, labels, lacking), prepared)
        return prepared

    async def decide(self, prepared: Prepared, values: Mapping[str, Any]) -> Prepared:
        """The operation as it is with these variables' values, which had to be known first. Raises: Refused."""
        undecided, wall = prepared.undecided, self._wall
        if undecided is None or wall is None:
            return prepared
        closed = wall.closed_values(prepared.operation, undecided.surveyed, undecided.lacking, values)
        if not closed:
            return prepared
        work = (undecided, closed)
        program = (
            self._decided(*work)
            if len(undecided.text) <= _SHORT
            else await asyncio.to_thread(self._decided, *work)
        )
        return Prepared(prepared.operation, program, prepared.cost, prepared.introspects)

    def _prepare(self, request: GraphQLRequest, labels: Labels, lacking: Lacking, told: bool) -> Prepared:
        document, introspects = self._read(request, told)
        operation = get_operation_ast(document, request.operation_name)
        if request.read_only and operation is not None:
            _check_reads(operation)
        self._validate(document, told)
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
        cost = self._cost(alone, operation, text)  # before it is planned, which may be dear as well
        if self._wall is None or not lacking:
            return Prepared(operation, self._program(alone, text, labels, None), cost, introspects)
        undecided = Undecided(alone, text, labels, self._wall.look_at(alone), lacking)
        program = self._decided(undecided, frozenset())
        still = undecided if undecided.surveyed.variables else None
        return Prepared(operation, program, cost, introspects, still)

    def _cost(self, document: DocumentNode, operation: OperationDefinitionNode, text: str) -> OperationCost:
        """Raises: Refused when it costs too much whatever its variables are."""
        cost = self._costs.get(text, None)
        if cost is None:
            try:
                cost = OperationCost(self._weights, self._limits, document, operation)
            except RefusedError as error:
                raise Refused.by_guard(error) from None
            self._costs.keep(text, None, cost)
        return cost

    def _decided(self, undecided: Undecided, closed_variables: frozenset[str]) -> Program:
        """The program for who lacks what this caller lacks. Raises: Refused."""
        assert self._wall is not None
        verdict = self._wall.decide(
            undecided.document, undecided.surveyed, undecided.lacking, closed_variables
        )
        if verdict is not None and verdict.removed and self._refuse_unauthorized:
            message = refusal(verdict.removed)
            raise Refused.because(GatewayCode.UNAUTHORIZED_FIELD_OR_TYPE, message, Outcome.FORBIDDEN)
        return self._program(undecided.document, undecided.text, undecided.labels, verdict)

    def _program(self, document: DocumentNode, text: str, labels: Labels, verdict: Verdict | None) -> Program:
        key = (labels, verdict.key if verdict is not None else None)
        program = self._programs.get(text, key)
        if program is None:
            program = self._plan(document, labels, verdict)
            self._programs.keep(text, key, program)
        return program

    def _read(self, request: GraphQLRequest, told: bool) -> tuple[DocumentNode, bool]:
        """The document, and whether it asks for the schema."""
        try:
            document, measured = read_measured(request.query, self._limits)
        except RefusedError as error:
            raise Refused.by_guard(error) from None
        except GraphQLSyntaxError as error:
            raise Refused.by_graphql([error], GatewayCode.GRAPHQL_PARSE_FAILED) from None
        if measured.introspects and not told:
            message = "Introspection is not available here; the schema is published with the documentation."
            raise Refused.because(GatewayCode.INTROSPECTION_DISABLED, message)
        return document, measured.introspects

    def _validate(self, document: DocumentNode, told: bool) -> None:
        most = self._limits.reported_errors
        errors = validation_errors(self.supergraph.api_schema, document, most, hide_suggestions=not told)
        if errors:
            code = GatewayCode.GRAPHQL_VALIDATION_FAILED
            raise Refused.by_graphql(errors, code, masked=not told)

    def _plan(self, document: DocumentNode, labels: Labels, verdict: Verdict | None) -> Program:
        planner = self._planners.get(labels)
        if planner is None:
            planner = self._planners[labels] = Planner(self.supergraph.under(labels), self._planning)
        try:
            plan = planner.plan(document if verdict is None else verdict.left, closed=verdict)
        except BudgetExceededError as error:
            raise Refused.because(GatewayCode.OPERATION_TOO_COMPLEX, str(error), Outcome.REFUSED) from None
        except ClashError as error:
            raise Refused.because(GatewayCode.OPERATION_NOT_PLANNABLE, str(error)) from None
        except PlanningError as error:
            report(_log, error, rid=request_id.get())
            message = f"This operation cannot be answered by the services. Quote request {request_id.get()}."
            raise Refused.because(GatewayCode.OPERATION_NOT_PLANNABLE, message) from None
        return compile_plan(plan, self.supergraph.api_schema, document, None, verdict, self._bounds)


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
