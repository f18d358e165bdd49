"""What goes wrong: processes killed in the middle of what they do, stopped for a while, cut off from the database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from typing import Final

import asyncpg

from tests.support.running import RunningNetwork, alive
from vereda.postgres import EmbeddedPostgres
from vereda.secrets import Secrets

_VICTIMS: Final = ("postgres", "referrals", "gateway", "grants", "partners")
_COMES_BACK_S: Final = 90


def admin_url(network: RunningNetwork) -> str:
    """The network's Postgres as its superuser."""
    return EmbeddedPostgres(network.home / "postgres", Secrets(network.home / "secrets")).admin_url


async def strike(network: RunningNetwork, chance: random.Random, done: Counter[str]) -> None:
    """One fault, over before this returns: whoever was killed runs again."""
    victim = chance.choice(_VICTIMS)
    what = chance.choice(("kill", "kill", "stop", "cut"))
    done[f"{what} {victim}" if what != "cut" else "cut the database's connections"] += 1
    if what == "cut":
        await _cut(network)
        return
    pid = network.process_ids()[victim]
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself, cut off from something else
        if what == "stop":
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(chance.uniform(0.2, 2))
            os.kill(pid, signal.SIGCONT)
            return
        os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(_COMES_BACK_S):
        while alive(pid) or _without(network, victim):
            await asyncio.sleep(0.05)


def _without(network: RunningNetwork, name: str) -> bool:
    try:
        return name not in network.process_ids()
    except (FileNotFoundError, IndexError, ValueError):  # Postgres writes its file anew
        return True


async def _cut(network: RunningNetwork) -> None:
    try:
        connection = await asyncpg.connect(admin_url(network), timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> 'postgres' AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
