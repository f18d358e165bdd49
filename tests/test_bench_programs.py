"""The gateway and the programs by hand that it is measured beside do the same work: the same answer, the requests that
are said. Nothing here looks at a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import parse

from bench import ceiling, devices, schemas
from bench.load import fingerprint
from bench.one_query import Program
from gateway.engine import Engine, GraphQLRequest
from gateway.identity import Identity
from gateway.planner import Planner, to_json
from gateway.supergraph import Supergraph
from gateway.watching import SupergraphFile
from tests.support.executed import Executed, asked


@pytest.fixture(scope="module")
def right() -> bytes:
    return orjson.dumps(schemas.answer(schemas.whole_schema(), {"query": schemas.query()}))


@pytest.fixture
def executed() -> Executed:
    return Executed(schemas.subgraph_schemas())


def test_the_answer_has_no_errors_and_nearly_ninety_kilobytes(right: bytes) -> None:
    assert b'"errors"' not in right
    assert 85_000 < len(right) < 92_000


async def test_the_gateway_answers_as_the_whole_graph_does(executed: Executed, right: bytes) -> None:
    result = await Engine(supergraph(), executed).execute(
        GraphQLRequest(schemas.query()), Identity("anybody")
    )

    assert fingerprint(result.encode()) == fingerprint(right)


@pytest.mark.parametrize("program", [ceiling.season, devices.season], ids=["ceiling", "devices"])
async def test_what_is_written_by_hand_answers_as_the_whole_graph_does(
    program: Program, executed: Executed, right: bytes
) -> None:
    answer = await program(executed.ask)

    assert fingerprint(answer) == fingerprint(right)


async def test_the_ceiling_sends_the_fetches_of_the_plan(executed: Executed, right: bytes) -> None:
    plan = to_json(Planner(supergraph()).plan(parse(schemas.query())))
    data = orjson.loads(right)["data"]

    await ceiling.season(executed.ask)

    planned = sorted(asked(*request(fetch, path, data)) for fetch, path in fetches(plan["node"]))
    assert sorted(asked(*each) for each in executed.sent) == planned
    assert len(planned) == 15


async def test_the_ceiling_sends_each_fetch_as_soon_as_the_plan_lets_it(executed: Executed) -> None:
    plan = to_json(Planner(supergraph()).plan(parse(schemas.query())))
    steps = Steps(executed)

    await steps.run(ceiling.season)

    assert sorted(steps.began) == sorted(begun(plan["node"])[0])


async def test_the_program_with_devices_sends_what_the_gateway_sends() -> None:
    by_gateway, by_hand = Executed(schemas.subgraph_schemas()), Executed(schemas.subgraph_schemas())

    await Engine(supergraph(), by_gateway).execute(GraphQLRequest(schemas.query()), Identity("anybody"))
    await devices.season(by_hand.ask)

    assert sorted(asked(*each) for each in by_hand.sent) == sorted(asked(*each) for each in by_gateway.sent)


def supergraph() -> Supergraph:
    return SupergraphFile(schemas.FOLDER / "supergraph.graphql").read()


class Steps:
    """Subgraphs that answer what was asked during a step when it is over; a program's own work takes no step."""

    def __init__(self, executed: Executed) -> None:
        self._executed = executed
        self._over = asyncio.Event()
        self._now = 0
        self.began: list[tuple[int, str]] = []

    async def ask(self, subgraph: str, body: bytes) -> bytes:
        self.began.append((self._now, subgraph))
        answer = await self._executed.ask(subgraph, body)
        await self._over.wait()
        return answer

    async def run(self, program: Program) -> None:
        running = asyncio.ensure_future(program(self.ask))
        while not running.done():
            for _ in range(20):  # turns of the loop, more than the program needs for its part
                await asyncio.sleep(0)
            over, self._over = self._over, asyncio.Event()
            self._now += 1
            over.set()
        running.result()


def begun(node: dict[str, Any], at: int = 0) -> tuple[list[tuple[int, str]], int]:
    """At which step each fetch of a plan begins, and where asked; and the step at which all have ended."""
    kind = node["kind"]
    if kind == "Fetch":
        return [(at, node["serviceName"])], at + 1
    if kind == "Flatten":
        return begun(node["node"], at)
    found: list[tuple[int, str]] = []
    end = at
    for part in node["nodes"]:
        inner, inner_end = begun(part, end if kind == "Sequence" else at)
        found += inner
        end = max(end, inner_end)
    return found, end


def fetches(
    node: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each fetch of a plan, with the path of its entities."""
    if node["kind"] == "Fetch":
        yield node, path
    elif node["kind"] == "Flatten":
        yield from fetches(node["node"], tuple(node["path"]))
    else:
        for part in node["nodes"]:
            yield from fetches(part)


def request(fetch: dict[str, Any], path: tuple[str, ...], data: Any) -> tuple[str, bytes]:
    """What a fetch comes to when its entities stand in `data`, the whole answer: each told once."""
    body: dict[str, Any] = {"query": fetch["operation"]}
    if path:
        (required,) = fetch["requires"]
        keys = [each["name"] for each in required["selections"] if each["name"] != "__typename"]
        told = [
            {"__typename": required["typeCondition"], **{key: entity[key] for key in keys}}
            for entity in standing(data, path)
        ]
        body["variables"] = {"representations": list({orjson.dumps(each): each for each in told}.values())}
    return fetch["serviceName"], orjson.dumps(body)


def standing(data: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What is at `path` in `data`, null left out."""
    if data is None:
        return
    if not path:
        yield data
    elif path[0] == "@":
        for each in data:
            yield from standing(each, path[1:])
    else:
        yield from standing(data[path[0]], path[1:])
