from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from services.partners.app import SERVICE
from tests.partners.exchange.reader import Directory
from tests.support.databases import Databases
from vereda.settings import Settings

_DATA = Path(__file__).parents[3].parent / "shared" / "data"


@pytest.fixture(scope="session")
def published() -> Path:
    """Packages as others publish them; they are not ours to ship, so they are not everywhere."""
    if not _DATA.is_dir():
        pytest.skip(f"no published packages in {_DATA}")
    return _DATA


@pytest_asyncio.fixture
async def directory(databases: Databases, settings: Settings) -> AsyncIterator[Directory]:
    """A directory of its own, empty: what is counted in it came from the test's package."""
    database = await databases.migrated("partners_import", SERVICE.folder)
    yield Directory(database, settings)
    await database.close()


@pytest_asyncio.fixture
async def other_directory(databases: Databases, settings: Settings) -> AsyncIterator[Directory]:
    database = await databases.migrated("partners_import_other", SERVICE.folder)
    yield Directory(database, settings)
    await database.close()
