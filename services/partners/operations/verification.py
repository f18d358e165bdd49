"""Looking records over: whose word stands for which field and since when, what nobody has looked over for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.freshness import REMINDED_AFTER_DAYS
from services.partners.domain.records import FIELDS, OWNER, RecordKind
from services.partners.events import tell
from services.partners.models import (
    IdempotencyRecord,
    Location,
    Organization,
    RecordReminder,
    RecordSource,
    Service,
)
from services.partners.operations.keeping import owner_of
from services.partners.operations.proposals import Record, record_of, said
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.pagination import Order, Page, page_request, paginate_rows
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    invalid,
    not_allowed,
    not_found,
    version_conflict,
)

_BATCH: Final = 200
#: Records that are looked over as a whole; a place is with its services.
_DATED: Final[tuple[tuple[RecordKind, type[Organization] | type[Service]], ...]] = (
    (RecordKind.ORGANIZATION, Organization),
    (RecordKind.SERVICE, Service),
)


@dataclass(frozen=True, slots=True)
class Unverified:
    """A record that nobody has looked over since `verified_at`; never, where that is None."""

    kind: RecordKind
    id: UUID
    name: str
    organization: UUID
    verified_at: datetime | None


async def verify_record(
    context: RequestContext[Any],
    kind: RecordKind,
    id_: UUID,
    version: int,
    fields: Sequence[str] | None,
    key: str,
) -> Record | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """The owner attests that these fields are as the record says, now; all of them, and the record as a whole, by default."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    attested = sorted(set(fields)) if fields is not None else list(FIELDS[kind])
    asked = [kind, str(id_), version, None if fields is None else attested]
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "verifyRecord", key, asked)
        row = await record_of(session, kind, id_)
        if row is None:
            return not_found("record")
        if claim.earlier is not None:
            return row
        if owner_of(row) != context.caller.organization:
            return not_allowed("The owner of a record looks it over; propose a change where it is wrong.")
        if row.version != version:
            return version_conflict(row.version)
        if not attested or set(attested) - set(FIELDS[kind]):
            return invalid(fields="must be fields that have sources")
        now = said(kind, row)
        await _say(session, kind, row, {field: now[field] for field in attested}, context.now)
        if fields is None and not isinstance(row, Location):
            row.verified_at = context.now
            row.updated_at = context.now
        await session.flush()
        tell(session, context.caller, "record.verified", row.id, id=str(row.id), kind=kind.value)
        claim.record({"id": str(row.id)})
        return row


async def _say(
    session: AsyncSession, kind: RecordKind, row: Record, says: dict[str, str | None], now: datetime
) -> None:
    adding = insert(RecordSource).values(
        subject_id=row.id,
        source=OWNER,
        kind=kind,
        organization_id=owner_of(row),
        says=says,
        said_at=dict.fromkeys(says, now.isoformat()),
    )
    await session.execute(
        adding.on_conflict_do_update(
            index_elements=[RecordSource.subject_id, RecordSource.source],
            set_={
                "says": RecordSource.says.op("||")(adding.excluded.says),
                "said_at": RecordSource.said_at.op("||")(adding.excluded.said_at),
            },
        )
    )


def _since(table: type[Organization] | type[Service]) -> ColumnElement[datetime]:
    """Since when nobody has looked it over: from the beginning, where nobody ever did."""
    return func.coalesce(table.verified_at, table.created_at)


async def unverified(
    context: RequestContext[Any], days: int, organization: UUID | None, first: int | None, after: str | None
) -> Page[Unverified]:
    """Records that nobody has looked over for more than `days` days, the longest first.

    Raises: ClientError PAGE_TOO_LARGE, BAD_CURSOR.
    """
    context.caller.require(Scope.DIRECTORY_READ)
    before = context.now - timedelta(days=days)
    each: list[Any] = []
    for kind, table in _DATED:
        owner = table.id if table is Organization else Service.organization_id
        rows: Any = select(
            literal(kind.value).label("kind"),
            table.id.label("id"),
            table.name.label("name"),
            owner.label("owner"),
            table.verified_at.label("verified_at"),
            _since(table).label("since"),
        ).where(or_(table.verified_at.is_(None), table.verified_at < before))
        each.append(rows if organization is None else rows.where(owner == organization))
    found = union_all(*each).subquery("unverified")
    order = (Order(found.c.since), Order(found.c.id))
    async with context.read() as session:
        page = await paginate_rows(session, select(found), order, page_request(first, after))
    rows_ = tuple(Unverified(RecordKind(r.kind), r.id, r.name, r.owner, r.verified_at) for r in page.rows)
    return Page(rows_, page.cursors, page.has_next, page.has_previous)


async def remind_of_records(context: RequestContext[Any]) -> int:
    """A round: tell each owner of a record that nobody has looked over for 150, 180, 365 days; each once. One batch."""
    async with context.write() as session:
        handled = 0
        for days in REMINDED_AFTER_DAYS:
            for kind, table in _DATED:
                rows = (await session.scalars(_unreminded(table, days, context.now))).all()
                for row in rows:
                    since = row.verified_at or row.created_at
                    owner = owner_of(row)
                    session.add(
                        RecordReminder(
                            subject_id=row.id,
                            since=since,
                            days=days,
                            organization_id=owner,
                            given_at=context.now,
                        )
                    )
                    data = {"id": str(row.id), "kind": kind.value, "days": str(days)}
                    tell(session, context.caller, "record.unverified", row.id, [owner], **data)
                handled += len(rows)
        mark_recorded(session)
        return handled


def _unreminded(table: type[Any], days: int, now: datetime) -> Select[Any]:
    later = [other for other in REMINDED_AFTER_DAYS if other > days]
    conditions = [_since(table) < now - timedelta(days=days)]
    if later:  # who was away long is told of the last that is due, not of all
        conditions.append(_since(table) >= now - timedelta(days=min(later)))
    given = (
        select(RecordReminder.subject_id)
        .where(
            RecordReminder.subject_id == table.id,
            RecordReminder.since == _since(table),
            RecordReminder.days == days,
        )
        .exists()
    )
    return select(table).where(*conditions, ~given).order_by(table.id).limit(_BATCH)
