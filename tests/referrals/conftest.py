from __future__ import annotations

import pytest_asyncio

from services.referrals.app import SERVICE
from tests.referrals.story import Story
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.database import Database
from vereda.settings import Settings


@pytest_asyncio.fixture(scope="session")
async def database(databases: Databases) -> Database:
    return await databases.of("referrals", SERVICE.folder)


@pytest_asyncio.fixture
async def referrals(database: Database, settings: Settings) -> Subgraph:
    return Subgraph(SERVICE, database, settings)


@pytest_asyncio.fixture
async def story(referrals: Subgraph) -> Story:
    """A clinic, a legal provider and a school that know nothing of each other's clients."""
    return Story(referrals)
