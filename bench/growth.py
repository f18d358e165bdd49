"""How the cost of a request grows: with entities, and with subgraphs that are asked side by side. Through the gateway
as it is started by anybody, one request after the other."""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from bench import growing
from bench.engines import gateway
from bench.load import Job, fingerprint
from bench.processes import Load, Running, loading, running, subgraphs
from bench.subgraphs import HOST
from bench.subgraphs import PORT as SUBGRAPHS_PORT

ENTITIES: Final = (100, 1_000, 10_000)
FAN_OUT: Final = (1, 2, 4, 8, 16)
_ENTITIES_FOR_FAN_OUT: Final = 50


@dataclass(frozen=True, slots=True)
class Point:
    """So many entities from so many subgraphs took so long (median over rounds of a round's median), of which so
    long the gateway's own processor time (median over rounds of a round's mean)."""

    entities: int
    fan_out: int
    ms: float
    cpu_ms: float

    @property
    def us_per_entity(self) -> float:
        return self.ms * 1000 / self.entities


@dataclass(frozen=True, slots=True)
class Growth:
    by_entities: tuple[Point, ...]
    by_fan_out: tuple[Point, ...]

    @property
    def exponent(self) -> float:
        """k where the gateway's processor time is best described by c times n to the k: 1 is linear, 2 quadratic."""
        return slope([(math.log(each.entities), math.log(each.cpu_ms)) for each in self.by_entities])

    @property
    def last_exponent(self) -> float:
        """The same between the two largest counts, where what every request costs anyway hides nothing."""
        return slope([(math.log(each.entities), math.log(each.cpu_ms)) for each in self.by_entities[-2:]])

    @property
    def exponent_of_time(self) -> float:
        """The same of the time that a client waits, in which subgraphs and load have their part."""
        return slope([(math.log(each.entities), math.log(each.ms)) for each in self.by_entities])

    @property
    def ms_per_fetch(self) -> float:
        """What another fetch side by side adds."""
        return slope([(each.fan_out, each.ms) for each in self.by_fan_out])


def measure(port: int, rounds: int, seconds: float) -> Growth:
    """Raises: StartError, or RuntimeError when an answer is wrong."""
    places = [(count, 1) for count in ENTITIES] + [(_ENTITIES_FOR_FAN_OUT, days) for days in FAN_OUT]
    taken: dict[tuple[int, int], list[tuple[float, float]]] = {place: [] for place in places}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "supergraph.graphql"
        file.write_text(growing.supergraph(f"http://{HOST}:{SUBGRAPHS_PORT}"))
        with subgraphs(), running([gateway(port, file)]) as (serving, failures), loading() as load:
            if not serving:
                raise RuntimeError(failures[0])
            growing_up = _Growing(load, serving[0])
            for place in places:
                growing_up.once(*place, seconds / 2)  # warm
            for _ in range(rounds):
                for place, times in taken.items():
                    times.append(growing_up.once(*place, seconds))
    points = [
        Point(*place, statistics.median(ms for ms, _ in times), statistics.median(cpu for _, cpu in times))
        for place, times in taken.items()
    ]
    return Growth(tuple(points[: len(ENTITIES)]), tuple(points[len(ENTITIES) :]))


@dataclass(frozen=True, slots=True)
class _Growing:
    load: Load
    gateway: Running

    def once(self, beds: int, days: int, seconds: float) -> tuple[float, float]:
        """Milliseconds of a request, and of the gateway's processor time for it."""
        expected = fingerprint(orjson.dumps(growing.answer(beds, days)))
        port = self.gateway.engine.port
        before = self.gateway.process.cpu_s()
        measured = self.load.run(Job(port, 1, seconds, growing.query(days), {"first": beds}, expected))
        spent = self.gateway.process.cpu_s() - before
        if measured.wrong:
            raise RuntimeError(f"{beds} entities from {days} subgraphs: {measured.sample}")
        return measured.p50_ms, spent * 1000 / measured.answered


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line that fits best (least squares)."""
    fitted = statistics.linear_regression([x for x, _ in points], [y for _, y in points])
    return fitted.slope
