"""The directory asked by REST, in this process, with the token that a gateway would send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from services.partners.app import SERVICE
from tests.support.databases import Databases
from tests.support.directory import Directory
from tests.support.subgraph import caller_of
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.keys import KeyRing
from vereda.service import create_app
from vereda.settings import Settings
from vereda.tokens import HEADER, mint


@dataclass
class Api:
    """`/hsds/3.0` of one directory."""

    client: httpx.AsyncClient
    database: Database
    keys: KeyRing

    def head(self, caller: Caller | None = None) -> dict[str, str]:
        return {HEADER: mint(self.keys, caller or caller_of(None, Scope.DIRECTORY_READ))}

    async def get(self, path: str, caller: Caller | None = None, **headers: str) -> httpx.Response:
        return await self.client.get(f"/hsds/3.0{path}", headers={**self.head(caller), **headers})

    async def found(self, path: str, caller: Caller | None = None) -> Any:
        answer = await self.get(path, caller)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ids(self, path: str) -> list[UUID]:
        return [UUID(one["id"]) for one in (await self.found(path))["contents"]]


async def opened(database: Database, settings: Settings) -> AsyncIterator[Api]:
    app = create_app(SERVICE, settings, database)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://partners") as client:
        yield Api(client, database, KeyRing(settings.keys / "transaction"))


@pytest_asyncio.fixture
async def api(databases: Databases, settings: Settings) -> AsyncIterator[Api]:
    """Of an empty directory."""
    database = await databases.migrated("partners_rest", SERVICE.folder)
    async for one in opened(database, settings):
        yield one
    await database.close()


@pytest_asyncio.fixture
async def directory(api: Api) -> Directory:
    return Directory(api.database)
