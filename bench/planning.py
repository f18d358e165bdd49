"""How long planning takes, cold: a planner that has never planned, an operation that nobody has asked before."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    Visitor,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    validate,
    visit,
)

from bench.schemas import FOLDER
from bench.schemas import query as bench_query
from gateway.executor import compile_plan
from gateway.planner import Planner, to_text
from gateway.supergraph import Supergraph
from gateway.watching import SupergraphFile

_OWN: Final = Path(__file__).parent.parent / "schema" / "supergraph.graphql"
_FIELDS: Final = 1_000
_FIELDS_EACH: Final = 50
_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class PlanningTime:
    """Medians. `plan_ms`: a fresh planner plans. `prepare_ms`: also parse, validate and compile."""

    operation: str
    fields: int
    fetches: int
    plan_ms: float
    prepare_ms: float


def measure(repeats: int) -> list[PlanningTime]:
    bench = SupergraphFile(FOLDER / "supergraph.graphql").read()
    own = SupergraphFile(_OWN).read()
    return [
        _measure("the bench query", bench, bench_query(), repeats),
        _measure("1,000 fields over the network's own graph", own, large_operation(own.api_schema), repeats),
    ]


def _measure(operation: str, supergraph: Supergraph, text: str, repeats: int) -> PlanningTime:
    schema = supergraph.api_schema
    document = parse(text)
    errors = validate(schema, document)
    assert not errors, errors

    def plan() -> None:
        Planner(supergraph).plan(document)

    def prepare() -> None:
        parsed = parse(text)
        validate(schema, parsed)
        compile_plan(Planner(supergraph).plan(parsed), schema, parsed, None)

    fetches = to_text(Planner(supergraph).plan(document)).count("Fetch(")
    return PlanningTime(
        operation, count_fields(document), fetches, _median_ms(plan, repeats), _median_ms(prepare, repeats)
    )


def _median_ms(work: Callable[[], None], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        gc.collect()
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def large_operation(schema: GraphQLSchema, fields: int = _FIELDS) -> str:
    """An operation of exactly `fields` fields: the roots of `schema` in turn, each again and again under another
    alias, with all that can be selected without an argument, some levels deep."""
    assert schema.query_type is not None
    roots = [
        (name, field)
        for name, field in schema.query_type.fields.items()
        if _is_plain(field) and not is_leaf_type(get_named_type(field.type))
    ]
    parts: list[str] = []
    left = fields
    for number, (name, field) in zip(count(), cycle(roots), strict=False):
        if left < 2:
            break
        selection, used = _selection(get_named_type(field.type), min(left, _FIELDS_EACH) - 1, _DEPTH)
        parts.append(f"f{number}: {name} {selection}")
        left -= used + 1
    if left:
        parts.append("__typename")
    return f"query Large {{ {' '.join(parts)} }}"


def _selection(type_: GraphQLNamedType, budget: int, depth: int) -> tuple[str, int]:
    """A selection set of at most `budget` fields (at least one), and how many they are."""
    parts: list[str] = []
    left = budget
    for name, field in _nested_last(type_):
        if not left:
            break
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            parts.append(name)
            left -= 1
        elif left > 1 and depth:
            selection, used = _selection(inner, left - 1, depth - 1)
            parts.append(f"{name} {selection}")
            left -= used + 1
    if not parts:
        return "{ __typename }", 1
    return f"{{ {' '.join(parts)} }}", budget - left


def _nested_last(type_: GraphQLNamedType) -> Iterator[tuple[str, GraphQLField]]:
    if not isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
        return
    plain = [(name, field) for name, field in type_.fields.items() if _is_plain(field)]
    yield from (each for each in plain if is_leaf_type(get_named_type(each[1].type)))
    yield from (each for each in plain if not is_leaf_type(get_named_type(each[1].type)))


def _is_plain(field: GraphQLField) -> bool:
    return not any(is_required_argument(argument) for argument in field.args.values())


class _Fields(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = 0

    def enter_field(self, _node: FieldNode, *_: object) -> None:
        self.found += 1


def count_fields(document: DocumentNode) -> int:
    fields = _Fields()
    visit(document, fields)
    return fields.found
