"""`python -m bench`: measures, prints, and writes docs/benchmarks.md and its chart when all was measured in full."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from typing import Final

from bench import comparing, engines, growth, network, planning, report
from bench.comparing import Effort

PARTS: Final = ("planning", "engines", "growth", "network")

_FULL: Final = Effort(rounds=5, seconds=2.5, warm_up_s=6.0)
_QUICK: Final = Effort(rounds=2, seconds=1.0, warm_up_s=2.0)
_PORT: Final = 14_720
_DEDUPE_PORT: Final = 14_730
_GROWTH_PORT: Final = 14_740
_NETWORK_PORT: Final = 14_750


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this alone (may be repeated)")
    parser.add_argument("--quick", action="store_true", help="a short look")
    parser.add_argument("--rounds", type=int, help=f"instead of {_FULL.rounds}")
    arguments = parser.parse_args()
    effort = _QUICK if arguments.quick else _FULL
    if arguments.rounds:
        effort = Effort(arguments.rounds, effort.seconds, effort.warm_up_s)
    run(tuple(arguments.part or PARTS), effort, complete=not (arguments.quick or arguments.part))


def run(parts: tuple[str, ...], effort: Effort, *, complete: bool) -> None:
    load_average = os.getloadavg()[0]
    started = time.monotonic()
    print(f"The machine's load average is {load_average:.2f} on {os.cpu_count()} cores.\n")
    if "planning" in parts:
        planned = planning.measure(repeats=effort.rounds * 5)
        _show("Planning, cold", report.planned(planned))
    if "engines" in parts:
        compete, missing = engines.without_dedupe(_PORT)
        compared = comparing.compare(compete, missing, effort)
        _show("Beside each other", report.compared(compared), *compared.missing)
        deduping, missing = engines.with_dedupe(_DEDUPE_PORT)
        deduped = comparing.compare(deduping, missing, effort)
        _show("With equal requests joined", report.compared(deduped), *deduped.missing)
    if "growth" in parts:
        grown = growth.measure(_GROWTH_PORT, effort.rounds, effort.seconds / 4)
        _show("Growth", report.grown(grown))
    if "network" in parts:
        pairs = asyncio.run(network.measure(_NETWORK_PORT, effort.rounds, effort.seconds / 2))
        _show("On the demo network", report.networked(pairs))
    if complete:
        everything = report.Everything(
            compared, deduped, planned, grown, pairs, (*compete, *deduping), load_average
        )
        _show("What was to be reached", report.reached(everything))
        report.write(everything)
        print("Written: docs/benchmarks.md, docs/benchmarks.svg.")
    print(f"Took {time.monotonic() - started:.0f} s.")


def _show(heading: str, table: str, *notes: str) -> None:
    print(f"\n{heading}\n\n{table}")
    for note in notes:
        print(f"Not measured: {note}.")
    print(flush=True)


if __name__ == "__main__":
    main()
