"""Numbers of grants, as they are shown."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.grants import models
from services.grants.domain.outcomes import LicenceWhen, Survival
from services.grants.operations.numbers import RoundNumbers as Numbers
from services.grants.operations.numbers import money_of
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.scalars import Amount, Money, parse_money

strawberry.enum(LicenceWhen, description="When somebody had the licence that a course leads to.")
strawberry.enum(Survival, description="By their own word, twelve months after the course.")


@strawberry.type(description="The awards of one tier.")
class TierNumbers:
    tier: strawberry.ID
    approved: int
    awarded: Money


@strawberry.type(
    description="Exact numbers of the applications that you may see: all that were submitted, for the funder; your own else."
)
class RoundNumbers:
    applications: int
    approved: int
    awarded: Money = strawberry.field(description="Promised, less what was released or came back.")
    disbursed: Money
    receipted: Money
    returned: Money
    median_days_to_decision: float | None
    median_days_to_money: float | None = strawberry.field(
        description="From the decision to the first tranche."
    )
    tiers: list[TierNumbers]

    @classmethod
    def of(cls, found: Numbers, currency: str) -> RoundNumbers:
        def money(cents: int) -> Money:
            return Money(Amount(cents, currency))

        return cls(
            applications=found.applications,
            approved=found.approved,
            awarded=money(found.awarded_cents),
            disbursed=money(found.disbursed_cents),
            receipted=money(found.receipted_cents),
            returned=money(found.returned_cents),
            median_days_to_decision=found.median_days_to_decision,
            median_days_to_money=found.median_days_to_money,
            tiers=[
                TierNumbers(
                    tier=strawberry.ID(str(one.tier)), approved=one.approved, awarded=money(one.awarded_cents)
                )
                for one in found.tiers
            ],
        )


@strawberry.type(description="How many applied for a tier, with an outcome. With neither it is the total.")
class GrantFigure:
    tier: Money | None
    outcome: str | None = strawberry.field(description="`APPROVED`, `NOT_APPROVED` or `OPEN`.")
    count: int | None
    mark: str | None = strawberry.field(description='Where the count is null: `"<11"`, or `"withheld"`.')
    awarded: Money | None = strawberry.field(description="Of approved ones; shown where their count is.")


@strawberry.federation.type(
    requires_scopes=one_of(Scope.REPORT_READ),
    description="The network's figures of grants applied for in a year, published once and never changed.",
)
class PublishedGrants:
    year: int
    published_at: datetime
    median_days_to_decision: int | None = strawberry.field(description="Null where few were decided on.")
    figures: list[GrantFigure] = strawberry.field(description="None where too little was counted.")

    @classmethod
    def of(cls, row: models.PublishedGrants) -> PublishedGrants:
        money = money_of(row.figures)
        figures = []
        for cell, count in row.figures:
            values = dict(map(tuple, cell))
            if not values.keys() <= {"tier", "outcome"}:
                continue  # how far the money is: for the dashboard's sums
            tier = values.get("tier")
            cents = money.get(tier) if tier and values.get("outcome") == "APPROVED" else None
            amount = parse_money(tier) if tier else None
            figures.append(
                GrantFigure(
                    tier=Money(amount) if amount else None,
                    outcome=values.get("outcome"),
                    count=count if isinstance(count, int) else None,
                    mark=count if isinstance(count, str) else None,
                    awarded=Money(Amount(cents, amount.currency)) if cents is not None and amount else None,
                )
            )
        return cls(
            year=row.year,
            published_at=row.published_at,
            median_days_to_decision=row.median_days_to_decision,
            figures=figures,
        )


@strawberry.type(description="How many awards, by licence and by survival. With neither it is the total.")
class OutcomeFigure:
    licence: LicenceWhen | None
    survival: Survival | None
    count: int | None
    mark: str | None = strawberry.field(description='Where the count is null: `"<11"`, or `"withheld"`.')


@strawberry.federation.type(
    requires_scopes=one_of(Scope.REPORT_READ),
    description="What came of a year's awards for the people, published once, 15 months after the year.",
)
class PublishedOutcomes:
    year: int
    published_at: datetime
    median_days_to_money: int | None = strawberry.field(
        description="From the decision to the first tranche; null where few were paid."
    )
    figures: list[OutcomeFigure] = strawberry.field(description="None where too little was counted.")

    @classmethod
    def of(cls, row: models.PublishedOutcomes) -> PublishedOutcomes:
        figures = []
        for cell, count in row.figures:
            values = dict(map(tuple, cell))
            figures.append(
                OutcomeFigure(
                    licence=LicenceWhen(values["licence"]) if "licence" in values else None,
                    survival=Survival(values["survival"]) if "survival" in values else None,
                    count=count if isinstance(count, int) else None,
                    mark=count if isinstance(count, str) else None,
                )
            )
        return cls(
            year=row.year,
            published_at=row.published_at,
            median_days_to_money=row.median_days_to_money,
            figures=figures,
        )
