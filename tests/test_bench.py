"""What `make bench` measures is the same thing on every side. Nothing here looks at a clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest
from graphql import GraphQLError, parse, validate

from bench import chart, growing, planning, report, schemas, subgraphs, unguarded, wire
from bench import guarding as guarding_module
from bench.comparing import Comparison, Turns
from bench.engines import APOLLO, CEILING, DEVICES, HIVE, HIVE_RUST, OURS, PEERS, SUPERGRAPH
from bench.growth import Growth, Point
from bench.guarding import SIGNED_IN, UNGUARDED, Guarding, Refusal
from bench.hostile import HOSTILE
from bench.load import Job, Measured, fingerprint
from bench.load import run as load
from bench.planning import PlanningTime
from bench.targets import verdicts
from gateway.engine import Engine, GraphQLRequest
from gateway.guard import Limits, RefusedError, read_document
from gateway.identity import Identity
from gateway.watching import SupergraphFile
from tests.support.executed import Executed


def test_two_answers_are_told_apart_by_a_value_and_not_by_the_order_of_keys() -> None:
    assert fingerprint(b'{"a": 1, "b": [2]}') == fingerprint(b'{"b":[2],"a":1}')
    assert fingerprint(b'{"a": 1, "b": [2]}') != fingerprint(b'{"b":[3],"a":1}')
    assert fingerprint(b"<html>") != fingerprint(b"<body>")


async def test_the_load_counts_what_is_wrong() -> None:
    answers = iter([b'{"data":{"b":1,"a":2}}', b'{"data":{"a":2,"b":1}}', b'{"data":null}'])
    last = b'{"data":{"b":1,"a":2}}'

    def handle(connection: wire.Answering, _target: bytes, _body: bytes) -> None:
        connection.answer(next(answers, last))

    server = await wire.serve(handle, subgraphs.HOST, 0)
    port = server.sockets[0].getsockname()[1]
    measured = await load(Job(port, 2, 0.05, "{ a b }", {}, fingerprint(last)))
    server.close()

    assert measured.wrong == 1
    assert "null" in measured.sample
    assert measured.answered > 3


async def test_the_load_says_when_an_engine_breaks_off() -> None:
    def handle(connection: wire.Answering, _target: bytes, _body: bytes) -> None:
        connection.close()

    server = await wire.serve(handle, subgraphs.HOST, 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ConnectionError):
        await load(Job(port, 1, 0.05, "{ a }", {}, ""))
    server.close()


async def test_subgraphs_execute_a_request_once_and_keep_its_answer() -> None:
    serving = subgraphs.Subgraphs(schemas.subgraph_schemas())
    server = await wire.serve(serving.handle, subgraphs.HOST, 0)
    port = server.sockets[0].getsockname()[1]
    lines = wire.Lines(subgraphs.HOST, port)

    async def ask(name: str, query: str) -> bytes:
        body = orjson.dumps({"query": query})
        return await lines.ask(
            wire.post(f"/{name}", subgraphs.HOST, port) + b"%d\r\n\r\n%b" % (len(body), body)
        )

    first = await ask("venues", "{ rooms }")
    again = await ask("venues", "{ rooms }")
    other = await ask("people", '{ person(id: "p4") { handle } }')
    with pytest.raises(ConnectionError, match="404"):
        await ask("nowhere", "{ rooms }")
    lines.close()
    server.close()

    assert first == again == b'{"data":{"rooms":["the blue room","the kitchen","upstairs"]}}'
    assert other == b'{"data":{"person":{"handle":null}}}'
    assert serving.executed == 2
    assert serving.asked == 4


@pytest.mark.parametrize(("beds", "days"), [(3, 1), (40, 16)])
async def test_the_growing_graph_is_answered_right(beds: int, days: int, tmp_path: Path) -> None:
    file = tmp_path / "supergraph.graphql"
    file.write_text(growing.supergraph("http://127.0.0.1:1"))
    executed = Executed(growing.growing_schemas())
    request = GraphQLRequest(growing.query(days), variables={"first": beds})

    result = await Engine(SupergraphFile(file).read(), executed).execute(request, Identity("anybody"))

    assert orjson.loads(result.encode()) == growing.answer(beds, days)
    assert len(executed.sent) == 1 + days


def test_the_large_operation_is_valid_and_as_large_as_it_says() -> None:
    own = SupergraphFile(Path(__file__).parent.parent / "schema" / "supergraph.graphql").read()

    document = parse(planning.large_operation(own.api_schema, 1_000))

    assert not validate(own.api_schema, document)
    assert planning.count_fields(document) == 1_000


def test_growth_is_told_apart_from_quadratic_growth() -> None:
    assert growth(lambda n: 0.2 + n * 0.002).exponent < 1
    assert growth(lambda n: n * 0.002).exponent == pytest.approx(1)
    assert growth(lambda n: n * n * 0.0001).last_exponent == pytest.approx(2)


def test_what_was_not_reached_is_said() -> None:
    good = told(ours=700, p99_ms=80, memory_mb=70, growing=lambda n: n * 0.002)
    bad = told(ours=100, p99_ms=9_000, memory_mb=300, growing=lambda n: n * n * 0.0001)

    assert len(good) == len(bad) == 15
    assert set(good) == {True}
    assert set(bad) == {False}


def test_what_could_not_be_measured_is_neither() -> None:
    alone = Comparison((turns(OURS, 700, 80), turns(CEILING, 900, 60)), {OURS: 70, CEILING: 50}, (), 0)

    found = verdicts(alone, growth(lambda n: n * 0.002), [planned(20)], guarding(100))

    assert {each.reached for each in found if "Gateway" in each.target} == {None}
    assert {each.reached for each in found if "Gateway" not in each.target} == {True}


def test_the_page_says_what_could_not_be_measured_and_what_disturbed() -> None:
    taken = tuple(turns(name, 700, 80, connections) for name in (OURS, CEILING) for connections in (1, 50))
    alone = Comparison(taken, {OURS: 70}, ("there is no Node",), 90_000)
    parts = (alone, alone, [planned(20)], growth(lambda n: n * 0.002), [], guarding(100), [])

    quiet = report.page(report.Everything(*parts, load_average=0.1))
    busy = report.page(report.Everything(*parts, load_average=3.0))

    assert quiet.count("Not measured: there is no Node.") == 2
    assert "| **Vereda** | 700 |" in quiet
    assert "| one name: Behind OAuth | 100 | 1.000 ms | 100% | 100% (100% to 100%) |" in quiet
    assert "| a bomb | `TOO_MANY_FIELDS` | 1.00 ms | 2.00 ms | 0 |" in quiet
    assert "Something else was running" not in quiet
    assert "Something else was running" in busy


def test_the_harsher_mark_has_a_row_and_a_ratio_and_no_target() -> None:
    rates = {OURS: 600, CEILING: 800, DEVICES: 1_000}
    taken = tuple(
        turns(name, rate, 80, connections) for name, rate in rates.items() for connections in (1, 50)
    )
    compared = Comparison(taken, dict.fromkeys(rates, 70.0), (), 90_000)

    page = report.page(
        report.Everything(
            compared, compared, [planned(20)], growth(lambda n: n * 0.002), [], guarding(100), [], 0.1
        )
    )

    assert f"| {CEILING} | 800 |" in page
    assert f"| {DEVICES} | 1,000 |" in page
    assert "75% (rounds 75% to 75%) | reached |" in page
    assert "it comes to 60% (rounds 60% to 60%); no target" in page
    assert "Medians over 2 rounds (of 1 s with 50 and 1 s with 1): requests/s, p50, p99" in page


def test_the_chart_is_well_formed_and_names_every_bar() -> None:
    bars = [chart.Bar("x & y", 12, "ours"), chart.Bar("z", 0, "other")]

    drawn = chart.draw("A & B", [chart.Panel("<rate>", bars)])

    root = ElementTree.fromstring(drawn)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["<rate>", "x & y", "12", "z", "0"]


def test_hostile_documents_are_refused_and_right_ones_are_answered_without_the_guard() -> None:
    supergraph = SupergraphFile(SUPERGRAPH).read()

    for document in HOSTILE.values():
        with pytest.raises((RefusedError, GraphQLError)):
            read_document(document, Limits())
    for document in (guarding_module.SMALL, schemas.query()):
        read_document(document, unguarded.endless())
        assert not validate(supergraph.api_schema, parse(document))


def test_the_peers_lock_names_no_registry() -> None:
    lock = orjson.loads((PEERS / "package-lock.json").read_bytes())

    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


def growth(ms: Callable[[int], float]) -> Growth:
    """Of a gateway that takes `ms` for so many entities."""
    points = tuple(Point(entities, 1, ms(entities), ms(entities)) for entities in (100, 1_000, 10_000))
    return Growth(points, (Point(50, 1, 1.0, 1.0), Point(50, 2, 1.5, 1.5)))


def turns(engine: str, rate: int, p99_ms: float, connections: int = 50) -> Turns:
    measured = Measured(rate, 1.0, p99_ms / 2, p99_ms, rate, 0, "")
    return Turns(engine, connections, (measured, measured), 1.0, 15.0)


def guarding(share: int) -> Guarding:
    """Of a guard and a token check that leave so many of a hundred requests, and refuse in proportion."""
    rates = {UNGUARDED: 100, OURS: share, SIGNED_IN: share}
    taken = tuple(turns(name, rate, 80, each) for name, rate in rates.items() for each in (1, 50))
    comparison = Comparison(taken, {}, (), 0)
    refusals = (Refusal("a bomb", "TOO_MANY_FIELDS", 100 / share, 2.0, 0 if share == 100 else 3),)
    return Guarding(comparison, comparison, refusals)


def planned(ms: float) -> PlanningTime:
    return PlanningTime("a large operation", 1_000, 20, ms, ms)


def told(*, ours: int, p99_ms: float, memory_mb: float, growing: Callable[[int], float]) -> list[bool | None]:
    """The verdicts where the hand-written program answers 900 requests a second, and each peer 50 in 300 MB."""
    peers = (HIVE_RUST, HIVE, APOLLO)
    comparison = Comparison(
        (turns(OURS, ours, p99_ms), turns(CEILING, 900, 60), *(turns(peer, 50, 1_000) for peer in peers)),
        {OURS: memory_mb, CEILING: 50} | dict.fromkeys(peers, 300.0),
        (),
        0,
    )
    planning_ms = 20.0 if ours > 100 else 2_000.0
    guarded = guarding(100 if ours > 100 else 50)
    return [each.reached for each in verdicts(comparison, growth(growing), [planned(planning_ms)], guarded)]
