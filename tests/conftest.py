"""Real Postgres for the whole session: the embedded server in a temporary folder, a database for each service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.databases import Databases
from vereda.postgres import EmbeddedPostgres
from vereda.secrets import Secrets
from vereda.settings import Settings

#: Durability is for data that matters; the tests' server forgets on a crash, and is quicker for it.
_FOR_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}

_HERE = Path(__file__).parent
#: What holds the claims of docs/security.md, besides whatever bears the marker itself.
_SECURITY = (
    "attacks",
    "canary",
    "clients",
    "fuzzing",
    "gateway/accounts",
    "gateway/guard",
    "gateway/oauth",
    "gateway/people",
    "walls",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folders = [_HERE / name for name in _SECURITY]
    for item in items:
        hostile = item.path.name.startswith("test_hostile_")
        if hostile or any(folder in item.path.parents for folder in folders):
            item.add_marker(pytest.mark.security)


@pytest_asyncio.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    folder = tmp_path_factory.mktemp("postgres")
    server = EmbeddedPostgres(folder, Secrets(folder / "secrets"), settings=_FOR_TESTS)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a state folder of their own: keys made in one test process are known to all its services."""
    return Settings(home=tmp_path_factory.mktemp("home"))


@pytest_asyncio.fixture(scope="session")
async def databases(postgres: EmbeddedPostgres) -> AsyncIterator[Databases]:
    """Migrated databases by service, made when a test first asks for one."""
    made = Databases(postgres.admin_url)
    yield made
    await made.close()
