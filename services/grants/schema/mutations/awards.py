"""Paying awards out and accounting for them."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry

from services.grants import models
from services.grants.domain.applications import ApplicationMoveName
from services.grants.domain.money import Spending
from services.grants.operations import awards
from services.grants.refusals import AwardExceeded, GrantMoveNotAllowed, TrancheNotDue
from services.grants.schema.awards import Award, Receipt
from services.grants.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict
from vereda.scalars import Money

_REFERENCE = "Your own reference of the payment. No number of an account or card: none is kept here."


@strawberry.enum(name="AwardMove", description="What ends an award.")
class AwardMove(Enum):
    BEGIN_CLOSEOUT = "BEGIN_CLOSEOUT"
    CLOSE = "CLOSE"
    RETURN = "RETURN"


@strawberry.input
class DisburseInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    award: strawberry.ID
    tranche: int = strawberry.field(description="The number of the tranche that comes next.")
    payer_reference: str = strawberry.field(description=_REFERENCE)


@strawberry.input
class RecordReceiptInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    award: strawberry.ID
    amount: Money = strawberry.field(description="What of it was paid by the award.")
    spent_for: Spending
    spent_on: date


@strawberry.input
class DecideReceiptInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    accept: bool


@strawberry.input
class RecordReturnInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    award: strawberry.ID
    amount: Money
    payer_reference: str = strawberry.field(description=_REFERENCE)


@strawberry.input
class SettleAwardInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    move: AwardMove


@strawberry.type
class AwardSaved:
    award: Award


@strawberry.type
class ReceiptSaved:
    receipt: Receipt
    award: Award


DisbursePayload = Annotated[
    AwardSaved | TrancheNotDue | GrantMoveNotAllowed | InvalidInput | NotAllowed | NotFound,
    strawberry.union("DisbursePayload"),
]
RecordReceiptPayload = Annotated[
    ReceiptSaved | GrantMoveNotAllowed | InvalidInput | NotAllowed | NotFound,
    strawberry.union("RecordReceiptPayload"),
]
DecideReceiptPayload = Annotated[
    ReceiptSaved | AwardExceeded | NotAllowed | NotFound | VersionConflict,
    strawberry.union("DecideReceiptPayload"),
]
RecordReturnPayload = Annotated[
    AwardSaved | AwardExceeded | GrantMoveNotAllowed | InvalidInput | NotAllowed | NotFound,
    strawberry.union("RecordReturnPayload"),
]
SettleAwardPayload = Annotated[
    AwardSaved | AwardExceeded | GrantMoveNotAllowed | NotAllowed | NotFound | VersionConflict,
    strawberry.union("SettleAwardPayload"),
]


@strawberry.type
class AwardMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY),
        description="Enter that the next tranche of an award was paid.",
    )
    async def disburse(self, info: Info, input: DisburseInput) -> DisbursePayload | None:
        done = await awards.disburse(
            info.context,
            parse_id(input.award, "award"),
            input.tranche,
            input.payer_reference,
            input.idempotency_key,
        )
        return AwardSaved(award=Award.of(info, done)) if isinstance(done, models.Award) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_APPLY),
        description="Enter what was bought of an award; it counts once the funder accepts it.",
    )
    async def record_receipt(self, info: Info, input: RecordReceiptInput) -> RecordReceiptPayload | None:
        given = awards.ReceiptFields(
            award=parse_id(input.award, "award"),
            amount=input.amount,
            spent_for=input.spent_for,
            spent_on=input.spent_on,
        )
        done = await awards.record_receipt(info.context, given, input.idempotency_key)
        return await _receipt(info, done) if isinstance(done, models.Receipt) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY), description="Accept a receipt, or refuse it; once."
    )
    async def decide_receipt(self, info: Info, input: DecideReceiptInput) -> DecideReceiptPayload | None:
        done = await awards.decide_receipt(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            accept=input.accept,
            key=input.idempotency_key,
        )
        return await _receipt(info, done) if isinstance(done, models.Receipt) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY),
        description="Enter that money of an award came back: the round has it again.",
    )
    async def record_return(self, info: Info, input: RecordReturnInput) -> RecordReturnPayload | None:
        done = await awards.record_return(
            info.context,
            parse_id(input.award, "award"),
            input.amount,
            input.payer_reference,
            input.idempotency_key,
        )
        return AwardSaved(award=Award.of(info, done)) if isinstance(done, models.Award) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY),
        description="End an award, once all that was paid is receipted or came back.",
    )
    async def settle_award(self, info: Info, input: SettleAwardInput) -> SettleAwardPayload | None:
        done = await awards.settle_award(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            ApplicationMoveName(input.move.value),
            input.idempotency_key,
        )
        return AwardSaved(award=Award.of(info, done)) if isinstance(done, models.Award) else done


async def _receipt(info: Info, row: models.Receipt) -> ReceiptSaved:
    loaders = info.context.loaders
    award = await loaders.award.load(row.award_id)
    round_ = await loaders.funding_round.load(award.round_id)
    program = await loaders.funding_program.load(round_.program_id)
    return ReceiptSaved(receipt=Receipt.of(row, program.currency), award=Award.of(info, award))
