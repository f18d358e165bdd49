"""Operations are planned once, remembered within bounds, and forgotten with their supergraph."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gateway import engine as engine_module
from gateway.engine import Engine, GraphQLRequest
from gateway.identity import Identity
from gateway.planner import Planner
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

    def recording(self: Planner, document: object, operation_name: str | None = None) -> object:
        names.append(operation_name)
        return plan(self, document, operation_name)  # type: ignore[arg-type]

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


@pytest.mark.parametrize("bound", ["_MOST_PREPARED", "_MOST_CHARACTERS"])
async def test_what_was_not_asked_for_the_longest_is_forgotten_first(
    planned: list[str | None], monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(engine_module, bound, 2 if bound == "_MOST_PREPARED" else 40)
    engine = Engine(load(SUPERGRAPH), Latest())

    for name in "ABACAB":
        await ask(engine, name)

    assert planned == ["A", "B", "C", "B"]


async def test_a_new_supergraph_starts_with_nothing_planned(planned: list[str | None]) -> None:
    engine = Engine(load(SUPERGRAPH), Latest())

    await ask(engine, "A")
    engine.swap(load(SUPERGRAPH))
    await ask(engine, "A")

    assert planned == ["A", "A"]
