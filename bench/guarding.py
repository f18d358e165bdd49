"""What the guard and the check of a token cost, and what it costs to refuse what is hostile."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import orjson

from bench.comparing import Comparison, Effort, compare
from bench.engines import SUPERGRAPH, Engine, gateway
from bench.hostile import HOSTILE
from bench.load import HOST, TARGET, Job, fingerprint
from bench.processes import asked, loading, running, subgraphs
from gateway.oauth import clients
from gateway.store import FOLDER
from vereda.caller import Scope
from vereda.database import Database
from vereda.ids import new_id
from vereda.migrations import migrate
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision
from vereda.secrets import Secrets

UNGUARDED: Final = "Without its guard"
SIGNED_IN: Final = "Behind OAuth"
#: A request that costs little else, so that what every request costs shows.
SMALL: Final = '{ person(id: "p4") { name } }'
_CLIENT: Final = "bench"
#: Allowances that no run uses up: requests are counted all the same.
UNCOUNTED: Final = {
    "VEREDA_LIMIT_COST_PER_MINUTE": "1000000000",
    "VEREDA_LIMIT_ORGANIZATION_COST_PER_MINUTE": "1000000000",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """How long it takes to say no, one after the other, and what the subgraphs were asked meanwhile."""

    what: str
    code: str
    p50_ms: float
    p99_ms: float
    fetches: int


@dataclass(frozen=True, slots=True)
class Guarding:
    small: Comparison
    large: Comparison
    refusals: tuple[Refusal, ...]


def measure(first_port: int, effort: Effort) -> Guarding:
    """Raises: StartError, or RuntimeError when an answer is none of those that are due."""
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as (url, secret):
        engines = [
            gateway(first_port),
            _unguarded(first_port + 1),
            _signed_in(first_port + 2, Path(folder) / "home", url, secret),
        ]
        large = compare(engines, (), effort)
        small = compare(engines, (), effort, SMALL)
    return Guarding(small, large, tuple(_refusals(first_port, replace(effort, seconds=effort.seconds / 4))))


def _unguarded(port: int) -> Engine:
    return Engine(UNGUARDED, port, (sys.executable, "-m", "bench.unguarded", str(SUPERGRAPH), str(port)))


def _signed_in(port: int, home: Path, database_url: str, secret: str) -> Engine:
    command = (sys.executable, "-m", "vereda.serving", "gateway.main:create", "--port", str(port))
    environment = {
        "VEREDA_HOME": str(home),
        "VEREDA_PORT": str(port),
        "VEREDA_GATEWAY_DATABASE_URL": database_url,
        "VEREDA_SUPERGRAPH": str(SUPERGRAPH),
        **UNCOUNTED,
    }
    return Engine(SIGNED_IN, port, command, environment, partial(_token, port, secret))


def _token(port: int, secret: str) -> str:
    """What the Authorization header of a signed-in client says."""
    form = {"grant_type": "client_credentials", "client_id": _CLIENT, "client_secret": secret}
    request = urllib.request.Request(f"http://{HOST}:{port}/oauth/token", data=urlencode(form).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return f"Bearer {json.loads(answer.read())['access_token']}"


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, str]]:
    """A database with one client in it, and that client's secret."""
    server = EmbeddedPostgres(folder / "postgres", Secrets(folder / "secrets"))
    secret = secrets.token_urlsafe(24)

    async def made() -> str:
        await server.start()
        url = (await provision(server.admin_url, {"bench": secrets.token_urlsafe(12)}))["bench"]
        database = Database(url)
        await migrate(database, FOLDER)
        await clients.register(
            database,
            clients.Registration(
                client_id=_CLIENT,
                secret=secret,
                organization=new_id(),
                name="The benchmark",
                scopes=[Scope.DIRECTORY_READ],
            ),
        )
        await database.close()
        return url

    try:
        yield asyncio.run(made()), secret
    finally:
        asyncio.run(server.stop())


def _refusals(port: int, effort: Effort) -> Iterator[Refusal]:
    with subgraphs(), running([gateway(port)]) as (serving, failures), loading() as load:
        if not serving:
            raise RuntimeError(failures[0])
        for what, document in HOSTILE.items():
            answer = _asked_once(port, document)
            said = json.loads(answer)
            if "data" in said:
                raise RuntimeError(f"{what} was answered: {answer[:300]!r}")
            job = Job(port, 1, effort.seconds, document, {}, fingerprint(answer))
            load.run(job)  # warm
            before = asked()
            measured = load.run(job)
            if measured.wrong:
                raise RuntimeError(f"{what}: {measured.sample}")
            yield Refusal(
                what,
                said["errors"][0]["extensions"]["code"],
                measured.p50_ms,
                measured.p99_ms,
                asked() - before,
            )


def _asked_once(port: int, document: str) -> bytes:
    request = urllib.request.Request(
        f"http://{HOST}:{port}{TARGET}",
        data=orjson.dumps({"query": document}),
        headers={"content-type": "application/json", "accept": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            content: bytes = answer.read()
    except urllib.error.HTTPError as refusal:
        content = refusal.read()
    return content
