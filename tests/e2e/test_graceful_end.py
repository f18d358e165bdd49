"""A service that is told to end answers what it was asked before, and lets go of its database."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import asyncpg
import pytest

from tests.e2e.test_first_day import system
from tests.support.running import RunningNetwork, alive
from vereda.demo import documents
from vereda.ids import new_id
from vereda.postgres import EmbeddedPostgres
from vereda.secrets import Secrets

pytestmark = pytest.mark.processes

WAITING = """SELECT count(*) FROM pg_stat_activity
  WHERE application_name = 'vereda-referrals' AND wait_event_type = 'Lock'"""
CONNECTED = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vereda-referrals' AND pid = ANY ($1)"
)


async def test_a_service_told_to_end_answers_what_it_was_asked_before(network: RunningNetwork) -> None:
    """Writes wait for a lock while SIGTERM arrives: each is done, acknowledged, and there afterwards."""
    home, clinic = network.home, system(network, "demo-clinic")
    await clinic.sign_in()
    old = network.process_ids()["referrals"]
    names = [f"Ines {number}" for number in range(3)]

    async def record(name: str) -> dict[str, Any]:
        person = {"displayName": name, "language": "spa", "zip3": "937", "idempotencyKey": str(new_id())}
        return await clinic.ask(documents.RECORD_CLIENT, {"input": person})

    admin = EmbeddedPostgres(home / "postgres", Secrets(home / "secrets")).admin_url
    locking, looking = [
        await asyncpg.connect(admin.replace("/postgres?", "/vereda_referrals?")) for _ in range(2)
    ]
    try:
        async with asyncio.timeout(30):
            async with locking.transaction():
                await locking.execute("LOCK TABLE clients IN ACCESS EXCLUSIVE MODE")
                writing = asyncio.gather(*(record(name) for name in names))
                while await looking.fetchval(WAITING) < len(names):
                    await asyncio.sleep(0.02)
                backends = await looking.fetch(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'vereda-referrals'"
                )
                os.kill(old, signal.SIGTERM)
                await asyncio.sleep(0.3)
                assert alive(old)
            answers = await writing
            while alive(old):
                await asyncio.sleep(0.02)
            left = await looking.fetchval(CONNECTED, [row["pid"] for row in backends])
            while network.process_ids().get("referrals") in (None, old):
                await asyncio.sleep(0.05)
            while "errors" in (found := await clinic.ask("{ clients { nodes { displayName } } }")):
                await asyncio.sleep(0.1)
    finally:
        await locking.close()
        await looking.close()

    assert [answer["data"]["recordClient"]["client"]["displayName"] for answer in answers] == names
    assert left == 0
    assert {node["displayName"] for node in found["data"]["clients"]["nodes"]} >= set(names)
