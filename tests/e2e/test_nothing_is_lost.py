"""kill -9 of any process loses no acknowledged write, and leaves no orphan."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.running import RunningNetwork, alive
from vereda.demo.caller import PartnerSystem
from vereda.demo.documents import RECORD_CLIENT
from vereda.demo.loading import sign_in_secret
from vereda.settings import Settings

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="process ids are read from /proc"),
]
_RECOVERY_S = 60


def clinic(network: RunningNetwork) -> PartnerSystem:
    return PartnerSystem(
        network.url, "demo-clinic", sign_in_secret(Settings(home=network.home), "demo-clinic")
    )


async def write_until(
    stop: asyncio.Event, system: PartnerSystem, acknowledged: dict[str, str], tag: str
) -> None:
    """Record clients one after the other; what was acknowledged is remembered, what failed is tried again."""
    number = 0
    while not stop.is_set():
        name = f"{tag} {number}"
        given = {"idempotencyKey": name, "displayName": name, "language": "spa", "zip3": "937"}
        try:
            answer = await system.ask(RECORD_CLIENT, {"input": given})
        except (OSError, ValueError):
            await asyncio.sleep(0.1)
            continue
        recorded = ((answer.get("data") or {}).get("recordClient") or {}).get("client")
        if recorded:
            acknowledged[recorded["handle"]] = name
            number += 1
        else:
            await asyncio.sleep(0.1)


async def until_ready(network: RunningNetwork) -> None:
    async with asyncio.timeout(_RECOVERY_S), httpx.AsyncClient() as http:
        while True:
            try:
                if (await http.get(f"{network.url}/health/ready", timeout=5)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("victim", ["partners", "referrals", "grants", "gateway", "postgres"])
async def test_kill_9_loses_no_acknowledged_write_and_the_process_comes_back(
    network: RunningNetwork, victim: str
) -> None:
    system, acknowledged, stop = clinic(network), dict[str, str](), asyncio.Event()
    await system.sign_in()
    writing = asyncio.create_task(write_until(stop, system, acknowledged, f"kept through {victim}"))
    before = network.process_ids()[victim]
    while len(acknowledged) < 5:
        await asyncio.sleep(0.02)

    os.kill(before, signal.SIGKILL)
    async with asyncio.timeout(_RECOVERY_S):
        while alive(before):
            await asyncio.sleep(0.05)
    await until_ready(network)
    enough = len(acknowledged) + 5
    async with asyncio.timeout(_RECOVERY_S):
        while len(acknowledged) < enough:
            await asyncio.sleep(0.05)
    stop.set()
    await writing

    assert network.process_ids()[victim] != before
    for handle, name in acknowledged.items():
        answer = await system.ask("query($h: ID!) { client(handle: $h) { displayName } }", {"h": handle})
        assert answer["data"]["client"] == {"displayName": name}


async def test_a_service_that_is_down_is_a_named_gap_and_the_others_answer(network: RunningNetwork) -> None:
    system = clinic(network)
    document = "{ counties { name } outbox(first: 1) { nodes { id } } cohorts(first: 1) { nodes { year } } }"
    await system.ask(document)

    os.kill(network.process_ids()["grants"], signal.SIGKILL)
    answer = await system.ask(document)
    await until_ready(network)
    again = await system.ask(document)

    assert len(answer["data"]["counties"]) == 8
    assert answer["data"]["outbox"]["nodes"]
    assert answer["data"]["cohorts"] is None
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "SUBGRAPH_UNAVAILABLE", "service": "grants"}
    assert "errors" not in again


async def test_after_ctrl_c_nothing_runs_on_and_a_second_start_has_everything(tmp_path: Path) -> None:
    network = RunningNetwork(tmp_path / "home")
    await network.start()
    system = clinic(network)
    given = {"idempotencyKey": "k", "displayName": "Kept", "language": "spa", "zip3": "937"}
    recorded = (await system.ask(RECORD_CLIENT, {"input": given}))["data"]["recordClient"]["client"]
    parts = network.process_ids()

    status = await network.stop(signal.SIGINT)
    left = [name for name, pid in parts.items() if alive(pid)]
    await network.start()
    again = await clinic(network).ask(
        "query($h: ID!) { client(handle: $h) { displayName } }", {"h": recorded["handle"]}
    )
    stopped = await network.stop(signal.SIGTERM)

    assert (status, stopped, left) == (0, 0, [])
    assert again["data"]["client"] == {"displayName": "Kept"}


async def test_kill_9_of_the_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    network = RunningNetwork(tmp_path / "home")
    await network.start("--no-demo")
    parts = network.process_ids()

    os.kill(network.pid, signal.SIGKILL)

    async with asyncio.timeout(_RECOVERY_S):
        while any(alive(pid) for pid in parts.values()):
            await asyncio.sleep(0.05)
