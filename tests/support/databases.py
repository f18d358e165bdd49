"""Databases for tests, each with its own roles, as in a real installation."""

from __future__ import annotations

import secrets
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from vereda.database import REQUEST_ROLE, Database
from vereda.migrations import migrate
from vereda.provision import provision


class Databases:
    """Migrated databases, by the name of what they belong to."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self.urls: dict[str, str] = {}
        self._open: dict[str, Database] = {}
        self._templates: dict[Path, str] = {}

    async def empty(self, name: str) -> Database:
        """A new database without a table, with roles of its own."""
        unique = f"{name}_{secrets.token_hex(3)}"
        urls = await provision(self.admin_url, {unique: secrets.token_urlsafe(12)}, prefix="test_")
        return self._opened(name, unique, urls[unique])

    async def of(self, name: str, folder: Path) -> Database:
        """The session's one database of the service `name`, migrated from `folder`."""
        if name not in self._open:
            self._open[name] = await self.empty(name)
            await migrate(self._open[name], folder)
        return self._open[name]

    async def migrated(self, name: str, folder: Path) -> Database:
        """A new database of the service in `folder`, with nothing in it: a copy of one that was migrated once.

        Earlier ones let go of the connections that they do not use: there are hundreds of them, and one server.
        """
        for earlier in self._open.values():
            await earlier.close()
        if folder not in self._templates:
            template = await self.empty(f"{name}_template")
            await migrate(template, folder)
            await template.close()
            self._templates[folder] = self.urls[f"{name}_template"]
        url = make_url(self._templates[folder])
        unique = f"{name}_{secrets.token_hex(3)}"
        connection = await asyncpg.connect(self.admin_url)
        try:
            await connection.execute(
                f"CREATE DATABASE test_{unique} TEMPLATE {url.database} OWNER {url.username}"
            )
            # A copy has the tables' grants, and not the database's.
            await connection.execute(f"REVOKE ALL ON DATABASE test_{unique} FROM PUBLIC")
            await connection.execute(
                f"GRANT CONNECT ON DATABASE test_{unique} TO {url.username}{REQUEST_ROLE}"
            )
        finally:
            await connection.close()
        copied = url.set(database=f"test_{unique}").render_as_string(hide_password=False)
        return self._opened(name, unique, copied)

    def _opened(self, name: str, unique: str, url: str) -> Database:
        if name not in self._open:  # a copy does not stand for the session's one
            self.urls[name] = url
        self._open[unique] = Database(url, pool_size=12, name=unique)
        return self._open[unique]

    async def close(self) -> None:
        for database in self._open.values():
            await database.close()


def for_want_of_a_right(error: DBAPIError) -> bool:
    """Whether Postgres refused a statement because the role or the policies do not allow it."""
    return error.orig is not None and isinstance(error.orig.__cause__, asyncpg.InsufficientPrivilegeError)
