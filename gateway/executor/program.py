"""A query plan, compiled for its operation: made once, run for each request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
)

from gateway.executor.careful import project_carefully
from gateway.executor.closed import ClosedPlaces
from gateway.executor.conditions import condition_variables
from gateway.executor.faults import Faults
from gateway.executor.fetching import Bounds, Run, Send
from gateway.executor.introspection import Introspection
from gateway.executor.merging import make_merge
from gateway.executor.projection import GIVES_UP, Project, compile_projection
from gateway.executor.result import Result
from gateway.executor.scheduling import Schedule
from gateway.executor.shapes import Selection
from gateway.executor.shaping import Shaper, Verdict
from gateway.executor.steps import compile_steps, fetched_types
from gateway.planner.plan import QueryPlan

#: Views kept for one program: each is one assignment of its `@skip` and `@include` variables.
_MOST_VIEWS: Final = 64


@dataclass(frozen=True, slots=True)
class _View:
    """What the client sees under one assignment of the document's conditions."""

    root: Selection
    project: Project
    closed: ClosedPlaces
    introspection: Introspection | None


class Program:
    """Answers one operation. Holds no state of any request."""

    def __init__(
        self,
        schedule: Schedule | None,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        entity_types: frozenset[str],
        verdict: Verdict | None,
        bounds: Bounds,
    ) -> None:
        self._bounds = bounds
        self._schedule = schedule
        self._verdict = verdict
        self.entity_types = entity_types
        """Object types of which one object may stand in many places of the answer."""
        self._schema = schema
        self._document = document
        self._operation = operation
        self._conditions = condition_variables(document)
        self.condition_variables: frozenset[str] = frozenset(self._conditions)
        """Boolean variables that decide `@skip` and `@include`: they must not be null."""
        self._views: dict[tuple[bool, ...], _View] = {}

    async def run(self, variables: Mapping[str, Any], send: Send, headers: Mapping[str, str]) -> Result:
        """Fetch and project.

        `variables`: as the client sent them, with the operation's defaults filled in. `headers` go with each
        subgraph request.
        """
        view = self._view(variables)
        run = Run(variables, headers, send, self._bounds.representations, self._bounds.answer_bytes)
        if self._schedule is not None:
            await self._schedule(run)
        if view.introspection is not None:
            run.data.update(view.introspection.answer(variables))
        faults = run.faults
        if faults.errors or faults.redactions or faults.disclosures:
            faults.keep_known_paths(view.root, run.data)
        data = _projected(view, run.data, faults)
        return Result(data, faults.errors, faults.extensions)

    def _view(self, variables: Mapping[str, Any]) -> _View:
        assignment = tuple([variables.get(name) is True for name in self._conditions])
        view = self._views.get(assignment)
        if view is None:
            view = self._make_view(dict(zip(self._conditions, assignment, strict=True)))
            if len(self._views) < _MOST_VIEWS:
                self._views[assignment] = view
        return view

    def _make_view(self, conditions: Mapping[str, bool]) -> _View:
        shaper = Shaper(self._schema, self._document, conditions, self._verdict)
        root = shaper.root(self._operation)
        meta = shaper.root_fields(self._operation, "__schema", "__type")
        introspection = Introspection(self._schema, self._document, self._operation, meta) if meta else None
        project = compile_projection(root, self.entity_types)
        return _View(root, project, ClosedPlaces(root), introspection)


def compile_plan(
    plan: QueryPlan,
    api_schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    verdict: Verdict | None = None,
    bounds: Bounds | None = None,
) -> Program:
    """The program for `plan`, whose operation is `operation_name` (or the only one) of the valid `document`.

    `verdict`: what of the document is closed to the caller; `plan` need not ask for it.
    Raises: UnsupportedPlanError for subscriptions.
    """
    operation = get_operation_ast(document, operation_name)
    assert operation is not None, "the plan was made for one of the document's operations"
    interfaces = {
        name for name, type_ in api_schema.type_map.items() if isinstance(type_, GraphQLInterfaceType)
    }
    merge = make_merge(frozenset(interfaces))
    steps = compile_steps(plan.node, merge)
    return Program(
        steps, api_schema, document, operation, fetched_types(plan.node), verdict, bounds or Bounds()
    )


def _projected(view: _View, merged: dict[str, Any], faults: Faults) -> dict[str, Any] | None:
    try:
        data = view.project(merged)
    except GIVES_UP:
        return project_carefully(view.root, merged, faults)
    if view.closed.any:
        for path, name in islice(view.closed.of(merged), faults.room):
            faults.unauthorized(path, name)
    return data
