"""What the planner's tests say often: a world by name, a plan as text, the requests in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from graphql import parse, validate

from gateway.planner import Planner, QueryPlan, to_text
from gateway.planner.plan import Condition, Defer, Fetch, Flatten, Parallel, PlanNode, Sequence, Subscription
from tests.gateway.planner.running import planned_answer
from tests.gateway.planner.world import World

SUPERGRAPHS = Path(__file__).parent / "supergraphs"


@cache
def world(name: str) -> World:
    """A composed supergraph of `supergraphs/`, whose subgraphs are in `supergraphs/sources/`."""
    return World((SUPERGRAPHS / f"{name}.graphql").read_text())


def plan(name: str, query: str) -> QueryPlan:
    document = parse(query)
    supergraph = world(name).supergraph
    assert not validate(supergraph.api_schema, document)
    return Planner(supergraph).plan(document)


def text(name: str, query: str) -> str:
    return to_text(plan(name, query))


def expected(written: str) -> str:
    """A plan as it is written in a test."""
    return dedent(written).lstrip("\n")


def fetches(planned: QueryPlan) -> list[Fetch]:
    """All requests of a plan, in the order of the plan."""
    return list(_fetches(planned.node))


def services(planned: QueryPlan) -> list[str]:
    return [fetch.subgraph for fetch in fetches(planned)]


def _fetches(node: PlanNode | None) -> Iterator[Fetch]:
    if isinstance(node, Fetch):
        yield node
    elif isinstance(node, Flatten):
        yield from _fetches(node.node)
    elif isinstance(node, Sequence | Parallel):
        for inner in node.nodes:
            yield from _fetches(inner)
    elif isinstance(node, Condition):
        yield from _fetches(node.if_clause)
        yield from _fetches(node.else_clause)
    elif isinstance(node, Defer):
        for inner in (node.primary, *(part.node for part in node.deferred)):
            yield from _fetches(inner)
    elif isinstance(node, Subscription):
        yield node.primary
        yield from _fetches(node.rest)


def assert_answers(name: str, query: str, variables: Mapping[str, Any] | None = None) -> None:
    """The planned requests, asked of strict subgraphs, give what one all-knowing service would give."""
    document = parse(query)
    here = world(name)
    assert not validate(here.supergraph.api_schema, document)
    assert planned_answer(here, document, variables or {}) == here.truth(document, variables or {})
