"""`python -m audit`, or `make audit`: looks, tells, and ends with 1 when there is anything to repair."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Final

from audit import dependencies, proofs, secrets, sources
from audit.finding import Report

PARTS: Final[Mapping[str, Callable[[], Report]]] = {
    "sources": sources.look,
    "dependencies": dependencies.look,
    "secrets": secrets.look,
    "proofs": proofs.look,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m audit", description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS, help="look at this alone (may be repeated)")
    chosen = parser.parse_args().part or list(PARTS)
    reports = {}
    for name in chosen:
        print(f"Looking at {name} ...", flush=True)
        reports[name] = PARTS[name]()
        for finding in reports[name].findings:
            print(f"  {finding}")
    print("\nThe audit")
    for name, report in reports.items():
        print(f"  {name:<13} {_verdict(report):<14} {report.said}")
    return any(report.findings for report in reports.values())


def _verdict(report: Report) -> str:
    if not report.done:
        return "NOT DONE"
    return f"{len(report.findings)} to repair" if report.findings else "clean"


if __name__ == "__main__":
    raise SystemExit(main())
