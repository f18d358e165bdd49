"""Engines beside each other: in each round every engine takes its turn, another one first each time, so that another
load on the machine bears on all of them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from bench import schemas
from bench.engines import Engine
from bench.load import Job, Measured, fingerprint
from bench.processes import Load, Running, asked, loading, running, subgraphs

CONNECTIONS: Final = (1, 50)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    rounds: int
    seconds: float
    warm_up_s: float

    def window_s(self, connections: int) -> float:
        """How long a turn is measured. One request after the other needs less: its figures hardly move."""
        return self.seconds if connections > 1 else self.seconds * 0.6


@dataclass(frozen=True, slots=True)
class Turns:
    """One engine on so many connections, once each round. Figures are medians over the rounds."""

    engine: str
    connections: int
    rounds: tuple[Measured, ...]
    cpu_ms: float
    """Processor time of the engine for one request."""
    fetches: float
    """Requests that the subgraphs had for one request."""

    @property
    def rate(self) -> float:
        return statistics.median(each.rate for each in self.rounds)

    @property
    def p50_ms(self) -> float:
        return statistics.median(each.p50_ms for each in self.rounds)

    @property
    def p99_ms(self) -> float:
        return statistics.median(each.p99_ms for each in self.rounds)

    @property
    def wrong(self) -> int:
        return sum(each.wrong for each in self.rounds)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the rounds, and between what they lie."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Comparison:
    turns: tuple[Turns, ...]
    peak_mb: dict[str, float]
    missing: tuple[str, ...]
    """What could not be measured, and why."""
    answer_bytes: int

    def of(self, engine: str, connections: int) -> Turns | None:
        found = (each for each in self.turns if (each.engine, each.connections) == (engine, connections))
        return next(found, None)

    def ratio(self, one: str, other: str, connections: int) -> Ratio | None:
        """Requests a second of `one` to those of `other`, round by round; None where one was not measured."""
        first, second = self.of(one, connections), self.of(other, connections)
        if first is None or second is None:
            return None
        ratios = [a.rate / b.rate for a, b in zip(first.rounds, second.rounds, strict=True)]
        return Ratio(statistics.median(ratios), min(ratios), max(ratios))

    @property
    def engines(self) -> list[str]:
        return list(dict.fromkeys(each.engine for each in self.turns))


def compare(
    engines: Sequence[Engine], missing: Sequence[str], effort: Effort, query: str | None = None
) -> Comparison:
    """`query`: instead of the bench's own."""
    query = query or schemas.query()
    right = orjson.dumps(schemas.answer(schemas.whole_schema(), {"query": query}))
    expected = fingerprint(right)
    with subgraphs(), running(engines) as (serving, failures), loading() as load:
        credentials = {each.engine.name: each.engine.authorize() for each in serving if each.engine.authorize}
        taking = _Taking(load, query, expected, credentials)
        for each in serving:
            taking.turn(each, max(CONNECTIONS), effort.warm_up_s)
            taking.turn(each, 1, effort.warm_up_s / 4)
        taken: dict[tuple[str, int], list[_Turn]] = {}
        for number in range(effort.rounds):
            first = number % max(1, len(serving))
            for each in (*serving[first:], *serving[:first]):
                for connections in CONNECTIONS:
                    turn = taking.turn(each, connections, effort.window_s(connections))
                    taken.setdefault((each.engine.name, connections), []).append(turn)
        turns = tuple(
            Turns(
                name,
                connections,
                tuple(each.measured for each in rounds),
                statistics.median(each.cpu_ms for each in rounds),
                statistics.median(each.fetches for each in rounds),
            )
            for (name, connections), rounds in taken.items()
        )
        peaks = {each.engine.name: each.process.peak_mb() for each in serving}
    ordered = sorted(turns, key=lambda each: [engine.name for engine in engines].index(each.engine))
    return Comparison(tuple(ordered), peaks, (*missing, *failures), len(right))


@dataclass(frozen=True, slots=True)
class _Turn:
    measured: Measured
    cpu_ms: float
    fetches: float


@dataclass(frozen=True, slots=True)
class _Taking:
    load: Load
    query: str
    expected: str
    credentials: Mapping[str, str]
    """Authorization headers, by engine."""

    def turn(self, running: Running, connections: int, seconds: float) -> _Turn:
        authorization = self.credentials.get(running.engine.name, "")
        job = Job(running.engine.port, connections, seconds, self.query, {}, self.expected, authorization)
        cpu_s, fetches = running.process.cpu_s(), asked()
        measured = self.load.run(job)
        cpu_s, fetches = running.process.cpu_s() - cpu_s, asked() - fetches
        print(
            f"  {running.engine.name:<28} {connections:>3} connections {measured.rate:8.1f} requests/s"
            f"   p50 {measured.p50_ms:7.1f} ms   p99 {measured.p99_ms:7.1f} ms",
            flush=True,
        )
        if measured.wrong:
            print(f"    {measured.wrong} WRONG: {measured.sample[:300]}", flush=True)
        answers = max(1, measured.answered)
        return _Turn(measured, cpu_s * 1000 / answers, fetches / answers)
