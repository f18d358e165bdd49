from __future__ import annotations

import pytest_asyncio

from services.partners.app import SERVICE
from tests.support.databases import Databases
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph
from vereda.database import Database
from vereda.settings import Settings


@pytest_asyncio.fixture(scope="session")
async def database(databases: Databases) -> Database:
    return await databases.of("partners", SERVICE.folder)


@pytest_asyncio.fixture
async def directory(database: Database) -> Directory:
    return Directory(database)


@pytest_asyncio.fixture
async def partners(database: Database, settings: Settings) -> Subgraph:
    return Subgraph(SERVICE, database, settings)
