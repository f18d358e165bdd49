"""Sources of money and sub-awards, as they are shown."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from services.grants import models
from services.grants.domain.sources import DeliverableState, left_for_others, pass_through_reached
from services.grants.schema.context import MONEY, Info
from services.grants.schema.extended import Organization
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.mapping import from_row
from vereda.scalars import Amount, Money


@strawberry.federation.type(
    requires_scopes=one_of(Scope.GRANT_PAY),
    description="Money that your organisation was given, what of it is used, and for what.",
)
class FundingSource:
    id: strawberry.ID
    name: str
    given_by: str
    pass_through_percent: int = strawberry.field(
        description="How much of it, at least, is for grants to people."
    )
    starts_on: date
    ends_on: date
    total: Money
    granted: Money = strawberry.field(description="What is in rounds of grants to people.")
    other: Money = strawberry.field(description="What is passed on to organisations.")
    left_for_others: Money = strawberry.field(
        description="What may still be used for anything else, so that `passThroughPercent` can be kept."
    )
    pass_through_reached: bool

    @classmethod
    def of(cls, info: Info, row: models.FundingSource) -> FundingSource:
        info.context.caller.require(Scope.GRANT_PAY)
        bound = left_for_others(row.total_cents, row.pass_through_percent)
        left = min(bound - row.other_cents, row.total_cents - row.granted_cents - row.other_cents)
        return from_row(
            cls,
            row,
            total=Money(Amount(row.total_cents, row.currency)),
            granted=Money(Amount(row.granted_cents, row.currency)),
            other=Money(Amount(row.other_cents, row.currency)),
            left_for_others=Money(Amount(left, row.currency)),
            pass_through_reached=pass_through_reached(
                row.total_cents, row.pass_through_percent, row.granted_cents
            ),
        )


@strawberry.type(description="A change of a sub-award's amount and end.")
class SubAwardAmendment:
    number: int
    amount_cents: strawberry.Private[int]
    currency: strawberry.Private[str]
    ends_on: date
    made_at: datetime

    @strawberry.field
    def amount(self) -> Money:
        return Money(Amount(self.amount_cents, self.currency))


@strawberry.federation.type(
    requires_scopes=one_of(*MONEY), description="What a sub-award's recipient owes, and by when."
)
class Deliverable:
    id: strawberry.ID
    name: str
    due_on: date
    state: DeliverableState
    submitted_at: datetime | None
    version: int
    row: strawberry.Private[models.Deliverable]

    @classmethod
    def of(cls, info: Info, row: models.Deliverable) -> Deliverable:
        info.context.caller.require(*MONEY)
        return from_row(cls, row, row=row)

    @strawberry.field
    async def sub_award(self, info: Info) -> SubAward:
        return SubAward.of(info, await info.context.loaders.sub_award.load(self.row.sub_award_id))


@strawberry.federation.type(
    requires_scopes=one_of(*MONEY),
    description="Money that one organisation passes on to another, for a purpose.",
)
class SubAward:
    id: strawberry.ID
    purpose: str
    starts_on: date
    ends_on: date
    amendment_count: int
    amount: Money
    row: strawberry.Private[models.SubAward]

    @classmethod
    def of(cls, info: Info, row: models.SubAward) -> SubAward:
        info.context.caller.require(*MONEY)
        amount = Money(Amount(row.amount_cents, row.currency))
        return from_row(cls, row, row=row, amount=amount, amendment_count=row.amendments)

    @strawberry.field
    def giver(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field
    def recipient(self) -> Organization | None:
        return Organization.of(self.row.recipient_id)

    @strawberry.field
    async def amendments(self, info: Info) -> list[SubAwardAmendment]:
        rows = await info.context.loaders.amendments.load(self.row.id)
        return [from_row(SubAwardAmendment, row, currency=self.row.currency) for row in rows]

    @strawberry.field
    async def deliverables(self, info: Info) -> list[Deliverable]:
        rows = await info.context.loaders.deliverables.load(self.row.id)
        return [Deliverable.of(info, row) for row in rows]
