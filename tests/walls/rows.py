"""Rows of any table, made from its model: whose they are, what they hang on, and values that its constraints take."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Enum, MetaData, Table, Uuid, insert, types
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.caller import Scope
from vereda.ids import new_id

NOW: Final = datetime.now(UTC)
#: Columns that hold an organisation's id.
OWNERS: Final = frozenset(
    {
        "owner_id",
        "organization_id",
        "home_organization_id",
        "actor_organization_id",
        "sender_id",
        "recipient_id",
        "sponsor_id",
        "funder_id",
    }
)
#: Where a check constraint wants more than any value of the column's type.
_PARTICULAR: Final[dict[tuple[str, str], Any]] = {
    ("messages", "expires_at"): NOW + timedelta(days=90),
    ("cohorts", "ends_on"): date.today() + timedelta(days=90),
    ("funding_rounds", "closes_at"): NOW + timedelta(days=90),
    ("ledger_entries", "credit"): "BUDGET",
    ("funding_sources", "ends_on"): date.today() + timedelta(days=90),
    ("sub_awards", "ends_on"): date.today() + timedelta(days=90),
    ("oauth_clients", "client_id"): lambda: f"system-{new_id()}",
    ("oauth_clients", "secret_hash"): "not a hash",
    ("oauth_clients", "scopes"): [scope.value for scope in Scope],
    ("locations", "visibility"): "CONFIDENTIAL",
    ("service_documents", "words"): "word",
    ("published_grants", "year"): lambda: new_id().int % 2**30,
    ("published_outcomes", "year"): lambda: new_id().int % 2**30,
    ("feed_queue", "event_sequence"): lambda: new_id().int % 2**62,
    ("audit_leaves", "sequence"): lambda: new_id().int % 2**62,
    ("audit_checkpoints", "size"): lambda: new_id().int % 2**62,
}
_BY_TYPE: Final[tuple[tuple[type[Any], Any], ...]] = (
    (types.Boolean, False),
    (types.Integer, 1),
    (types.Float, 1.0),
    (types.DateTime, NOW),
    (types.Date, date.today()),
    (types.Time, time(9)),
    (JSONB, {}),
    (ARRAY, []),
)


class Rows:
    """One row of every table of `metadata`, all of them of one organisation."""

    def __init__(self, metadata: MetaData, organization: UUID) -> None:
        self.organization = organization
        self.tables = {table.name: table for table in metadata.sorted_tables}
        self.values: dict[str, dict[str, Any]] = {}
        for name in self.tables:  # parents first
            self.values[name] = self.another(name)

    def another(self, name: str) -> dict[str, Any]:
        """Values of a new row of the table `name` that hangs on the rows of this set."""
        table = self.tables[name]
        return {
            column.name: self._value(table, column)
            for column in table.columns
            if column.computed is None and column.identity is None and self._wanted(table, column)
        }

    def _wanted(self, table: Table, column: Column[Any]) -> bool:
        return (
            column.primary_key
            or (not column.nullable and column.server_default is None)
            or column.name in OWNERS
            or (table.name, column.name) in _PARTICULAR
        )

    def _value(self, table: Table, column: Column[Any]) -> Any:
        if (table.name, column.name) in _PARTICULAR:
            value = _PARTICULAR[table.name, column.name]
            return value() if callable(value) else value
        if table.name == "organizations" and column.name == "id":
            return self.organization
        for key in column.foreign_keys:
            return self.values[key.column.table.name][key.column.name]
        if column.name in OWNERS:
            return self.organization
        if column.default is not None and column.default.is_scalar:
            return column.default.arg
        return _of_type(column)


def _of_type(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Uuid):
        return new_id()
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class)) if kind.enum_class is not None else kind.enums[0]
    if isinstance(kind, types.LargeBinary):
        return new_id().bytes
    if isinstance(kind, types.String):
        return new_id().hex[-(min(kind.length or 32, 32)) :]
    return next(value for type_, value in _BY_TYPE if isinstance(kind, type_))


def owners_of(table: Table) -> set[str]:
    """Names of the columns that hold an organisation's id."""
    return OWNERS & {column.name for column in table.columns}


async def write(session: AsyncSession, rows: Rows) -> None:
    """Write them, parents first."""
    for name, table in rows.tables.items():
        await session.execute(insert(table).values(rows.values[name]))
