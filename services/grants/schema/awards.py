"""Awards and their money, as they are shown. No client is: who may know of one asks for the application."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from services.grants import models
from services.grants.domain.applications import ApplicationMoveName, ApplicationState, Side, allowed
from services.grants.domain.money import (
    Account,
    EntryKind,
    ReceiptStatus,
    Spending,
    Tranche,
    is_due,
    tranche_amounts,
)
from services.grants.schema.context import MONEY, Info
from services.grants.schema.documents import GrantDocument
from services.grants.schema.extended import Organization
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.mapping import from_row
from vereda.scalars import Amount, Money


@strawberry.type(description="A part of an award.")
class AwardTranche:
    number: int
    amount: Money
    receipts_percent: int = strawberry.field(
        description="How much of what was paid before receipts have to cover first."
    )
    due: bool = strawberry.field(description="That it is the next to be paid, and receipts suffice.")
    paid_at: datetime | None
    payer_reference: str | None


@strawberry.type(description="What was bought with an award.")
class Receipt:
    id: strawberry.ID
    amount: Money
    spent_for: Spending
    spent_on: date
    status: ReceiptStatus
    decided_at: datetime | None
    version: int
    row: strawberry.Private[models.Receipt]

    @classmethod
    def of(cls, row: models.Receipt, currency: str) -> Receipt:
        return from_row(cls, row, row=row, amount=Money(Amount(row.amount_cents, currency)))

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.GRANT_APPLY, Scope.GRANT_PAY),
        description="The receipt itself: for who recorded it, and for who pays, while consent holds.",
    )
    async def documents(self, info: Info) -> list[GrantDocument] | None:
        info.context.caller.require(Scope.GRANT_APPLY, Scope.GRANT_PAY)
        rows = await info.context.loaders.documents_of_receipt.load(self.row.id)
        award = await info.context.loaders.award.load(self.row.award_id)
        application = await info.context.loaders.application.load(award.application_id)
        return [GrantDocument.of(info, application, row) for row in rows]


@strawberry.type(description="Money that came back.")
class AwardReturn:
    id: strawberry.ID
    amount: Money
    payer_reference: str
    received_at: datetime


@strawberry.type(
    description="One amount out of the account `credit` into the account `debit`. Entries are never changed."
)
class LedgerEntry:
    id: strawberry.ID
    kind: EntryKind
    debit: Account
    credit: Account
    amount: Money
    occurred_at: datetime

    @classmethod
    def of(cls, row: models.LedgerEntry, currency: str) -> LedgerEntry:
        return from_row(cls, row, amount=Money(Amount(row.amount_cents, currency)))


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=one_of(*MONEY),
    description="What was granted on an application, what of it was paid, and what that was spent on.",
)
class Award:
    id: strawberry.ID
    awarded_at: datetime
    row: strawberry.Private[models.Award]

    @classmethod
    def of(cls, info: Info, row: models.Award) -> Award:
        info.context.caller.require(*MONEY)
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Award | None:
        info.context.caller.require(*MONEY)
        row = await info.context.loaders.award.load(parse_id(id, "id"))
        return cls.of(info, row) if row else None

    @strawberry.field(description="Where it stands; the same as its application's.")
    async def state(self, info: Info) -> ApplicationState:
        application = await info.context.loaders.application.load(self.row.application_id)
        return ApplicationState(application.state)

    @strawberry.field(description="What `settleAward` expects.")
    async def version(self, info: Info) -> int:
        application = await info.context.loaders.application.load(self.row.application_id)
        return int(application.version)

    @strawberry.field(description="What can be done with its money; for the funder.")
    async def allowed_moves(self, info: Info) -> list[ApplicationMoveName]:
        if self.row.organization_id != info.context.caller.organization:
            return []
        application = await info.context.loaders.application.load(self.row.application_id)
        return [move.name for move in allowed(application.state, Side.FUNDER, of_award=True)]

    @strawberry.field
    def funder(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field(description="The organisation that helped the person apply.")
    def applicant(self) -> Organization | None:
        return Organization.of(self.row.recipient_id)

    @strawberry.field
    async def amount(self, info: Info) -> Money:
        return await self._money(info, self.row.amount_cents)

    @strawberry.field(description="What was paid; never more than `amount`.")
    async def disbursed(self, info: Info) -> Money:
        return await self._money(info, self.row.disbursed_cents)

    @strawberry.field(description="What accepted receipts cover of what was paid.")
    async def receipted(self, info: Info) -> Money:
        return await self._money(info, self.row.receipted_cents)

    @strawberry.field(description="What came back to the funder.")
    async def returned(self, info: Info) -> Money:
        return await self._money(info, self.row.returned_cents)

    @strawberry.field(description="What was promised, never paid, and went back to the round.")
    async def released(self, info: Info) -> Money:
        return await self._money(info, self.row.released_cents)

    @strawberry.field
    async def tranches(self, info: Info) -> list[AwardTranche]:
        loaders, currency = info.context.loaders, await self._currency(info)
        round_ = await loaders.funding_round.load(self.row.round_id)
        rules = [
            Tranche(one.percent, one.receipts_percent)
            for one in await loaders.tranches.load(round_.program_id)
        ]
        paid = await loaders.disbursements.load(self.row.id)
        amounts = tranche_amounts(self.row.amount_cents, rules)
        shown = []
        for number, (rule, cents) in enumerate(zip(rules, amounts, strict=True), start=1):
            done = paid[number - 1] if number <= len(paid) else None
            shown.append(
                AwardTranche(
                    number=number,
                    amount=Money(Amount(cents, currency)),
                    receipts_percent=rule.receipts_percent,
                    due=number == len(paid) + 1
                    and is_due(rule, self.row.disbursed_cents, self.row.receipted_cents),
                    paid_at=done.paid_at if done else None,
                    payer_reference=done.payer_reference if done else None,
                )
            )
        return shown

    @strawberry.field
    async def receipts(self, info: Info) -> list[Receipt]:
        currency = await self._currency(info)
        return [Receipt.of(row, currency) for row in await info.context.loaders.receipts.load(self.row.id)]

    @strawberry.field
    async def returns(self, info: Info) -> list[AwardReturn]:
        currency = await self._currency(info)
        rows = await info.context.loaders.returns.load(self.row.id)
        return [from_row(AwardReturn, row, amount=Money(Amount(row.amount_cents, currency))) for row in rows]

    @strawberry.field(description="Its entries in the ledger, in order.")
    async def ledger(self, info: Info) -> list[LedgerEntry]:
        currency = await self._currency(info)
        rows = await info.context.loaders.ledger_of_award.load(self.row.id)
        return [LedgerEntry.of(row, currency) for row in rows]

    async def _money(self, info: Info, cents: int) -> Money:
        return Money(Amount(cents, await self._currency(info)))

    async def _currency(self, info: Info) -> str:
        round_ = await info.context.loaders.funding_round.load(self.row.round_id)
        program = await info.context.loaders.funding_program.load(round_.program_id)
        return str(program.currency)
