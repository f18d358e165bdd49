"""Databases for tests, each with its own role, as in a real installation."""

from __future__ import annotations

import secrets
from pathlib import Path

from vereda.database import Database
from vereda.migrations import migrate
from vereda.provision import provision


class Databases:
    """Migrated databases, by the name of what they belong to."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self.urls: dict[str, str] = {}
        self._open: dict[str, Database] = {}

    async def empty(self, name: str) -> Database:
        """A new database without a table, with a role of its own."""
        unique = f"{name}_{secrets.token_hex(3)}"
        urls = await provision(self.admin_url, {unique: secrets.token_urlsafe(12)}, prefix="test_")
        self.urls[name] = urls[unique]
        self._open[unique] = Database(urls[unique], pool_size=12, name=unique)
        return self._open[unique]

    async def of(self, name: str, folder: Path) -> Database:
        """The session's one database of the service `name`, migrated from `folder`."""
        if name not in self._open:
            self._open[name] = await self.empty(name)
            await migrate(self._open[name], folder)
        return self._open[name]

    async def close(self) -> None:
        for database in self._open.values():
            await database.close()
