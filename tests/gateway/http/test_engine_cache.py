"""Operations are planned once, remembered within bounds, and forgotten with their supergraph."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import DocumentNode, get_operation_ast

from gateway import bounded
from gateway.engine import Engine
from gateway.executor import Result
from gateway.identity import Identity
from gateway.planner import Planner
from gateway.request import GraphQLRequest
from gateway.supergraph import load
from gateway.transport import SubgraphAnswer
from tests.gateway.http.network import SUPERGRAPH

NOBODY = Identity("nobody")


class Latest:
    """A transport whose subgraphs all answer the same."""

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        return SubgraphAnswer(200, b'{"data":{"latest":"x"}}')

    async def close(self) -> None:
        pass


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Names of the operations that were planned, in order."""
    names: list[str | None] = []
    plan = Planner.plan

    def recording(self: Planner, document: DocumentNode, **rest: Any) -> object:
        operation = get_operation_ast(document)
        assert operation is not None
        names.append(operation.name and operation.name.value)
        return plan(self, document, **rest)

    monkeypatch.setattr(Planner, "plan", recording)
    return names


async def ask(engine: Engine, name: str) -> None:
    result = await engine.execute(GraphQLRequest(f"query {name} {{ latest }}", name), NOBODY)
    assert (result.data, result.errors) == ({"latest": "x"}, [])


async def test_an_operation_is_planned_once(planned: list[str | None]) -> None:
    engine = Engine(load(SUPERGRAPH), Latest())

    for name in "AABA":
        await ask(engine, name)

    assert planned == ["A", "B"]


@pytest.mark.parametrize("bound", ["MOST_KEPT", "MOST_CHARACTERS"])
async def test_what_was_not_asked_for_the_longest_is_forgotten_first(
    planned: list[str | None], monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(bounded, bound, 2 if bound == "MOST_KEPT" else 40)
    engine = Engine(load(SUPERGRAPH), Latest())

    for name in "ABACADEA":
        await ask(engine, name)

    assert planned == ["A", "B", "C", "D", "E", "A"]


async def test_a_new_supergraph_starts_with_nothing_planned(planned: list[str | None]) -> None:
    engine = Engine(load(SUPERGRAPH), Latest())

    await ask(engine, "A")
    engine.swap(load(SUPERGRAPH))
    await ask(engine, "A")

    assert planned == ["A", "A"]


@pytest.mark.parametrize(
    "document",
    [
        "query A { latest }",
        "query   A{\n\tlatest,\n} # again",
        "query A { latest } query B { __typename }",
        "query B { ...F } query A { latest } fragment F on Query { __typename }",
    ],
)
async def test_an_operation_is_planned_once_however_its_document_is_written(
    planned: list[str | None], document: str
) -> None:
    engine = Engine(load(SUPERGRAPH), Latest())
    await ask(engine, "A")

    result = await engine.execute(GraphQLRequest(document, "A"), NOBODY)

    assert (result.data, result.errors) == ({"latest": "x"}, [])
    assert planned == ["A"]


async def test_a_fragment_that_says_something_else_makes_another_operation(planned: list[str | None]) -> None:
    engine = Engine(load(SUPERGRAPH), Latest())

    for inside in ("latest", "latest __typename"):
        request = GraphQLRequest(f"query A {{ ...F }} fragment F on Query {{ {inside} }}")
        await engine.execute(request, NOBODY)

    assert planned == ["A", "A"]


async def test_a_long_document_is_prepared_once_for_all_who_wait_and_holds_nobody_up(
    planned: list[str | None],
) -> None:
    engine = Engine(load(SUPERGRAPH), Latest())
    fields = " ".join(f"n{number}: latest" for number in range(40))
    spaced = fields + " " * 3_000
    request = GraphQLRequest(f"query Long {{ {spaced} }}")

    long, other, short = await asyncio.gather(
        engine.execute(request, NOBODY), engine.execute(request, NOBODY), first_done(engine)
    )

    assert long.outcome is other.outcome is short.outcome
    assert planned.count("Long") == 1


async def first_done(engine: Engine) -> Result:
    return await engine.execute(GraphQLRequest("query Short { latest }"), NOBODY)
