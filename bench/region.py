"""How long the region's dashboard takes, beside the parts of it that one service answers alone.

    python -m bench.region        against the network that runs here (`vereda up`), as its demo coordinator

One client, one connection, one request after the other, in turns: the whole dashboard, and each service's part by itself. As
the three are asked at once, the whole should take little more than the slowest of its parts; the ratio says so.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from statistics import median, quantiles
from typing import Final

import httpx

from vereda.demo.caller import PartnerSystem
from vereda.demo.loading import sign_in_secret
from vereda.reporting.asking import SECTIONS, dashboard_query
from vereda.settings import Running, load_settings

_ROUNDS: Final = 100
_WARMING: Final = 10
_PERIOD: Final = "2026-Q3"
_CLIENT: Final = "demo-coordinator"
#: What each service answers of the dashboard, and nobody else.
PARTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "partners": {
        "capacity": tuple(SECTIONS["capacity"]),
        "services": ("workshops", "workshopsHeld", "workshopsRuralShare", "unmetNeed", "unmetNeedByKind"),
        "quality": ("servicesStale", "capacityUnknown", "workshopsUnclosed"),
    },
    "referrals": {
        "services": (
            "referred",
            "accepted",
            "helped",
            "helpedShare",
            "open",
            "daysToFirstContactP50",
            "daysToFirstContactP90",
            "referredByDomain",
            "referredByLanguage",
        ),
        "outreach": tuple(SECTIONS["outreach"]),
        "quality": ("unanswered", "responseTimesSet"),
    },
    "grants": {"economic": tuple(SECTIONS["economic"]), "quality": ("sessionsUnclosed",)},
}


def part_query(service: str) -> str:
    """The same figures as in the whole, of one service alone."""
    whole = dashboard_query()
    fragment = whole[whole.index("fragment F") :]
    sections = " ".join(
        f"{name} {{ {' '.join(f'{figure} {{ ...F }}' for figure in figures)} }}"
        for name, figures in PARTS[service].items()
    )
    targets = "targets { measure value atMost }" if service == "partners" else ""
    return f"query Region($period: String!) {{ regionalDashboard(period: $period) {{ {sections} {targets} }} }} {fragment}"


async def measure(url: str, token: str, rounds: int = _ROUNDS) -> dict[str, list[float]]:
    """Milliseconds of each request, by what was asked: `whole`, or a service's name."""
    queries = {"whole": dashboard_query(), **{service: part_query(service) for service in PARTS}}
    took: dict[str, list[float]] = {name: [] for name in queries}
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
        for number in range(_WARMING + rounds):
            for name, query in queries.items():
                begin = time.perf_counter()
                answer = await http.post("/graphql", json={"query": query, "variables": {"period": _PERIOD}})
                ended = time.perf_counter()
                body = answer.json()
                if "errors" in body:
                    raise SystemExit(f"{name}: {body['errors'][0]}")
                if number >= _WARMING:
                    took[name].append(1000 * (ended - begin))
    return took


def table(took: Mapping[str, list[float]]) -> str:
    lines = ["| asked | p50 ms | p99 ms |", "|---|---|---|"]
    p99 = {name: quantiles(times, n=100)[98] for name, times in took.items()}
    lines += [f"| {name} | {median(times):.1f} | {p99[name]:.1f} |" for name, times in took.items()]
    slowest = max(PARTS, key=lambda service: median(took[service]))
    ratio = median(took["whole"]) / median(took[slowest])
    at_worst = p99["whole"] / max(p99[service] for service in PARTS)
    lines.append(
        f"\nThe whole takes {ratio:.2f} times as long as {slowest} alone at p50, {at_worst:.2f} times at p99."
    )
    return "\n".join(lines)


async def main() -> None:
    settings = load_settings()
    url = Running.read(settings).gateway_url
    if url is None:
        raise SystemExit("Nothing runs here: start the network with `vereda up` first.")
    system = PartnerSystem(url, _CLIENT, sign_in_secret(settings, _CLIENT))
    await system.sign_in()
    print(table(await measure(url, str(system.token))))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
