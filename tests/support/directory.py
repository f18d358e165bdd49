"""Builders of directory records, with good defaults. They write as the system does: past no policy but the owner's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.partners.domain.capacity import CapacityStatus
from services.partners.domain.geography import postal_code
from services.partners.domain.terms import (
    AccreditationLevel,
    OrganizationKind,
    PractitionerRole,
    Visibility,
)
from services.partners.domain.visibility import told
from services.partners.models import (
    Accreditation,
    Address,
    CapacityReport,
    LanguageOffer,
    Location,
    Organization,
    Practitioner,
    Recognition,
    Service,
    ServiceAtLocation,
)
from services.partners.operations.directory import sensitivity_of
from vereda.caller import system_caller
from vereda.database import Database
from vereda.ids import new_id


class Directory:
    """Writes directory records into a partners database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def add(self, *rows: Any) -> None:
        async with self.database.transaction(system_caller(new_id())) as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def organization(
        self, name: str = "Clínica Sol", kind: OrganizationKind = OrganizationKind.CLINIC, **more: Any
    ) -> Organization:
        row = Organization(id=new_id(), slug=f"org-{new_id()}", name=name, kind=kind, **more)
        await self.add(row)
        return row

    async def location(
        self,
        owner: UUID,
        zip_code: str = "93721",
        visibility: Visibility = Visibility.PUBLIC,
        address_1: str = "100 Main St",
    ) -> Location:
        where = postal_code(zip_code)
        assert where is not None
        row = Location(
            id=new_id(),
            organization_id=owner,
            name=f"Office in {where.city}",
            visibility=visibility,
            city=where.city,
            county_fips=where.county,
            **told(visibility, where),
        )
        await self.add(
            row, Address(organization_id=owner, location_id=row.id, address_1=address_1, postal_code=zip_code)
        )
        return row

    async def service(
        self,
        owner: UUID,
        name: str = "DACA renewal help",
        terms: tuple[str, ...] = ("legal.immigration.daca_renewal",),
        languages: tuple[str, ...] = (),
        at: Location | None = None,
        available: int | None = None,
        reported_at: datetime | None = None,
        **more: Any,
    ) -> Service:
        row = Service(
            id=new_id(),
            organization_id=owner,
            name=name,
            term_codes=list(terms),
            sensitivity=sensitivity_of(list(terms)),
            **more,
        )
        await self.add(row)
        owned = {"organization_id": owner, "service_id": row.id}
        await self.add(*(LanguageOffer(**owned, code=code) for code in languages))
        if at is not None:
            await self.add(ServiceAtLocation(**owned, location_id=at.id))
        if available is not None:
            when = reported_at or datetime.now(UTC)
            status = CapacityStatus.CAPACITY if available else CapacityStatus.NO_CAPACITY
            await self.add(
                CapacityReport(
                    **owned,
                    status=status,
                    available=available,
                    reported_at=when,
                    expires_at=when + timedelta(days=14),
                )
            )
        return row

    async def recognised(self, owner: UUID, until: date = date(2045, 1, 1)) -> Recognition:
        """DOJ recognition of an organisation, since 2024."""
        row = Recognition(organization_id=owner, granted_on=date(2024, 1, 1), expires_on=until)
        await self.add(row)
        return row

    async def representative(self, owner: UUID, accredited_until: date) -> Practitioner:
        row = Practitioner(
            id=new_id(), organization_id=owner, role=PractitionerRole.PARTIAL_REP, weekly_hours=30
        )
        await self.add(row)
        await self.add(
            Accreditation(
                organization_id=owner,
                practitioner_id=row.id,
                level=AccreditationLevel.PARTIAL,
                granted_on=date(2024, 1, 1),
                expires_on=accredited_until,
            )
        )
        return row
