"""What was set out to be reached, and whether this run reached it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bench.comparing import Comparison
from bench.engines import APOLLO, CEILING, HIVE, HIVE_RUST, OURS
from bench.growth import Growth
from bench.guarding import SIGNED_IN, UNGUARDED, Guarding
from bench.planning import PlanningTime

_CONNECTIONS: Final = 50
_TIMES: Final = {HIVE_RUST: 3.0, HIVE: 10.0, APOLLO: 12.0}
_MEMORY_SHARE: Final = 0.25
_CEILING_SHARE: Final = 0.70
#: Exponents that still count as linear. The second may be higher: 10,000 entities leave the processor's caches.
_LINEAR: Final = 1.1
_LINEAR_AT_THE_END: Final = 1.2
_PLANNING_MS: Final = 1_000.0
_GUARD_SHARE: Final = 0.92
_REFUSING_MS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    target: str
    measured: str
    reached: bool | None
    """None: it could not be measured."""


def verdicts(
    comparison: Comparison, growth: Growth, planning: list[PlanningTime], guarding: Guarding
) -> list[Verdict]:
    found = [_rate(comparison, peer, times) for peer, times in _TIMES.items()]
    found += [_p99(comparison, peer) for peer in _TIMES]
    found += [_memory(comparison, peer) for peer in _TIMES]
    found += [_ceiling(comparison), _linear(growth)]
    slowest = max(planning, key=lambda each: each.plan_ms)
    found.append(
        Verdict(
            "An operation of 1,000 fields over the network's own supergraph is planned in under a second",
            f"{slowest.plan_ms:.0f} ms",
            slowest.plan_ms < _PLANNING_MS,
        )
    )
    found += [_guard_cost(guarding, name) for name in (OURS, SIGNED_IN)]
    found.append(_refusing(guarding))
    return found


def _rate(comparison: Comparison, peer: str, times: float) -> Verdict:
    target = f"At least {times:g} times the requests/s of {peer}"
    ratio = comparison.ratio(OURS, peer, _CONNECTIONS)
    if ratio is None:
        return Verdict(target, "not measured", None)
    measured = f"{ratio.median:.1f} times (rounds {ratio.least:.1f} to {ratio.most:.1f})"
    return Verdict(target, measured, ratio.median >= times)


def _p99(comparison: Comparison, peer: str) -> Verdict:
    target = f"p99 below that of {peer}"
    ours, theirs = comparison.of(OURS, _CONNECTIONS), comparison.of(peer, _CONNECTIONS)
    if ours is None or theirs is None:
        return Verdict(target, "not measured", None)
    return Verdict(target, f"{ours.p99_ms:.0f} ms to {theirs.p99_ms:.0f} ms", ours.p99_ms < theirs.p99_ms)


def _memory(comparison: Comparison, peer: str) -> Verdict:
    target = f"Memory under a quarter of that of {peer}"
    ours, theirs = comparison.peak_mb.get(OURS), comparison.peak_mb.get(peer)
    if not ours or not theirs:
        return Verdict(target, "not measured", None)
    measured = f"{ours:.0f} MB to {theirs:.0f} MB: {ours / theirs:.0%}"
    return Verdict(target, measured, ours < theirs * _MEMORY_SHARE)


def _ceiling(comparison: Comparison) -> Verdict:
    target = f"At least {_CEILING_SHARE:.0%} of the requests/s of the same plan written by hand"
    ratio = comparison.ratio(OURS, CEILING, _CONNECTIONS)
    if ratio is None:
        return Verdict(target, "not measured", None)
    measured = f"{ratio.median:.0%} (rounds {ratio.least:.0%} to {ratio.most:.0%})"
    return Verdict(target, measured, ratio.median >= _CEILING_SHARE)


def _linear(growth: Growth) -> Verdict:
    return Verdict(
        "Growth with entities linear",
        f"processor time: exponent {growth.exponent:.2f} from 100 to 10,000, {growth.last_exponent:.2f} from 1,000",
        growth.exponent <= _LINEAR and growth.last_exponent <= _LINEAR_AT_THE_END,
    )


def _guard_cost(guarding: Guarding, name: str) -> Verdict:
    what = "The guard" if name == OURS else "The guard and the check of a token"
    target = f"{what} cost{'s' if name == OURS else ''} less than {1 - _GUARD_SHARE:.0%} of the requests/s"
    ratio = guarding.large.ratio(name, UNGUARDED, _CONNECTIONS)
    if ratio is None:
        return Verdict(target, "not measured", None)
    measured = f"{1 - ratio.median:.1%} (rounds {1 - ratio.most:.1%} to {1 - ratio.least:.1%})"
    return Verdict(target, measured, ratio.median > _GUARD_SHARE)


def _refusing(guarding: Guarding) -> Verdict:
    target = f"A hostile document is refused in under {_REFUSING_MS:g} ms, and nothing is fetched for it"
    if not guarding.refusals:
        return Verdict(target, "not measured", None)
    slowest = max(guarding.refusals, key=lambda each: each.p50_ms)
    fetches = sum(each.fetches for each in guarding.refusals)
    measured = f"{slowest.p50_ms:.1f} ms ({slowest.what}), {fetches} fetches"
    return Verdict(target, measured, slowest.p50_ms < _REFUSING_MS and not fetches)
