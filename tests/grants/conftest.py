from __future__ import annotations

import pytest_asyncio

from services.grants.app import SERVICE
from tests.grants.programmes import Programmes
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.database import Database
from vereda.settings import Settings


@pytest_asyncio.fixture(scope="session")
async def database(databases: Databases) -> Database:
    return await databases.of("grants", SERVICE.folder)


@pytest_asyncio.fixture
async def grants(database: Database, settings: Settings) -> Subgraph:
    return Subgraph(SERVICE, database, settings)


@pytest_asyncio.fixture
async def programmes(grants: Subgraph) -> Programmes:
    return Programmes(grants)
