from __future__ import annotations

from pathlib import Path

import pytest_asyncio

from tests.support.databases import Databases
from vereda.database import Database

NOTES = Path(__file__).parent / "notes"


@pytest_asyncio.fixture(scope="session")
async def notes(databases: Databases) -> Database:
    """The database of the miniature service."""
    return await databases.of("notes", NOTES)
