"""Programs of grants, rounds and applications, as they are shown."""

from __future__ import annotations

from datetime import datetime
from functools import partial
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
from services.grants.domain.reviewing import BLIND
from services.grants.operations.numbers import numbers_of_round
from services.grants.schema.awards import Award, LedgerEntry
from services.grants.schema.consents import enter_application
from services.grants.schema.context import APPLICATIONS, MONEY, OFFERED, Info
from services.grants.schema.documents import GrantDocument
from services.grants.schema.extended import Client, Organization
from services.grants.schema.numbers import RoundNumbers
from services.grants.schema.reviews import GrantReview, RubricCriterion, is_blind, shown
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed_under
from vereda.mapping import from_row
from vereda.pagination import Connection
from vereda.scalars import Amount, Money


@strawberry.type(description="One amount that can be asked for.")
class FundingTier:
    id: strawberry.ID
    condition: str | None
    requires_training: bool
    amount: Money

    @classmethod
    def of(cls, row: models.FundingTier, currency: str) -> FundingTier:
        return from_row(cls, row, amount=Money(Amount(row.amount_cents, currency)))


@strawberry.type(description="A part of each award of a program.")
class FundingTranche:
    number: int
    percent: int
    receipts_percent: int = strawberry.field(
        description="How much of what was paid before receipts have to cover first."
    )


@strawberry.type(description="One thing that an applicant says of themselves.")
class EligibilityStatement:
    code: str
    text: str
    text_es: str | None


@strawberry.type(
    description="What an applicant says they meet, all of it. That they said so is kept, by this version; no answer is (R4)."
)
class EligibilityQuestionnaire:
    version: int
    published_at: datetime
    statements: list[EligibilityStatement]

    @classmethod
    async def at(cls, info: Info, program: UUID, version: int) -> EligibilityQuestionnaire | None:
        row = await info.context.loaders.eligibility.load((program, version))
        if row is None:
            return None
        return from_row(cls, row, statements=[EligibilityStatement(**one) for one in row.statements])


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
        info.context.caller.require(*OFFERED)
        row = await info.context.loaders.funding_program.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field
    def funder(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field
    async def tiers(self, info: Info) -> list[FundingTier]:
        rows = await info.context.loaders.tiers.load(self.row.id)
        return [FundingTier.of(row, self.row.currency) for row in rows]

    @strawberry.field(description="What applicants say they meet from now on: its newest version.")
    async def eligibility(self, info: Info) -> EligibilityQuestionnaire | None:
        return await EligibilityQuestionnaire.at(info, self.row.id, self.row.attestation_version)

    @strawberry.field(description="By which its applications are scored, if they are.")
    async def rubric(self, info: Info) -> list[RubricCriterion]:
        rows = await info.context.loaders.rubric.load(self.row.id)
        return [from_row(RubricCriterion, row) for row in rows]

    @strawberry.field(description="How awards are paid, in order.")
    async def tranches(self, info: Info) -> list[FundingTranche]:
        rows = await info.context.loaders.tranches.load(self.row.id)
        return [from_row(FundingTranche, row) for row in rows]

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
        info.context.caller.require(*OFFERED)
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

    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY),
        description="Every movement of its money, in order: for the funder; for others that of their own awards.",
    )
    async def ledger(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[LedgerEntry] | None:
        info.context.caller.require(*MONEY)
        program = await info.context.loaders.funding_program.load(self.row.program_id)
        return await listed_under(
            info.context.loaders.ledger_of_round,
            self.row.id,
            first,
            after,
            partial(LedgerEntry.of, currency=program.currency),
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY), description="What came of it so far, of what you may see of it."
    )
    async def numbers(self, info: Info) -> RoundNumbers | None:
        info.context.caller.require(*MONEY)
        program = await info.context.loaders.funding_program.load(self.row.program_id)
        async with info.context.read() as session:
            found = await numbers_of_round(session, self.row.id)
        return RoundNumbers.of(found, program.currency)

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
    version: int
    row: strawberry.Private[models.GrantApplication]

    @classmethod
    def of(cls, info: Info, row: models.GrantApplication) -> GrantApplication:
        info.context.caller.require(*APPLICATIONS)
        if row.state not in BLIND:  # until then it is nobody's to who decides
            enter_application(info, row)
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

    @strawberry.field(
        description="What the applicant said they meet, as it was when they applied; a newer version changes nothing of it."
    )
    async def eligibility(self, info: Info) -> EligibilityQuestionnaire | None:
        round_ = await info.context.loaders.funding_round.load(self.row.round_id)
        return await EligibilityQuestionnaire.at(info, round_.program_id, self.row.attestation_version)

    @strawberry.field
    async def awarded(self, info: Info) -> Money | None:
        cents = self.row.awarded_cents
        return None if cents is None else Money(Amount(cents, await self._currency(info)))

    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY), description="What became of it in money, once it is approved."
    )
    async def award(self, info: Info) -> Award | None:
        info.context.caller.require(*MONEY)
        row = await info.context.loaders.award_of_application.load(self.row.id)
        return Award.of(info, row) if row else None

    @strawberry.field(
        description="Who waived the training that the tier asks for; for the funder once it is decided on."
    )
    def training_waived_by(self, info: Info) -> str | None:
        return None if is_blind(info, self.row) else self.row.training_waived_by

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.GRANT_REVIEW),
        description="For the funder: one's own, and all of them once all are in.",
    )
    async def reviews(self, info: Info) -> list[GrantReview] | None:
        info.context.caller.require(Scope.GRANT_REVIEW)
        rows = await info.context.loaders.reviews.load(self.row.id)
        return [GrantReview.of(info, row) for row in shown(rows, info.context.caller.subject)]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.GRANT_APPLY, Scope.GRANT_REVIEW),
        description="For who helps to apply, all of them; for its reviewers those of the application itself, while consent"
        " holds. At most 20.",
    )
    async def documents(self, info: Info) -> list[GrantDocument] | None:
        info.context.caller.require(Scope.GRANT_APPLY, Scope.GRANT_REVIEW)
        rows = await info.context.loaders.documents.load(self.row.id)
        own = self.row.organization_id == info.context.caller.organization
        return [GrantDocument.of(info, self.row, row) for row in rows if own or row.receipt_id is None]

    @strawberry.field(description="Under your own handle; for the funder once it is decided on.")
    def client(self, info: Info) -> Client | None:
        if is_blind(info, self.row):
            return None
        own = self.row.organization_id == info.context.caller.organization
        return Client.of(self.row.applicant_handle if own else self.row.funder_handle)

    @strawberry.field(
        description="The organisation that helps the person apply; for the funder once it is decided on."
    )
    def applicant(self, info: Info) -> Organization | None:
        if is_blind(info, self.row):
            return None
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
