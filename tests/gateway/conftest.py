"""The gateway's own database, one for all of these tests."""

from __future__ import annotations

import pytest_asyncio

from gateway.store import FOLDER
from tests.support.databases import Databases
from vereda.database import Database


@pytest_asyncio.fixture(scope="session")
async def database(databases: Databases) -> Database:
    return await databases.of("gateway", FOLDER)
