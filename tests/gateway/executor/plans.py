"""Short ways to write plans, and subgraphs that answer from a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLSchema, build_schema, parse, validate

from gateway.executor import Program, Result, compile_plan
from gateway.planner.plan import (
    Condition,
    Fetch,
    Flatten,
    KeyField,
    KeyFragment,
    KeySelection,
    OperationKind,
    Parallel,
    PlanNode,
    QueryPlan,
    Rename,
    Sequence,
    SetValue,
)
from gateway.transport import SubgraphAnswer, SubgraphUnavailableError

__all__ = ["Condition", "Flatten", "Parallel", "Rename", "Sequence", "SetValue"]

Answer = Mapping[str, Any] | Callable[[dict[str, Any]], Any]


def root(subgraph: str, document: str, **options: Any) -> Fetch:
    kind: OperationKind = "mutation" if document.startswith("mutation") else "query"
    return Fetch(options.pop("id", 1), subgraph, kind, document, None, **options)


def entities(
    path: str, subgraph: str, selection: str, requires: tuple[KeySelection, ...], **options: Any
) -> Flatten:
    """An entity fetch at `path`, written `products.@.maker`."""
    document = (
        f"query($representations:[_Any!]!){{_entities(representations:$representations){{{selection}}}}}"
    )
    fetch = Fetch(options.pop("id", 2), subgraph, "query", document, None, requires=requires, **options)
    return Flatten(tuple(path.split(".")), fetch)


def key(type_name: str, *fields: str | KeyField) -> KeyFragment:
    """`... on type_name { __typename fields }`."""
    selections = tuple(KeyField(f) if isinstance(f, str) else f for f in ("__typename", *fields))
    return KeyFragment(type_name, (type_name,), selections)


@dataclass(slots=True)
class Subgraphs:
    """Answers by subgraph name; `requests` are all that were sent, in order."""

    answers: dict[str, Answer | None]
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    repeatable: list[bool] = field(default_factory=list)

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        request = orjson.loads(body)
        self.requests.append((subgraph, request))
        self.repeatable.append(repeatable)
        answer = self.answers[subgraph]
        if answer is None:
            raise SubgraphUnavailableError(subgraph, "the test says so")
        given = answer(request) if callable(answer) else answer
        return given if isinstance(given, SubgraphAnswer) else SubgraphAnswer(200, orjson.dumps(given))

    def representations(self, subgraph: str) -> list[Any]:
        """Those of the one entity request to `subgraph`."""
        (found,) = [r for name, r in self.requests if name == subgraph and "_entities" in r["query"]]
        return list(found["variables"]["representations"])


def entity_answers(by_key: Callable[[dict[str, Any]], Any], **rest: Any) -> Answer:
    """Answers each representation by `by_key`."""
    return lambda request: {
        "data": {"_entities": [by_key(r) for r in request["variables"]["representations"]]},
        **rest,
    }


def compiled(schema: GraphQLSchema | str, query: str, node: PlanNode | None) -> Program:
    schema = build_schema(schema) if isinstance(schema, str) else schema
    document = parse(query)
    assert not validate(schema, document)
    return compile_plan(QueryPlan(node), schema, document, None)


async def run(
    schema: GraphQLSchema | str,
    query: str,
    node: PlanNode | None,
    subgraphs: Subgraphs | Mapping[str, Answer | None],
    **variables: Any,
) -> Result:
    subgraphs = subgraphs if isinstance(subgraphs, Subgraphs) else Subgraphs(dict(subgraphs))
    return await compiled(schema, query, node).run(variables, subgraphs.send, {})
