"""What of programmes and money is shown, and to whom."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Final, TypeAlias
from uuid import UUID

import strawberry

from services.grants import models
from services.grants.domain.applications import (
    ApplicationMoveName,
    ApplicationState,
    Decision,
    Side,
    allowed,
)
from services.grants.domain.cohorts import CohortStatus, ParticipantStatus, Season
from services.grants.loaders import Loaders
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.mapping import from_row
from vereda.pagination import Connection
from vereda.scalars import Amount, Money
from vereda.signed import TokenRefusedError
from vereda.statements import ConsentsInForce, verifier

Info: TypeAlias = strawberry.Info[RequestContext[Loaders], None]

#: Any of these opens what an operation is for: what is offered, a client's seat, a client's application.
_OFFERED: Final = (Scope.DIRECTORY_READ,)
SEATS: Final = (Scope.CLIENT_READ, Scope.COHORT_WRITE)
APPLICATIONS: Final = (Scope.CLIENT_READ, Scope.GRANT_APPLY, Scope.GRANT_REVIEW)


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
        requires_scopes=one_of(*_OFFERED), description="Training cohorts that it hosts, the newest first."
    )
    async def cohorts_hosted(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Cohort] | None:
        info.context.caller.require(*_OFFERED)
        return await listed_under(info.context.loaders.cohorts_hosted, UUID(self.id), first, after, Cohort.of)

    @strawberry.federation.field(
        requires_scopes=one_of(*_OFFERED), description="Programs of grants that it runs."
    )
    async def funding_programs(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[FundingProgram] | None:
        info.context.caller.require(*_OFFERED)
        return await listed_under(
            info.context.loaders.funding_programs, UUID(self.id), first, after, FundingProgram.of
        )


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
    async def participations(self, info: Info) -> list[Participant] | None:
        info.context.caller.require(*SEATS)
        rows = await info.context.loaders.participations.load(UUID(self.handle)) or []
        holding = await self._holding(info)
        return [Participant.of(info, row) for row in rows if _shown(info, row.consent_id, holding)]

    @strawberry.federation.field(
        requires_scopes=one_of(*APPLICATIONS),
        requires=["assurance"],
        description="Grants that you help them apply for, or that they ask of you, while consent holds.",
    )
    async def grant_applications(self, info: Info) -> list[GrantApplication] | None:
        info.context.caller.require(*APPLICATIONS)
        rows = await info.context.loaders.applications_of_client.load(UUID(self.handle)) or []
        holding = await self._holding(info)
        return [GrantApplication.of(info, row) for row in rows if _shown(info, row.consent_id, holding)]

    async def _holding(self, info: Info) -> frozenset[str]:
        """The consents that hold now, by referrals' signed word; none without it (R9)."""
        try:
            statement = await verifier(ConsentsInForce, info.context.settings).read(self.assurance or "")
        except TokenRefusedError:
            return frozenset()
        mine = statement.reader == info.context.caller.organization and str(statement.handle) == self.handle
        return frozenset(statement.consents) if mine else frozenset()


def _shown(info: Info, consent: UUID, holding: frozenset[str]) -> bool:
    if str(consent) not in holding:
        info.context.redact(info, "PROGRAM", "NO_CONSENT")
        return False
    return True


@strawberry.federation.type(keys=["id"], description="A course that is held again and again.")
class TrainingProgram:
    id: strawberry.ID
    name: str
    name_es: str | None
    description: str | None
    version: int
    organization_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: models.TrainingProgram) -> TrainingProgram:
        return from_row(cls, row, organization_id=row.organization_id)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> TrainingProgram | None:
        info.context.caller.require(*_OFFERED)
        row = await info.context.loaders.training_program.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    def organization(self) -> Organization | None:
        return Organization.of(self.organization_id)

    @strawberry.field
    async def cohorts(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Cohort]:
        return await listed_under(
            info.context.loaders.cohorts_of_program, UUID(self.id), first, after, Cohort.of
        )


@strawberry.federation.type(keys=["id"], description="One run of a training program.")
class Cohort:
    id: strawberry.ID
    season: Season
    year: int
    capacity: int
    admitted: int = strawberry.field(description="Seats that are taken; never more than `capacity`.")
    starts_on: date
    ends_on: date
    languages: list[str]
    minimum_attendance_percent: int
    status: CohortStatus
    version: int
    row: strawberry.Private[models.Cohort]

    @classmethod
    def of(cls, row: models.Cohort) -> Cohort:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Cohort | None:
        info.context.caller.require(*_OFFERED)
        row = await info.context.loaders.cohort.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    def host(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field
    async def program(self, info: Info) -> TrainingProgram:
        return TrainingProgram.of(await info.context.loaders.training_program.load(self.row.program_id))

    @strawberry.field(description="All for the host; for others those whom they brought.")
    async def participants(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Participant]:
        return await listed_under(
            info.context.loaders.participants, self.row.id, first, after, partial(Participant.of, info)
        )


@strawberry.federation.type(keys=["id"], requires_scopes=one_of(*SEATS), description="A client in a cohort.")
class Participant:
    id: strawberry.ID
    status: ParticipantStatus
    enrolled_at: datetime
    version: int
    row: strawberry.Private[models.Participant]

    @classmethod
    def of(cls, info: Info, row: models.Participant) -> Participant:
        info.context.caller.require(*SEATS)
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Participant | None:
        info.context.caller.require(*SEATS)
        row = await info.context.loaders.participant.load(parse_id(id, "id"))
        return cls.of(info, row) if row else None

    @strawberry.field
    async def cohort(self, info: Info) -> Cohort:
        return Cohort.of(await info.context.loaders.cohort.load(self.row.cohort_id))

    @strawberry.field(description="Under your own handle.")
    def client(self, info: Info) -> Client | None:
        host = self.row.organization_id == info.context.caller.organization
        return Client.of(self.row.host_handle if host else self.row.sponsor_handle)

    @strawberry.field(description="The organisation that brought the client.")
    def sponsor(self) -> Organization | None:
        return Organization.of(self.row.sponsor_id)


@strawberry.type(description="One amount that can be asked for.")
class FundingTier:
    id: strawberry.ID
    condition: str | None
    requires_training: bool
    amount: Money

    @classmethod
    def of(cls, row: models.FundingTier, currency: str) -> FundingTier:
        return from_row(cls, row, amount=Money(Amount(row.amount_cents, currency)))


@strawberry.federation.type(keys=["id"], description="Money for a purpose, in tiers.")
class FundingProgram:
    id: strawberry.ID
    name: str
    name_es: str | None
    description: str | None
    attestation: str = strawberry.field(
        description="What an applicant says of themselves; the answer isn't kept."
    )
    attestation_version: int
    version: int
    row: strawberry.Private[models.FundingProgram]

    @classmethod
    def of(cls, row: models.FundingProgram) -> FundingProgram:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> FundingProgram | None:
        info.context.caller.require(*_OFFERED)
        row = await info.context.loaders.funding_program.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    def funder(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field
    async def tiers(self, info: Info) -> list[FundingTier]:
        rows = await info.context.loaders.tiers.load(self.row.id)
        return [FundingTier.of(row, self.row.currency) for row in rows]

    @strawberry.field
    async def rounds(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[FundingRound]:
        return await listed_under(info.context.loaders.rounds, self.row.id, first, after, FundingRound.of)


@strawberry.federation.type(keys=["id"], description="A time in which applications are taken.")
class FundingRound:
    id: strawberry.ID
    name: str
    opens_at: datetime
    closes_at: datetime
    version: int
    row: strawberry.Private[models.FundingRound]

    @classmethod
    def of(cls, row: models.FundingRound) -> FundingRound:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> FundingRound | None:
        info.context.caller.require(*_OFFERED)
        row = await info.context.loaders.funding_round.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    async def program(self, info: Info) -> FundingProgram:
        return FundingProgram.of(await info.context.loaders.funding_program.load(self.row.program_id))

    @strawberry.field
    async def budget(self, info: Info) -> Money:
        return await self._money(info, self.row.budget_cents)

    @strawberry.field(description="What has been awarded so far; never more than `budget`.")
    async def awarded(self, info: Info) -> Money:
        return await self._money(info, self.row.awarded_cents)

    @strawberry.field(description="All that were submitted, for the funder; for others their own.")
    async def applications(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[GrantApplication]:
        return await listed_under(
            info.context.loaders.applications, self.row.id, first, after, partial(GrantApplication.of, info)
        )

    async def _money(self, info: Info, cents: int) -> Money:
        program = await info.context.loaders.funding_program.load(self.row.program_id)
        return Money(Amount(cents, program.currency))


@strawberry.type(description="What happened to an application.")
class GrantApplicationEvent:
    sequence: int
    move: ApplicationMoveName | None
    to_state: ApplicationState
    side: Side
    occurred_at: datetime


@strawberry.federation.type(
    keys=["id"], requires_scopes=one_of(*APPLICATIONS), description="One person's application in one round."
)
class GrantApplication:
    id: strawberry.ID
    state: ApplicationState
    decision: Decision | None
    submitted_at: datetime | None
    decided_at: datetime | None
    training_waived_by: str | None = strawberry.field(
        description="Who waived the training that the tier asks for."
    )
    version: int
    row: strawberry.Private[models.GrantApplication]

    @classmethod
    def of(cls, info: Info, row: models.GrantApplication) -> GrantApplication:
        info.context.caller.require(*APPLICATIONS)
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> GrantApplication | None:
        info.context.caller.require(*APPLICATIONS)
        row = await info.context.loaders.application.load(parse_id(id, "id"))
        return cls.of(info, row) if row else None

    @strawberry.field
    async def round(self, info: Info) -> FundingRound:
        return FundingRound.of(await info.context.loaders.funding_round.load(self.row.round_id))

    @strawberry.field
    async def tier(self, info: Info) -> FundingTier:
        row = await info.context.loaders.tier.load(self.row.tier_id)
        return FundingTier.of(row, await self._currency(info))

    @strawberry.field
    async def awarded(self, info: Info) -> Money | None:
        cents = self.row.awarded_cents
        return None if cents is None else Money(Amount(cents, await self._currency(info)))

    @strawberry.field(description="Under your own handle.")
    def client(self, info: Info) -> Client | None:
        own = self.row.organization_id == info.context.caller.organization
        return Client.of(self.row.applicant_handle if own else self.row.funder_handle)

    @strawberry.field(description="The organisation that helps the person apply.")
    def applicant(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field
    async def timeline(self, info: Info) -> list[GrantApplicationEvent]:
        rows = await info.context.loaders.events.load(self.row.id)
        return [from_row(GrantApplicationEvent, row) for row in rows]

    @strawberry.field
    def allowed_moves(self, info: Info) -> list[ApplicationMoveName]:
        own = self.row.organization_id == info.context.caller.organization
        return [move.name for move in allowed(self.row.state, Side.APPLICANT if own else Side.FUNDER)]

    async def _currency(self, info: Info) -> str:
        round_ = await info.context.loaders.funding_round.load(self.row.round_id)
        program = await info.context.loaders.funding_program.load(round_.program_id)
        return str(program.currency)
