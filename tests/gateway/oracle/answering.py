"""One case, asked of the real engine over strict subgraphs in this process, and what must hold of its answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import orjson
from graphql import (
    REMOVE,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

from gateway.engine import Engine, GraphQLRequest
from gateway.executor import Result
from gateway.guard import Limits
from gateway.identity import Identity
from gateway.planner import Planner, QueryPlan, to_json
from gateway.planner.plan import Condition, Defer, Fetch, Flatten, Parallel, PlanNode, Sequence
from gateway.transport import SubgraphAnswer, SubgraphUnavailableError
from tests.gateway.planner.random_queries import Asked
from tests.gateway.planner.running import Run, project
from tests.gateway.planner.world import BrokenPlanError, World

_NOBODY = Identity(key="anonymous")
#: What is drawn may cost anything: the graph says nothing of its lists, which are short.
UNBOUNDED: Final = Limits(cost=10**18)


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


@dataclass(slots=True)
class Subgraphs:
    """A world's strict services as a transport. Answers come in an order of their own, not in that of asking."""

    world: World
    mutated: list[str] = field(default_factory=list)
    broken: list[BrokenPlanError] = field(default_factory=list)
    _busy: list[str] = field(default_factory=list)

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        try:
            result = await self._answer(subgraph, orjson.loads(body), repeatable)
        except BrokenPlanError as error:
            self.broken.append(error)
            raise SubgraphUnavailableError(subgraph, "the plan is broken") from error
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return SubgraphAnswer(200, orjson.dumps(answer))

    async def _answer(self, subgraph: str, request: dict[str, Any], repeatable: bool) -> ExecutionResult:
        text, variables = request["query"], request.get("variables", {})
        operation = _operation(self.world.request(self.world.supergraph.subgraphs[subgraph], text))
        self._check_variables(operation, variables)
        self._check_mutation(operation, request, repeatable)
        self._busy.append(operation.operation.value)
        for _ in range(len(text) % 5):
            await asyncio.sleep(0)
        self._busy.remove(operation.operation.value)
        return self.world.answer(subgraph, text, variables, request.get("operationName"))

    async def close(self) -> None:
        """Nothing is held open."""

    def _check_variables(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
        """What is sent is declared; that what is declared is used, the subgraph's own validation sees to."""
        declared = {node.variable.name.value for node in operation.variable_definitions or ()}
        if not variables.keys() <= declared:
            raise BrokenPlanError(f"{sorted(variables)} is sent, but {sorted(declared)} is declared.")

    def _check_mutation(
        self, operation: OperationDefinitionNode, request: Mapping[str, Any], repeatable: bool
    ) -> None:
        """Nothing else is under way while something is mutated ("GraphQL §Mutation")."""
        mutates, text = operation.operation.value == "mutation", request["query"]
        if "mutation" in self._busy or (mutates and self._busy):
            raise BrokenPlanError(f"{text} is sent while a {self._busy[0]} is under way.")
        if mutates is repeatable:
            raise BrokenPlanError("A mutation must not be sent twice, and a query may.")
        if mutates:
            given = request.get("variables", {})
            fields = [
                node
                for node in operation.selection_set.selections
                if isinstance(node, FieldNode) and _is_asked(node, given)
            ]
            self.mutated += dict.fromkeys((node.alias or node.name).value for node in fields)


def _is_asked(node: FieldNode, variables: Mapping[str, Any]) -> bool:
    """Whether `@skip` and `@include`, which the planner writes with variables, let a field be asked for."""
    for directive in node.directives or ():
        (condition,) = directive.arguments
        assert isinstance(condition.value, VariableNode)
        if variables[condition.value.name.value] is (directive.name.value == "skip"):
            return False
    return True


def engine_answer(world: World, asked: Asked) -> tuple[Result, Subgraphs]:
    """The engine's answer, and the transport that it used. Raises: BrokenPlanError."""
    subgraphs = Subgraphs(world)
    engine = Engine(
        world.supergraph, subgraphs, limits=UNBOUNDED, development=True, override_labels=world.labels
    )
    request = GraphQLRequest(asked.text, variables=asked.variables)
    result = _runner().run(engine.execute(request, _NOBODY))
    if subgraphs.broken:
        raise subgraphs.broken[0]
    return result, subgraphs


def assert_answered(world: World, asked: Asked) -> None:
    """The federated answer is the monolith's, byte for byte; so is what the plan's words mean, run plainly."""
    document = asked.document
    truth = world.truth(asked.whole, asked.variables)
    planned = Planner(world.supergraph).plan(document)
    assert_well_formed(world, document, planned)
    plain = project(world, asked.whole, Run(world, asked.completed).all_of(planned), asked.variables)
    assert orjson.dumps(plain) == orjson.dumps(truth)

    assert_engine_answers(world, asked, truth)


def assert_engine_answers(world: World, asked: Asked, truth: Any) -> None:
    """The engine gives the truth, and makes each mutation once and in order."""
    result, subgraphs = engine_answer(world, asked)
    assert not result.errors, result.errors
    assert orjson.dumps(result.data) == orjson.dumps(truth)
    if _operation(asked.document).operation.value == "mutation":
        assert_mutated(world, asked, truth, subgraphs.mutated)


def assert_mutated(world: World, asked: Asked, truth: Mapping[str, Any], mutated: list[str]) -> None:
    """Each mutation was made once, in the order in which they are written.

    Where the first of several fields of one key is left out by its condition, the order hangs on a variable; the
    planner then keeps to the order of the document.
    """
    wanted = [key for key in truth if key in mutated]
    written = list(world.truth(visit(asked.document, _Unconditional()), asked.variables))
    if [key for key in written if key in truth] != list(truth):
        wanted.sort()
        mutated.sort()
    assert mutated == wanted


class _Unconditional(Visitor):
    """Takes conditions away."""

    def enter_directive(self, *_: object) -> Any:
        return REMOVE


def assert_failed_alike(world: World, asked: Asked, told: ExecutionResult | None = None) -> None:
    """Where fields fail, the same data is left; and the errors tell where, in the client's paths.

    An error may be told for a field that the monolith never came to, since its parent was null by then. So each
    error's field must be one that fails, and each null that the monolith explains must be explained here too.
    `told`: what the monolith says, where that is known already.
    """
    told = told or world.told(asked.whole, asked.variables)
    result, _ = engine_answer(world, asked)
    assert orjson.dumps(result.data) == orjson.dumps(told.data), result.errors
    failing = {tuple(error.path or ()) for error in world.all_failures(asked.whole, asked.variables)}
    paths = {tuple(error.get("path", ())) for error in result.errors}
    assert paths <= failing, result.errors
    wanted = {null_at(told.data, error.path or ()) for error in told.errors or ()}
    assert wanted <= {null_at(result.data, path) for path in paths}, result.errors


def null_at(data: Any, path: Collection[str | int]) -> tuple[str | int, ...]:
    """The place on the way to `path` where the answer is null."""
    at: list[str | int] = []
    for step in path:
        if data is None:
            break
        at.append(step)
        data = data[step]
    return tuple(at)


def assert_well_formed(world: World, document: DocumentNode, planned: QueryPlan) -> None:
    """Equal input, equal plan; only used variables; plain JSON."""
    assert Planner(world.supergraph).plan(document) == planned
    printed = to_json(planned)
    assert json.loads(json.dumps(printed)) == printed
    found = list(fetches(planned.node))
    assert len({fetch.id for fetch in found}) == len(found)
    for fetch in found:
        used = _Variables()
        visit(world.request(world.supergraph.subgraphs[fetch.subgraph], fetch.document), used)
        assert set(fetch.variables) == used.names - {fetch.representations_variable}


def fetches(node: PlanNode | None) -> Iterator[Fetch]:
    """Each request of a plan."""
    if isinstance(node, Fetch):
        yield node
    elif isinstance(node, Flatten):
        yield from fetches(node.node)
    elif isinstance(node, Sequence | Parallel):
        for inner in node.nodes:
            yield from fetches(inner)
    elif isinstance(node, Condition):
        yield from fetches(node.if_clause)
        yield from fetches(node.else_clause)
    elif isinstance(node, Defer):
        yield from fetches(node.primary)
        for part in node.deferred:
            yield from fetches(part.node)


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation


class _Variables(Visitor):
    """The variables that a document uses."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, _key: object, parent: object, *_: object) -> None:
        if not isinstance(parent, VariableDefinitionNode):
            self.names.add(node.name.value)
