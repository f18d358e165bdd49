"""What was measured, as docs/benchmarks.md and its chart; the same tables are printed."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench import chart, engines
from bench.comparing import CONNECTIONS, Comparison
from bench.engines import CEILING, DEVICES, OURS, Engine
from bench.growth import Growth
from bench.guarding import SIGNED_IN, UNGUARDED, Guarding
from bench.network import Pair
from bench.planning import PlanningTime
from bench.targets import verdicts

DOCS: Final = Path(__file__).parent.parent / "docs"
#: A load average from which on something else was running.
_QUIET: Final = 0.5
_METHOD: Final = (Path(__file__).parent / "method.md").read_text()


_DISTURBED: Final = "**Something else was running on the machine**, so that figures are lower than they could be, and rounds differ."


@dataclass(frozen=True, slots=True)
class Everything:
    """All parts of one run."""

    comparison: Comparison
    deduped: Comparison
    planning: list[PlanningTime]
    growth: Growth
    network: list[Pair]
    guarding: Guarding
    started: Sequence[Engine]
    """The engines of the comparison, for their commands."""
    load_average: float
    """Of the machine, before anything was started."""


def write(everything: Everything) -> None:
    (DOCS / "benchmarks.md").write_text(page(everything))
    (DOCS / "benchmarks.svg").write_text(picture(everything.comparison))


def page(everything: Everything) -> str:
    comparison = everything.comparison
    parts = [
        "# Benchmarks",
        "Written by `make bench`, which measures everything here in one run. Each figure is the median of "
        "several rounds; how it comes about is told [below](#how-it-is-measured).",
        *([_DISTURBED] if everything.load_average > _QUIET else []),
        "![Requests a second, the slowest hundredth of answers, and memory](benchmarks.svg)",
        "## Beside each other",
        f"One nested query over four subgraphs; its answer has {comparison.answer_bytes / 1000:.0f} KB. "
        "Nobody joins equal requests here.",
        compared(comparison),
        *(["Not measured: " + "; ".join(comparison.missing) + "."] if comparison.missing else []),
        "## What was to be reached",
        "At 50 connections, without deduplication.",
        reached(everything),
        "## With equal requests joined",
        "What a caller asks, or a subgraph is asked, while the same is under way already, is not begun again: here "
        "`--dedupe`, in Hive Gateway by its configuration, in Apollo Gateway not at all. All requests of this load "
        "are equal, so this is the most that it can ever bring; with one connection it brings nothing but its cost.",
        compared(everything.deduped),
        *(
            ["Not measured: " + "; ".join(everything.deduped.missing) + "."]
            if everything.deduped.missing
            else []
        ),
        "## Planning, cold",
        planned(everything.planning),
        "## How a request's cost grows",
        grown(everything.growth),
        "## On the demo network",
        networked(everything.network),
        "## What the guard costs",
        "The stand-alone gateway with no limit that a request could reach, as anybody starts it, and behind OAuth, where "
        "each request brings an access token. The query above, and one that fetches a single name, in which what every "
        "request costs anyway weighs most. Below: what refusing costs, which is all that an attacker gets.",
        guarded(everything.guarding),
        _METHOD.strip(),
        "## Commands",
        "```\n" + "\n".join(f"{each.shown()}" for each in everything.started) + "\n```",
        "## Machine and versions",
        machine(everything.load_average),
    ]
    return "\n\n".join(parts) + "\n"


def compared(comparison: Comparison) -> str:
    parts = []
    for connections in reversed(CONNECTIONS):
        rows = []
        for name in comparison.engines:
            turns = comparison.of(name, connections)
            assert turns is not None
            ratio = None if name == OURS else comparison.ratio(OURS, name, connections)
            rows.append(
                (
                    f"**{name}**" if name == OURS else name,
                    f"{turns.rate:,.0f}" if turns.rate >= 100 else f"{turns.rate:.1f}",
                    f"{turns.p50_ms:.1f} ms",
                    f"{turns.p99_ms:.1f} ms",
                    f"{turns.cpu_ms:.1f} ms",
                    f"{comparison.peak_mb.get(name, 0):,.0f} MB",
                    f"{ratio.median:.2f} ({ratio.least:.2f} to {ratio.most:.2f})" if ratio else "",
                    f"{turns.fetches:.1f}",
                    f"{turns.wrong}",
                )
            )
        head = (
            f"{connections} connection{'s' if connections > 1 else ''}",
            "requests/s",
            "p50",
            "p99",
            "processor time a request",
            "memory, peak",
            f"{OURS} to it (rounds)",
            "fetches a request",
            "wrong answers",
        )
        parts.append(_table(head, rows))
    return "\n\n".join([*parts, _read(comparison)])


def _read(comparison: Comparison) -> str:
    """How the tables of a comparison are to be read."""
    rounds = max((len(each.rounds) for each in comparison.turns), default=0)
    windows = {each.connections: each.rounds[0].seconds for each in comparison.turns}
    long = " and ".join(f"{s:g} s with {count}" for count, s in sorted(windows.items(), reverse=True))
    return (
        f"Medians over {rounds} rounds (of {long}): requests/s, p50, p99, processor time and ratios (in brackets the "
        "least and the most of a round). Memory: the peak of the engine's whole process tree over the whole run."
    )


def reached(everything: Everything) -> str:
    words = {True: "reached", False: "**not reached**", None: "not measured"}
    found = verdicts(everything.comparison, everything.growth, everything.planning, everything.guarding)
    rows = [(each.target, each.measured, words[each.reached]) for each in found]
    table = _table(("target", "measured", ""), rows)
    ratio = everything.comparison.ratio(OURS, DEVICES, max(CONNECTIONS))
    if ratio is None:
        return table
    return (
        f"{table}\n\nAgainst the harsher mark, the same by hand with this engine's devices in it, it comes to "
        f"{ratio.median:.0%} (rounds {ratio.least:.0%} to {ratio.most:.0%}); no target was set for it."
    )


def planned(planning: list[PlanningTime]) -> str:
    rows = [
        (
            each.operation,
            f"{each.fields:,}",
            f"{each.fetches}",
            f"{each.plan_ms:.1f} ms",
            f"{each.prepare_ms:.1f} ms",
        )
        for each in planning
    ]
    return _table(
        (
            "operation",
            "fields in its text",
            "fetches",
            "planning",
            "parsing, validating, planning, compiling",
        ),
        rows,
    )


def grown(growth: Growth) -> str:
    by_entities = _table(
        ("entities, one entity fetch", "a request", "an entity", "processor time of the gateway, an entity"),
        [
            (
                f"{each.entities:,}",
                f"{each.ms:.2f} ms",
                f"{each.us_per_entity:.2f} µs",
                f"{each.cpu_ms * 1000 / each.entities:.2f} µs",
            )
            for each in growth.by_entities
        ],
    )
    by_fan_out = _table(
        ("fetches side by side", "a request", "processor time of the gateway"),
        [(f"{each.fan_out}", f"{each.ms:.2f} ms", f"{each.cpu_ms:.2f} ms") for each in growth.by_fan_out],
    )
    return (
        f"{by_entities}\n\nThe gateway's processor time grows with entities to the power of {growth.exponent:.2f} "
        f"(fitted; {growth.last_exponent:.2f} between the two largest), the time that a client waits to the power of "
        f"{growth.exponent_of_time:.2f}: 1 is linear, 2 would be quadratic.\n\n"
        f"{by_fan_out}\n\n{growth.by_fan_out[0].entities} entities each. Another fetch side by side adds "
        f"{growth.ms_per_fetch:.3f} ms."
    )


def networked(pairs: list[Pair]) -> str:
    rows = []
    for pair in pairs:
        (one, other), (first, second) = pair.names, pair.rates
        ratio = f"{pair.ratio:.2f} ({pair.least:.2f} to {pair.most:.2f})"
        rows.append((f"{pair.what}: {one}", f"{first:,.0f}", ""))
        rows.append((f"{pair.what}: {other}", f"{second:,.0f}", ratio))
    return _table(("16 at a time, real services and OAuth", "requests/s", "to the row above (rounds)"), rows)


def guarded(guarding: Guarding) -> str:
    rows = []
    for what, comparison in (("the query above", guarding.large), ("one name", guarding.small)):
        base = comparison.of(UNGUARDED, max(CONNECTIONS))
        for name in (UNGUARDED, OURS, SIGNED_IN):
            turns = comparison.of(name, max(CONNECTIONS))
            if turns is None:
                continue
            ratio = comparison.ratio(name, UNGUARDED, max(CONNECTIONS))
            rows.append(
                (
                    f"{what}: {name}",
                    f"{turns.rate:,.0f}",
                    f"{turns.cpu_ms:.3f} ms",
                    f"{turns.cpu_ms / base.cpu_ms:.0%}" if base else "",
                    f"{ratio.median:.0%} ({ratio.least:.0%} to {ratio.most:.0%})" if ratio else "",
                )
            )
    costs = _table(
        (
            f"{max(CONNECTIONS)} connections",
            "requests/s",
            "processor time a request",
            f"of that {UNGUARDED.lower()}",
            f"requests/s, of those {UNGUARDED.lower()} (rounds)",
        ),
        rows,
    )
    refusals = _table(
        ("hostile document", "refused with", "p50", "p99", "fetches"),
        [
            (each.what, f"`{each.code}`", f"{each.p50_ms:.2f} ms", f"{each.p99_ms:.2f} ms", f"{each.fetches}")
            for each in guarding.refusals
        ],
    )
    return f"{costs}\n\n{refusals}"


def machine(load_average: float) -> str:
    rows = [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("load average before the run", f"{load_average:.2f}"),
        ("Python", platform.python_version()),
        *((name, version(name)) for name in ("uvloop", "httptools", "orjson", "uvicorn", "graphql-core")),
        *engines.versions().items(),
    ]
    return _table(("", ""), rows)


def picture(comparison: Comparison) -> str:
    most = max(CONNECTIONS)
    turns = {name: comparison.of(name, most) for name in comparison.engines}
    rates = {name: each.rate for name, each in turns.items() if each}
    slow = {name: each.p99_ms for name, each in turns.items() if each}

    def bars(values: dict[str, float]) -> list[chart.Bar]:
        kinds = {OURS: "ours", CEILING: "reference", DEVICES: "reference"}
        return [chart.Bar(name, value, kinds.get(name, "other")) for name, value in values.items()]

    return chart.draw(
        "Gateways beside each other on one query",
        (
            chart.Panel(f"Requests a second, {most} connections (more is better)", bars(rates)),
            chart.Panel(f"p99 in milliseconds, {most} connections (less is better)", bars(slow)),
            chart.Panel("Peak memory in MB (less is better)", bars(comparison.peak_mb)),
        ),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
