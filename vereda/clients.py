"""Partner systems that may sign in: what `vereda client` does, through the authorization server's own register."""

from __future__ import annotations

import secrets
from importlib import import_module
from typing import Any
from uuid import UUID

from vereda.database import Database
from vereda.errors import OperatorError
from vereda.settings import database_url


async def add(client_id: str, organization: str, name: str, scopes: list[str]) -> str:
    """Register a client; its new secret. Raises: OperatorError when something given makes no sense."""
    try:
        owner = UUID(organization)
    except ValueError:
        raise OperatorError(f"{organization} is not an organisation's id.") from None
    secret = secrets.token_urlsafe(32)
    database = _database()
    try:
        register = _register()
        await register.register(
            database,
            register.Registration(
                client_id=client_id, secret=secret, organization=owner, name=name, scopes=scopes
            ),
        )
    finally:
        await database.close()
    return secret


async def listing() -> str:
    """One line for each client."""
    database = _database()
    try:
        clients = await _register().list_clients(database)
    finally:
        await database.close()
    return "\n".join(
        f"{one.client_id:<24} {'disabled' if one.disabled_at else 'may sign in':<12} {one.name}"
        for one in clients
    )


async def disable(client_id: str) -> None:
    database = _database()
    try:
        await _register().disable(database, client_id)
    finally:
        await database.close()


def _database() -> Database:
    return Database(database_url("gateway"), pool_size=1, name="vereda-client")


def _register() -> Any:
    return import_module("gateway.oauth.clients")
