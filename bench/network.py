"""What the gateway costs beside the service behind it, on the demo network, over loopback.

Each figure is a ratio between two measurements of the same run, taken in turns, so that another load on the machine
bears on both.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from bench.guarding import UNCOUNTED
from facades.fhir import documents
from facades.fhir.reading import BARE
from gateway.transport import HttpTransport
from vereda.caller import Caller, Scope
from vereda.demo.caller import PartnerSystem
from vereda.demo.loading import sign_in_secret
from vereda.demo.network import CLINIC, build
from vereda.keys import KeyRing
from vereda.settings import SERVICES, Settings
from vereda.tokens import HEADER, mint

_CONCURRENCY: Final = 16

PAGE: Final = (
    "{ services(first: 20) { nodes { id name organization { name } capacity { status available } } } }"
)
DIRECTORY: Final = "{ counties { name } }"
THREE: Final = "{ counties { name } outbox(first: 5) { nodes { id } } cohorts(first: 2) { nodes { year } } }"


#: What a system that polls asks for, in FHIR and as the facade asks it of the graph: half of it of each box.
POLLED: Final = 20
_POLL: Final = {
    **BARE,
    "focus": True,
    "filter": None,
    "first": POLLED // 2,
    "received": True,
    "sent": True,
    "afterReceived": None,
    "afterSent": None,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ways beside each other, in requests a second; `ratio` is the second to the first."""

    what: str
    names: tuple[str, str]
    rates: tuple[float, float]
    ratio: float
    least: float
    most: float


async def measure(port: int, rounds: int, seconds: float) -> list[Pair]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), port=port)
        process = await _start(settings)
        try:
            return await _measure(settings, rounds, seconds)
        finally:
            process.terminate()
            await process.wait()


async def _start(settings: Settings) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vereda.cli", "up"),
        env={
            "PATH": "/usr/bin:/bin",
            "VEREDA_HOME": str(settings.home),
            "VEREDA_PORT": str(settings.port),
            "VEREDA_LOG_LEVEL": "ERROR",
            **UNCOUNTED,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(120):
        while b"Vereda is ready" not in await process.stdout.readline():
            pass
    asyncio.create_task(_drain(process.stdout))  # noqa: RUF006  (it ends with the process)
    return process


async def _drain(output: asyncio.StreamReader) -> None:
    while await output.read(65_536):
        pass


async def _measure(settings: Settings, rounds: int, seconds: float) -> list[Pair]:
    gateway = f"http://127.0.0.1:{settings.port}"
    system = PartnerSystem(gateway, "demo-clinic", sign_in_secret(settings, "demo-clinic"))
    token = (await system.sign_in())["access_token"]
    clinic: UUID = build().by_slug(CLINIC).id
    scopes = frozenset(scope.value for scope in Scope)
    inward = mint(KeyRing(settings.keys / "transaction"), Caller("bench", clinic, scopes))
    urls = {name: f"http://127.0.0.1:{settings.service_port(name)}/graphql" for name in SERVICES}
    transport = HttpTransport({**urls, "gateway": f"{gateway}/graphql"})

    def ask(where: str, document: str, **variables: object) -> Callable[[], Awaitable[None]]:
        body = orjson.dumps({"query": document, "variables": variables})
        headers = {"Authorization": f"Bearer {token}"} if where == "gateway" else {HEADER: inward}

        async def once() -> None:
            answer = await transport.send(where, body, headers)
            assert answer.status == 200, answer.body[:300]
            assert b'"errors"' not in answer.body, answer.body[:300]

        return once

    async def poll() -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
        answer = await transport.get("gateway", f"/fhir/R4/Task?_count={POLLED}&_include=Task:focus", headers)
        assert answer.status == 200, answer.body[:300]

    pairs = [
        await _compare(
            "a page of 20 services",
            (("service alone", ask("partners", PAGE)), ("through the gateway", ask("gateway", PAGE))),
            rounds,
            seconds,
        ),
        await _compare(
            "gateway",
            (
                ("one service", ask("gateway", DIRECTORY)),
                ("three services in parallel", ask("gateway", THREE)),
            ),
            rounds,
            seconds,
        ),
        await _compare(
            f"polling, {POLLED} referrals",
            (("the query in GraphQL", ask("gateway", documents.TASKS, **_POLL)), ("FHIR Tasks", poll)),
            rounds,
            seconds,
        ),
    ]
    await transport.close()
    return pairs


async def _compare(
    what: str,
    ways: tuple[tuple[str, Callable[[], Awaitable[None]]], tuple[str, Callable[[], Awaitable[None]]]],
    rounds: int,
    seconds: float,
) -> Pair:
    (one, ask_one), (other, ask_other) = ways
    for once in (ask_one, ask_other):
        await _rate(once, 0.5)  # warm
    taken = [(await _rate(ask_one, seconds), await _rate(ask_other, seconds)) for _ in range(rounds)]
    ratios = sorted(b / a for a, b in taken)
    rates = (statistics.median(a for a, _ in taken), statistics.median(b for _, b in taken))
    return Pair(what, (one, other), rates, statistics.median(ratios), ratios[0], ratios[-1])


async def _rate(once: Callable[[], Awaitable[None]], seconds: float) -> float:
    """Requests a second with sixteen at a time."""
    end, done = time.perf_counter() + seconds, 0

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await once()
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(_CONCURRENCY)))
    return done / (time.perf_counter() - started)
