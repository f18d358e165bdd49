"""The gateway that clients of others sign in to: a process in production settings, as in tests/attacks."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.attacks.conftest import database, gateway  # noqa: F401 (fixtures)
from tests.attacks.target import Target
from tests.gateway.oauth.applications import Worker, new_worker
from vereda.database import Database
from vereda.settings import Settings

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.servers)


@pytest.fixture
async def worker(gateway: Target, database: Database) -> Worker:  # noqa: F811 (they are fixtures)
    """Somebody who is signed in, in a browser of their own."""
    settings = Settings(issuer=gateway.url, home=gateway.home)
    worker = await new_worker(None, settings, database)
    cookie = worker.http.headers["Cookie"]
    worker.http = httpx.AsyncClient(base_url=gateway.url, headers={"Cookie": cookie})
    return worker
