"""How much room services have: as reported, and as it is known at a moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.capacity import (
    CapacityStatus,
    CapacityUnit,
    Room,
    expires_at,
    room_now,
)
from services.partners.events import tell
from services.partners.models import CapacityReport, IdempotencyRecord, Service, ServiceStanding
from services.partners.operations.practices import matters_of, practices, rooms_by_hours
from services.partners.operations.search import among
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found


async def report_capacity(
    context: RequestContext[Any],
    service_id: UUID,
    status: CapacityStatus,
    available: int | None,
    maximum: int | None,
    estimated_wait_days: int | None,
    key: str,
    unit: CapacityUnit = CapacityUnit.CASE,
) -> CapacityReport | InvalidInput | NotFound | NotAllowed:
    """Say how much room there is; the report holds for a time by the kind of service, and by what is counted."""
    context.caller.require(Scope.CAPACITY_WRITE)
    if status is CapacityStatus.UNKNOWN:
        return invalid(status="cannot be reported: a report that is not renewed becomes UNKNOWN by itself")
    if available is not None and (available < 0 or (maximum is not None and available > maximum)):
        return invalid(available="must be from 0 to `maximum`")
    request = [str(service_id), status, available, maximum, estimated_wait_days, unit]
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "reportCapacity", key, request)
        if claim.earlier is not None:
            return await session.get_one(CapacityReport, UUID(claim.earlier["id"]))
        service = await session.get(Service, service_id)
        if service is None:
            return not_found("service")
        if service.organization_id != context.caller.organization:
            return not_allowed("Only the organisation that offers a service may report its capacity.")
        report = CapacityReport(
            organization_id=service.organization_id,
            service_id=service.id,
            status=status,
            available=available,
            maximum=maximum,
            unit=unit.value,
            estimated_wait_days=estimated_wait_days,
            reported_at=context.now,
            expires_at=expires_at(service.sensitivity, context.now, unit.value),
        )
        session.add(report)
        await session.flush()
        tell(
            session,
            context.caller,
            "capacity.reported",
            service.id,
            service=str(service.id),
            status=status.value,
        )
        claim.record({"id": str(report.id)})
        return report


async def rooms(session: AsyncSession, services: Collection[Service], now: datetime) -> dict[UUID, Room]:
    """What is known of the services' room at `now`; nothing of one of which nothing was ever known."""
    ids = [service.id for service in services]
    reports = await _newest_reports(session, ids)
    declined = await _declined(session, ids, now)
    # What holds is not worked out anew.
    open_ones = [one for one in services if one.id not in reports or reports[one.id].expires_at <= now]
    legal = {one.organization_id for one in open_ones if matters_of(one)}
    by_hours = await rooms_by_hours(session, open_ones, await practices(session, legal), now)
    found = {id_: room_now(reports.get(id_), by_hours.get(id_), declined.get(id_), now) for id_ in ids}
    return {id_: room for id_, room in found.items() if room is not None}


def room_of(report: CapacityReport) -> Room:
    return Room(
        status=report.status,
        source=report.source,
        reported_at=report.reported_at,
        expires_at=report.expires_at,
        available=report.available,
        maximum=report.maximum,
        unit=report.unit,
        estimated_wait_days=report.estimated_wait_days,
    )


async def _newest_reports(session: AsyncSession, services: Collection[UUID]) -> dict[UUID, Room]:
    """Served by ix_capacity_reports_newest."""
    newest = (
        select(CapacityReport)
        .where(among(CapacityReport.service_id, services))
        .ext(distinct_on(CapacityReport.service_id))
        .order_by(CapacityReport.service_id, CapacityReport.reported_at.desc())
    )
    return {report.service_id: room_of(report) for report in await session.scalars(newest)}


async def _declined(session: AsyncSession, services: Collection[UUID], now: datetime) -> dict[UUID, datetime]:
    """Since when those have no room that declined for want of it, as referrals stated; while that is to be believed."""
    rows = await session.scalars(
        select(ServiceStanding).where(
            among(ServiceStanding.service_id, services), ServiceStanding.expires_at > now
        )
    )
    return {row.service_id: row.declined_at for row in rows if row.declined_at is not None}
