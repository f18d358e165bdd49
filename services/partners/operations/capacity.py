"""Reporting how much room a service has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.partners.domain.capacity import CapacityStatus, expires_at
from services.partners.events import tell
from services.partners.models import CapacityReport, IdempotencyRecord, Service
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
) -> CapacityReport | InvalidInput | NotFound | NotAllowed:
    """Say how much room there is; the report holds for the time that DOMAIN 4.6 gives the kind of service."""
    context.caller.require(Scope.CAPACITY_WRITE)
    if status is CapacityStatus.UNKNOWN:
        return invalid(status="cannot be reported: a report that is not renewed becomes UNKNOWN by itself")
    if available is not None and (available < 0 or (maximum is not None and available > maximum)):
        return invalid(available="must be from 0 to `maximum`")
    request = [str(service_id), status, available, maximum, estimated_wait_days]
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
            estimated_wait_days=estimated_wait_days,
            reported_at=context.now,
            expires_at=expires_at(service.sensitivity, context.now),
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
