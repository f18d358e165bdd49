"""What the operator's commands about sign-ins have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from vereda.database import Database
from vereda.errors import OperatorError
from vereda.service import open_database
from vereda.settings import load_settings


@asynccontextmanager
async def gateway_database() -> AsyncIterator[Database]:
    """The gateway's database, by one connection. Raises: OperatorError when nothing says where it is."""
    database = open_database("gateway", load_settings().model_copy(update={"database_pool": 1}))
    try:
        yield database
    finally:
        await database.close()


def organization_id(text: str) -> UUID:
    """Raises: OperatorError when it is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise OperatorError(f"{text} is not an organisation's id.") from None
