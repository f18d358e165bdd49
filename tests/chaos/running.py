"""Lives and faults side by side, then the reckoning."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from tests.chaos.asking import System
from tests.chaos.checks import check
from tests.chaos.history import History
from tests.chaos.lives import Provider, Region
from tests.chaos.nemesis import admin_url, strike
from tests.support.running import RunningNetwork
from vereda.demo.loading import sign_in_secret
from vereda.demo.network import LEGAL, SCHOOL, build
from vereda.ids import new_id
from vereda.settings import Settings

#: So little room that providers fill up in minutes, and acceptances meet at the last place.
_PLACES: Final = 4
_REPORT: Final = """mutation($input: ReportCapacityInput!) { reportCapacity(input: $input) { __typename } }"""
_COHORTS: Final = "{ cohorts(filter: {statuses: [OPEN]}, first: 1) { nodes { id host { id } } } }"
#: What would refuse so many requests of so few callers.
UNLIMITED: Final = {
    "VEREDA_LIMIT_COST_PER_MINUTE": "1000000000",
    "VEREDA_LIMIT_ORGANIZATION_COST_PER_MINUTE": "1000000000",
    "VEREDA_LOG_LEVEL": "ERROR",
}


@dataclass(frozen=True)
class Ran:
    """What was done, what went wrong on the way, and where it can be looked up."""

    network: RunningNetwork
    history: History
    faults: Counter[str]
    places: dict[str, int]
    cohort: str
    since: datetime

    async def check(self) -> None:
        """Raises: AssertionError where something acknowledged is gone, was done twice, or a state is no state."""
        await check(admin_url(self.network), self.history, self.places, self.cohort, self.since)
        status, told = await self.network.run("audit", "verify")
        assert status == 0, f"the audit is not whole: {told}"


async def wreak(network: RunningNetwork, seconds: float, workers: int, seed: int) -> Ran:
    """Let `workers` live for so long, with a fault every few seconds, and then until all have their answers."""
    chance, history, faults = random.Random(seed), History(), Counter[str]()
    async with httpx.AsyncClient(
        base_url=network.url, timeout=20, limits=httpx.Limits(max_connections=64)
    ) as http:
        since, ends = datetime.now(UTC), time.monotonic() + seconds
        region, places = await _region(network, http, history, chance)

        async def live() -> None:
            while time.monotonic() < ends:
                await region.one_act()

        async def break_things() -> None:
            while time.monotonic() < ends:
                await asyncio.sleep(chance.uniform(0.3, 2.5))
                await strike(network, chance, faults)

        async with asyncio.TaskGroup() as group:
            group.create_task(break_things())
            for _ in range(workers):
                group.create_task(live())
    return Ran(network, history, faults, places, region.cohort, since)


async def _region(
    network: RunningNetwork, http: httpx.AsyncClient, history: History, chance: random.Random
) -> tuple[Region, dict[str, int]]:
    settings, demo = Settings(home=network.home), build()

    def system(client_id: str) -> System:
        return System(http, client_id, sign_in_secret(settings, client_id), chance, history.notes)

    clinic, legal, school = (system(name) for name in ("demo-clinic", "demo-legal", "demo-school"))
    providers = []
    for who, slug, checks_conflicts in ((legal, LEGAL, True), (school, SCHOOL, False)):
        service = next(one for one in demo.services if one.organization.slug == slug)
        providers.append(Provider(who, str(service.organization.id), str(service.id), checks_conflicts))
        await who.ask(_REPORT, input=_room(str(service.id)))
    cohort: dict[str, Any] = (await clinic.ask(_COHORTS))["nodes"][0]
    region = Region(clinic, providers, cohort["id"], cohort["host"]["id"], chance, history)
    return region, {one.service: _PLACES for one in providers}


def _room(service: str) -> dict[str, Any]:
    return {
        "idempotencyKey": str(new_id()),
        "service": service,
        "status": "CAPACITY",
        "available": _PLACES,
        "maximum": _PLACES,
    }
