"""What every change of a record of one's own goes through: whose it is, which version was read, once for each key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.events import tell
from services.partners.models import IdempotencyRecord, Location, Organization, Service
from vereda.caller import Caller
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    not_allowed,
    not_found,
    version_conflict,
)

NOT_YOURS: Final = "Only the organisation that a record belongs to may change it."
Refused = InvalidInput | NotFound | NotAllowed | VersionConflict

Row = TypeVar("Row", Organization, Service, Location)


@dataclass(frozen=True, slots=True)
class Change(Generic[Row]):
    """A row of the caller's own that may be changed now."""

    row: Row
    record: Callable[[dict[str, Any]], None]


async def own(
    session: AsyncSession,
    context: RequestContext[Any],
    kind: type[Row],
    id_: UUID,
    version: int,
    operation: str,
    key: str,
    fields_: Any,
) -> Change[Row] | Row | NotFound | NotAllowed | VersionConflict:
    """The caller's own row at the version that they read, locked; or the earlier outcome of the same key."""
    request = {"id": str(id_), "version": version, **asdict(fields_)}
    claim = await claim_key(session, IdempotencyRecord, context.caller, operation, key, request)
    row = await session.get(kind, id_, with_for_update=True)
    if row is None:
        # A row that others may read but not lock looks absent here; reading tells the two apart.
        visible = await session.get(kind, id_)
        return not_allowed(NOT_YOURS) if visible is not None else not_found(kind.__name__.lower())
    if claim.earlier is not None:
        return row
    if owner_of(row) != context.caller.organization:
        return not_allowed(NOT_YOURS)
    if row.version != version:
        return version_conflict(row.version)
    return Change(row, claim.record)


def owner_of(row: Organization | Service | Location) -> UUID:
    return row.id if isinstance(row, Organization) else row.organization_id


async def added(
    session: AsyncSession, caller: Caller, row: Row, record: Callable[[dict[str, Any]], None], event: str
) -> Row:
    session.add(row)
    await session.flush()
    tell(session, caller, event, row.id, id=str(row.id))
    record({"id": str(row.id)})
    return row


async def changed(
    session: AsyncSession,
    context: RequestContext[Any],
    change: Change[Row],
    columns: dict[str, Any],
    event: str,
) -> Row:
    for name, value in columns.items():
        setattr(change.row, name, value)
    change.row.updated_at = context.now  # always a change, so that each update has a version of its own
    await session.flush()
    tell(session, context.caller, event, change.row.id, id=str(change.row.id))
    change.record({"id": str(change.row.id)})
    return change.row
