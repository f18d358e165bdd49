"""Runs a plan over a world, plainly: no parallelism, no speed, only what the plan's words mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLAbstractType, GraphQLResolveInfo, execute_sync

from gateway.planner import Planner
from gateway.planner.plan import (
    Condition,
    Defer,
    Fetch,
    Flatten,
    KeyFragment,
    KeySelection,
    Parallel,
    PathStep,
    PlanNode,
    QueryPlan,
    Rename,
    Sequence,
    Subscription,
)
from tests.gateway.planner.world import World


def planned_answer(world: World, document: DocumentNode, variables: Mapping[str, Any]) -> Any:
    """Plan, run and project an operation."""
    plan = Planner(world.supergraph).plan(document)
    return project(world, document, Run(world, variables).all_of(plan), variables)


def project(world: World, document: DocumentNode, merged: Any, variables: Mapping[str, Any]) -> Any:
    """The client's shape out of the merged answers; a missing value is null, whatever the schema promises."""
    schema = world.nullable_schema

    def type_of(source: Any, _info: GraphQLResolveInfo[Any], abstract: GraphQLAbstractType) -> str:
        said = str(source.get("__typename"))
        # An @interfaceObject only knows the interface: then any implementation has the fields that were asked.
        return schema.get_possible_types(abstract)[0].name if said == abstract.name else said

    result = execute_sync(
        schema,
        document,
        merged,
        variable_values=dict(variables),
        field_resolver=lambda source, info, **_: source.get(info.path.key),
        type_resolver=type_of,
    )
    assert not result.errors, (result.errors, merged)
    return result.data


class Run:
    """One execution: the merged answer so far, and how many requests were made."""

    def __init__(self, world: World, variables: Mapping[str, Any]) -> None:
        self._world = world
        self._variables = variables
        self._data: dict[str, Any] = {}
        self.requests: list[str] = []

    def all_of(self, plan: QueryPlan) -> dict[str, Any]:
        self._node(plan.node, ())
        return self._data

    def _node(self, node: PlanNode | None, path: tuple[PathStep, ...]) -> None:
        if isinstance(node, Sequence | Parallel):
            for inner in node.nodes:
                self._node(inner, path)
        elif isinstance(node, Flatten):
            self._node(node.node, (*path, *node.path))
        elif isinstance(node, Condition):
            self._node(node.if_clause if self._variables[node.variable] else node.else_clause, path)
        elif isinstance(node, Defer):
            for inner in (node.primary, *(part.node for part in node.deferred)):
                self._node(inner, path)
        elif isinstance(node, Subscription):
            self._node(node.primary, path)
            self._node(node.rest, path)
        elif isinstance(node, Fetch):
            self._fetch(node, path)

    def _fetch(self, fetch: Fetch, path: tuple[PathStep, ...]) -> None:
        if fetch.only_if and not any(map(self._holds, fetch.only_if)):
            return
        objects = _at(path, [self._data])
        variables = {name: self._variables[name] for name in fetch.variables if name in self._variables}
        if not fetch.requires:
            for target in objects:
                answer = self._ask(fetch, variables)
                _rename(fetch.output_rewrites, [answer])
                _merge(target, answer)
            return
        sent = [(target, _represent(target, fetch.requires)) for target in objects]
        known = [(target, representation) for target, representation in sent if representation]
        for rewrite in fetch.input_rewrites:
            for _, representation in known:
                representation[rewrite.path[-1]] = rewrite.value
        if known:
            representations = [representation for _, representation in known]
            sent_as = fetch.representations_variable
            entities = self._ask(fetch, {**variables, sent_as: representations})["_entities"]
            _rename(fetch.output_rewrites, entities)
            for (target, _), entity in zip(known, entities, strict=True):
                _merge(target, entity)

    def _holds(self, alternative: tuple[tuple[str, bool], ...]) -> bool:
        return all(bool(self._variables.get(name)) is wanted for name, wanted in alternative)

    def _ask(self, fetch: Fetch, variables: Mapping[str, Any]) -> Any:
        self.requests.append(fetch.subgraph)
        return self._world.answer(fetch.subgraph, fetch.document, variables, fetch.operation_name).data


def _at(path: tuple[PathStep, ...], objects: list[Any]) -> list[Any]:
    for step in path:
        if step == "@":
            objects = [item for value in objects for item in value if item is not None]
        elif step.startswith("|["):
            objects = [item for item in objects if item["__typename"] in step[2:-1].split(",")]
        else:
            objects = [item[step] for item in objects if item.get(step) is not None]
    return objects


def _represent(source: Any, selections: tuple[KeySelection, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for selection in selections:
        if isinstance(selection, KeyFragment):
            if source["__typename"] in (selection.type_condition, *selection.possible_types):
                _merge(found, _represent(source, selection.selections))
        else:
            value = source[selection.alias or selection.name]
            found[selection.name] = _represented(value, selection.selections)
    return found


def _represented(value: Any, selections: tuple[KeySelection, ...]) -> Any:
    if isinstance(value, list):
        return [_represented(item, selections) for item in value]
    return _represent(value, selections) if selections and value is not None else value


def _rename(rewrites: tuple[Rename, ...], objects: list[Any]) -> None:
    for rewrite in rewrites:
        *path, key = rewrite.path
        for item in _at(tuple(path), objects):
            if key in item:
                item[rewrite.to] = item.pop(key)


def _merge(into: Any, added: Any) -> Any:
    if isinstance(into, dict) and isinstance(added, dict):
        for key, value in added.items():
            into[key] = _merge(into[key], value) if key in into else value
        return into
    if isinstance(into, list) and isinstance(added, list):
        assert len(into) == len(added), "lists of different lengths were merged"
        return [_merge(one, other) for one, other in zip(into, added, strict=True)]
    return added
