"""A running gateway reaches its own database in the role of requests alone."""

from __future__ import annotations

from sqlalchemy import text

from tests.attacks.target import Target
from vereda.database import Database


async def test_a_running_gateway_has_no_connection_as_its_databases_owner(
    target: Target, database: Database
) -> None:
    """It has signed a client in, by its own tables, for `target`."""
    connected = text(
        "SELECT DISTINCT usename FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'vereda-gateway'"
    )
    async with database.engine.connect() as connection:
        roles = set(await connection.scalars(connected))

    assert roles == {database.request_role}
