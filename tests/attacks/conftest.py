"""One gateway for all attacks of a test run, and one attacker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from gateway.oauth import clients
from gateway.store import FOLDER
from tests.attacks.graph.data import ADDRESS, PHONES
from tests.attacks.target import Target, gateway_process
from tests.support.databases import Databases
from vereda.caller import Scope
from vereda.database import Database
from vereda.ids import new_id

_HERE = Path(__file__).parent
SECRET = "correct-horse-battery-staple-7"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.servers)


@pytest_asyncio.fixture(scope="session")
async def database(databases: Databases) -> Database:
    """The attacked gateway's own: nobody else's clients are in it."""
    return await databases.migrated("attacked", FOLDER)


@pytest_asyncio.fixture(scope="session")
async def gateway(
    database: Database, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Target]:
    """The gateway's process; whoever asks it without more has no token.

    Fails the run when anything that was sent made it stumble, or came back out of its log.
    """
    home = tmp_path_factory.mktemp("attacked")
    async with gateway_process(home, databases.urls["attacked"]) as running:
        yield running
    log = (home / "gateway.log").read_text()
    for stumbled in ("Traceback", "Exception in ASGI application", "unexpected error"):
        assert stumbled not in log, log[max(0, log.index(stumbled) - 500) : log.index(stumbled) + 2000]
    for said in (SECRET, "Bearer ey", *PHONES, ADDRESS):
        assert said not in log


@pytest_asyncio.fixture(scope="session")
async def target(gateway: Target, database: Database) -> Target:
    """The gateway, and the token of a client that may read the directory."""
    return await signed_in(gateway, database, Scope.DIRECTORY_READ)


async def signed_in(
    gateway: Target,
    database: Database,
    *scopes: Scope,
    roles: Sequence[str] = (),
    trusted_documents_only: bool = False,
) -> Target:
    """The gateway with the token of a new client of a new organisation."""
    client_id = f"partner-{new_id()}"
    await clients.register(
        database,
        clients.Registration(
            client_id=client_id,
            secret=SECRET,
            organization=new_id(),
            name="A partner",
            scopes=scopes,
            roles=roles,
            trusted_documents_only=trusted_documents_only,
        ),
    )
    async with httpx.AsyncClient(base_url=gateway.url) as http:
        answer = await http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, SECRET)
        )
    return replace(gateway, client_id=client_id, token=answer.json()["access_token"])
