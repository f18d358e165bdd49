"""The probes say whether the process runs, and whether it can serve; never why not."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from tests.support.databases import Databases
from vereda import health
from vereda.database import Database
from vereda.health import Check, health_routes


async def probe(name: str, **checks: Check) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=health_routes(checks)))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.get(f"/health/{name}")


async def well() -> None:
    return None


async def ill() -> None:
    raise ConnectionRefusedError("postgresql://admin:canary@10.0.0.7/partners")


async def hanging() -> None:
    await asyncio.Event().wait()


async def test_a_process_that_runs_is_live_whatever_is_missing() -> None:
    answer = await probe("live", database=ill)

    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


async def test_it_is_ready_when_all_that_it_needs_is_there() -> None:
    answer = await probe("ready", database=well, keys=well)

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"database": "ok", "keys": "ok"}}


async def test_it_is_not_ready_when_anything_is_missing_and_says_only_what() -> None:
    answer = await probe("ready", database=ill, keys=well)

    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "checks": {"database": "failing", "keys": "ok"}}


async def test_a_check_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_CHECK_TIMEOUT_S", 0.01)

    answer = await probe("ready", database=hanging, keys=well)

    assert answer.json()["checks"] == {"database": "failing", "keys": "ok"}


async def test_checks_are_made_side_by_side() -> None:
    met = asyncio.Barrier(3)

    async def meets() -> None:
        await met.wait()

    answer = await probe("ready", one=meets, two=meets, three=meets)

    assert answer.status_code == 200


async def test_without_anything_to_check_it_is_ready() -> None:
    assert (await probe("ready")).json() == {"status": "ready", "checks": {}}


async def test_a_database_that_answers_is_ready_and_one_that_is_not_there_is_not(
    notes: Database, databases: Databases
) -> None:
    nowhere = Database("postgresql://nobody:canary@127.0.0.1:9/nothing")

    there = await probe("ready", database=notes.ping)
    missing = await probe("ready", database=nowhere.ping)

    assert (there.status_code, missing.status_code) == (200, 503)
    assert "canary" not in missing.text


async def test_many_who_ask_at_once_make_one_look() -> None:
    looked = 0

    async def check() -> None:
        nonlocal looked
        looked += 1
        await asyncio.sleep(0.05)

    transport = httpx.ASGITransport(Starlette(routes=health_routes({"database": check})))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))
        again = await client.get("/health/ready")

    assert {answer.status_code for answer in (*answers, again)} == {200}
    assert looked == 2
