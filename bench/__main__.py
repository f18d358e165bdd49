"""`python -m bench`: measures, prints, and writes docs/benchmarks.md and its chart when all was measured in full."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from bench import (
    accountability,
    comparing,
    engines,
    growth,
    guarding,
    network,
    planning,
    report,
    scale,
    searching,
    webhooks,
)
from bench.comparing import Comparison, Effort
from bench.engines import Engine
from bench.growth import Growth
from bench.guarding import Guarding
from bench.network import Pair
from bench.planning import PlanningTime

_FULL: Final = Effort(rounds=5, seconds=2.5, warm_up_s=6.0)
_QUICK: Final = Effort(rounds=2, seconds=1.0, warm_up_s=2.0)
_PORT: Final = 14_720
_DEDUPE_PORT: Final = 14_730
_GROWTH_PORT: Final = 14_740
_NETWORK_PORT: Final = 14_750
_GUARD_PORT: Final = 14_760


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--part", action="append", choices=[*PARTS, *APART], help="measure this alone (may be repeated)"
    )
    parser.add_argument("--quick", action="store_true", help="a short look")
    parser.add_argument("--rounds", type=int, help=f"instead of {_FULL.rounds}")
    arguments = parser.parse_args()
    effort = _QUICK if arguments.quick else _FULL
    if arguments.rounds:
        effort = replace(effort, rounds=arguments.rounds)
    load_average, started = os.getloadavg()[0], time.monotonic()
    print(f"The machine's load average is {load_average:.2f} on {os.cpu_count()} cores.\n")
    if arguments.quick or arguments.part:
        for part in arguments.part or PARTS:
            {**PARTS, **APART}[part](effort)
    else:
        _everything(effort, load_average)
    print(f"Took {time.monotonic() - started:.0f} s.")


def _everything(effort: Effort, load_average: float) -> None:
    planned = _planning(effort)
    compared, deduped, started = _engines(effort)
    everything = report.Everything(
        compared, deduped, planned, _growth(effort), _network(effort), _guard(effort), started, load_average
    )
    _show("What was to be reached", report.reached(everything))
    report.write(everything)
    print("Written: docs/benchmarks.md, docs/benchmarks.svg.")


def _planning(effort: Effort) -> list[PlanningTime]:
    planned = planning.measure(repeats=effort.rounds * 5)
    _show("Planning, cold", report.planned(planned))
    return planned


def _engines(effort: Effort) -> tuple[Comparison, Comparison, tuple[Engine, ...]]:
    """Without and with equal requests joined, and the engines of both."""
    apart, missing = engines.without_dedupe(_PORT)
    compared = comparing.compare(apart, missing, effort)
    _show("Beside each other", report.compared(compared), *compared.missing)
    joining, missing = engines.with_dedupe(_DEDUPE_PORT)
    deduped = comparing.compare(joining, missing, replace(effort, rounds=min(3, effort.rounds)))
    _show("With equal requests joined", report.compared(deduped), *deduped.missing)
    return compared, deduped, (*apart, *joining)


def _growth(effort: Effort) -> Growth:
    grown = growth.measure(_GROWTH_PORT, effort.rounds, effort.seconds / 4)
    _show("Growth", report.grown(grown))
    return grown


def _network(effort: Effort) -> list[Pair]:
    pairs = asyncio.run(network.measure(_NETWORK_PORT, effort.rounds, effort.seconds / 2))
    _show("On the demo network", report.networked(pairs))
    return pairs


def _guard(effort: Effort) -> Guarding:
    guarded = guarding.measure(_GUARD_PORT, effort)
    _show("The guard", report.guarded(guarded), *guarded.large.missing)
    return guarded


def _accountability(effort: Effort) -> list[accountability.Cost]:
    costs = accountability.measure(effort.rounds)
    accountability.table(costs)
    return costs


def _webhooks(effort: Effort) -> webhooks.Delivered:
    delivered = webhooks.measure(effort.rounds * 40, events=100 if effort.rounds > _QUICK.rounds else 10)
    _show("Webhooks", webhooks.table(delivered))
    return delivered


def _scale(_effort: Effort) -> list[scale.Asked]:
    load_average = os.getloadavg()[0]
    asked = scale.measure()
    page = scale.page(asked, load_average)
    print(page)
    if scale.REFERRALS >= scale.WHOLE:
        (report.DOCS / "scale.md").write_text(page)
    return asked


def _search(_effort: Effort) -> list[searching.Timed]:
    timed = searching.measure()
    _show(f"Searching {searching.SERVICES:,} services", searching.table(timed))
    return timed


PARTS: Final[Mapping[str, Callable[[Effort], object]]] = {
    "planning": _planning,
    "engines": _engines,
    "growth": _growth,
    "network": _network,
    "guard": _guard,
}
#: What is no part of everything: it compares nothing, or takes too long (the first time, scale makes a million referrals).
APART: Final[Mapping[str, Callable[[Effort], object]]] = {
    "accountability": _accountability,
    "webhooks": _webhooks,
    "scale": _scale,
    "search": _search,
}


def _show(heading: str, table: str, *notes: str) -> None:
    print(f"\n{heading}\n\n{table}")
    for note in notes:
        print(f"Not measured: {note}.")
    print(flush=True)


if __name__ == "__main__":
    main()
