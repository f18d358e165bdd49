"""What other services own, and this one adds its own part to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from services.grants import models
from services.grants.schema.consents import holding, shown
from services.grants.schema.context import APPLICATIONS, OFFERED, SEATS, Info
from services.grants.schema.reviews import is_blind
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.pagination import Connection

if TYPE_CHECKING:
    from services.grants.schema.funding import FundingProgram, GrantApplication
    from services.grants.schema.training import Cohort, Participant

_Cohort = Annotated["Cohort", strawberry.lazy("services.grants.schema.training")]
_Participant = Annotated["Participant", strawberry.lazy("services.grants.schema.training")]
_FundingProgram = Annotated["FundingProgram", strawberry.lazy("services.grants.schema.funding")]
_GrantApplication = Annotated["GrantApplication", strawberry.lazy("services.grants.schema.funding")]


@strawberry.federation.type(keys=["id"])
class Organization:
    id: strawberry.ID

    @classmethod
    def of(cls, id_: UUID) -> Organization:
        return cls(id=strawberry.ID(str(id_)))

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Organization:
        return cls.of(parse_id(id, "id"))

    @strawberry.federation.field(
        requires_scopes=one_of(*OFFERED), description="Training cohorts that it hosts, the newest first."
    )
    async def cohorts_hosted(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[_Cohort] | None:
        from services.grants.schema.training import Cohort

        info.context.caller.require(*OFFERED)
        return await listed_under(info.context.loaders.cohorts_hosted, UUID(self.id), first, after, Cohort.of)

    @strawberry.federation.field(
        requires_scopes=one_of(*OFFERED), description="Programs of grants that it runs."
    )
    async def funding_programs(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[_FundingProgram] | None:
        from services.grants.schema.funding import FundingProgram

        info.context.caller.require(*OFFERED)
        return await listed_under(
            info.context.loaders.funding_programs, UUID(self.id), first, after, FundingProgram.of
        )


@strawberry.type(description="That a seat or an application of a client was shown to an organisation.")
class ProgramDisclosure:
    at: datetime
    data_classes: list[str] = strawberry.field(
        description="`PROGRAM`: a seat in a course. `FINANCIAL`: an application for money."
    )
    purpose: str = strawberry.field(description="`PROGRAM_ENROLMENT` or `GRANT_APPLICATION`.")
    consent: strawberry.ID = strawberry.field(description="The consent that allowed it, by its id.")
    recipient_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: models.AuditEntry) -> ProgramDisclosure:
        return cls(
            at=row.at,
            data_classes=list(row.data_classes),
            purpose=row.purpose or "",
            consent=strawberry.ID(str(row.consent_id)),
            recipient_id=row.recipient_id or row.organization_id,
        )

    @strawberry.field
    def recipient(self) -> Organization | None:
        return Organization.of(self.recipient_id)


@strawberry.federation.type(keys=["handle"])
class Client:
    handle: strawberry.ID
    assurance: str | None = strawberry.federation.field(external=True, default=None)

    @classmethod
    def of(cls, handle: UUID) -> Client:
        return cls(handle=strawberry.ID(str(handle)))

    @classmethod
    def resolve_reference(cls, handle: strawberry.ID, assurance: str | None = None) -> Client:
        return cls(handle=strawberry.ID(str(parse_id(handle, "handle"))), assurance=assurance)

    @strawberry.federation.field(
        requires_scopes=one_of(*SEATS),
        requires=["assurance"],
        description="Seats in training cohorts that you brought them to, or that you host, while consent holds.",
    )
    async def participations(self, info: Info) -> list[_Participant] | None:
        from services.grants.schema.training import Participant

        info.context.caller.require(*SEATS)
        rows = await info.context.loaders.participations.load(UUID(self.handle)) or []
        held = await holding(info, self.assurance, str(self.handle))
        return [Participant.of(info, row) for row in rows if shown(info, row.consent_id, held)]

    @strawberry.federation.field(
        requires_scopes=one_of(*APPLICATIONS),
        requires=["assurance"],
        description="Grants that you help them apply for, or that they ask of you, while consent holds.",
    )
    async def grant_applications(self, info: Info) -> list[_GrantApplication] | None:
        from services.grants.schema.funding import GrantApplication

        info.context.caller.require(*APPLICATIONS)
        rows = await info.context.loaders.applications_of_client.load(UUID(self.handle)) or []
        held = await holding(info, self.assurance, str(self.handle))
        return [
            GrantApplication.of(info, row)
            for row in rows
            if shown(info, row.consent_id, held) and not is_blind(info, row)
        ]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Who was shown a seat or an application of theirs, the newest first: for the organisation that brought"
        " them. What else was shown of them is in `disclosures`.",
    )
    async def program_disclosures(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ProgramDisclosure] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        loader = info.context.loaders.disclosures_of_client
        return await listed_under(loader, UUID(self.handle), first, after, ProgramDisclosure.of)
