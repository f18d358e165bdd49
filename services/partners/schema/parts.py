"""Parts of an organisation and its services that other things in the graph may refer to."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from services.partners import models
from services.partners.domain.capacity import CapacitySource, CapacityStatus, Room
from services.partners.domain.terms import PractitionerRole
from services.partners.schema.context import Info, may_read
from services.partners.schema.details import Accreditation
from services.partners.schema.kept import Described
from vereda.ids import parse_id
from vereda.mapping import from_row


@strawberry.federation.type(
    keys=["id"], description="Somebody who does the work; named only where they wish to be."
)
class Practitioner:
    id: strawberry.ID
    role: PractitionerRole
    public_name: str | None
    weekly_hours: int
    languages: list[str]
    started_on: date | None
    ended_on: date | None = strawberry.field(description="Their last day there.")
    version: int

    @classmethod
    def of(cls, row: models.Practitioner) -> Practitioner:
        return from_row(cls, row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Practitioner | None:
        may_read(info)
        row = await info.context.loaders.practitioner.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field(description="DOJ accreditations, the one that ends first before the others.")
    async def accreditations(self, info: Info) -> list[Accreditation]:
        rows = await info.context.loaders.accreditations.load(UUID(self.id))
        return [from_row(Accreditation, row) for row in rows]


@strawberry.federation.type(
    keys=["id"], name="DirectoryProgram", description="Services that belong together (HSDS program)."
)
class Program(Described):
    id: strawberry.ID
    name: str
    alternate_name: str | None
    description: str | None

    @classmethod
    def of(cls, row: models.Program) -> Program:
        return from_row(cls, row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Program | None:
        may_read(info)
        row = await info.context.loaders.program.load(parse_id(id, "id"))
        return cls.of(row) if row else None


@strawberry.type(description="How much room a service has, and how long that is to be believed.")
class Capacity:
    status: CapacityStatus
    available: int | None
    maximum: int | None
    unit: str
    estimated_wait_days: int | None
    source: CapacitySource
    reported_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, room: Room) -> Capacity:
        return from_row(cls, room)


@strawberry.type(description="What kind of service it is, step by step more general.")
class Generalisation:
    exact: str
    category: str
    domain: str
