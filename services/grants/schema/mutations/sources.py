"""Sources of money, sub-awards and what is owed for them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from services.grants import models
from services.grants.domain.sources import DeliverableMoveName
from services.grants.operations import sources
from services.grants.refusals import SourceExceeded
from services.grants.schema.context import Info
from services.grants.schema.sources import Deliverable, FundingSource, SubAward
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict
from vereda.scalars import Money


@strawberry.input
class CreateFundingSourceInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    name: str
    given_by: str = strawberry.field(description="Who gave it, as your books name them.")
    total: Money
    pass_through_percent: int = strawberry.field(
        default=0, description="How much of it, at least, is for grants to people."
    )
    starts_on: date
    ends_on: date


@strawberry.input
class DrawOnSourceInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    source: strawberry.ID
    round: strawberry.ID
    amount: Money


@strawberry.input
class DeliverableInput:
    name: str
    due_on: date


@strawberry.input
class RecordSubAwardInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    source: strawberry.ID
    recipient: strawberry.ID = strawberry.field(description="The organisation that gets it.")
    purpose: str
    amount: Money
    starts_on: date
    ends_on: date
    deliverables: list[DeliverableInput] = strawberry.field(default_factory=list)


@strawberry.input
class AmendSubAwardInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    number: int = strawberry.field(description="One more than the amendments that there are.")
    amount: Money = strawberry.field(description="The whole, as it is from now on.")
    ends_on: date


@strawberry.input
class MoveDeliverableInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    move: DeliverableMoveName


@strawberry.type
class FundingSourceSaved:
    source: FundingSource


@strawberry.type
class SubAwardSaved:
    sub_award: SubAward


@strawberry.type
class DeliverableSaved:
    deliverable: Deliverable


CreateFundingSourcePayload = Annotated[
    FundingSourceSaved | InvalidInput, strawberry.union("CreateFundingSourcePayload")
]
DrawOnSourcePayload = Annotated[
    FundingSourceSaved | SourceExceeded | InvalidInput | NotFound, strawberry.union("DrawOnSourcePayload")
]
RecordSubAwardPayload = Annotated[
    SubAwardSaved | SourceExceeded | InvalidInput | NotFound, strawberry.union("RecordSubAwardPayload")
]
AmendSubAwardPayload = Annotated[
    SubAwardSaved | SourceExceeded | InvalidInput | NotAllowed | NotFound | VersionConflict,
    strawberry.union("AmendSubAwardPayload"),
]
MoveDeliverablePayload = Annotated[
    DeliverableSaved | NotAllowed | NotFound | VersionConflict, strawberry.union("MoveDeliverablePayload")
]


@strawberry.type
class SourceMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY), description="Enter money that your organisation was given."
    )
    async def create_funding_source(
        self, info: Info, input: CreateFundingSourceInput
    ) -> CreateFundingSourcePayload | None:
        given = sources.SourceFields(
            name=input.name,
            given_by=input.given_by,
            total=input.total,
            pass_through_percent=input.pass_through_percent,
            starts_on=input.starts_on,
            ends_on=input.ends_on,
        )
        done = await sources.create_source(info.context, given, input.idempotency_key)
        return _source(info, done) if isinstance(done, models.FundingSource) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY),
        description="Say how much of a round's budget a source gives.",
    )
    async def draw_on_source(self, info: Info, input: DrawOnSourceInput) -> DrawOnSourcePayload | None:
        done = await sources.draw_on_source(
            info.context,
            parse_id(input.source, "source"),
            parse_id(input.round, "round"),
            input.amount,
            input.idempotency_key,
        )
        return _source(info, done) if isinstance(done, models.FundingSource) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY),
        description="Pass money of a source on to an organisation, with what it owes for it.",
    )
    async def record_sub_award(self, info: Info, input: RecordSubAwardInput) -> RecordSubAwardPayload | None:
        given = sources.SubAwardFields(
            source=parse_id(input.source, "source"),
            recipient=parse_id(input.recipient, "recipient"),
            purpose=input.purpose,
            amount=input.amount,
            starts_on=input.starts_on,
            ends_on=input.ends_on,
            deliverables=tuple((one.name, one.due_on) for one in input.deliverables),
        )
        done = await sources.record_sub_award(info.context, given, input.idempotency_key)
        return _sub_award(info, done) if isinstance(done, models.SubAward) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY), description="Change a sub-award's amount and end."
    )
    async def amend_sub_award(self, info: Info, input: AmendSubAwardInput) -> AmendSubAwardPayload | None:
        done = await sources.amend_sub_award(
            info.context,
            parse_id(input.id, "id"),
            input.number,
            input.amount,
            input.ends_on,
            input.idempotency_key,
        )
        return _sub_award(info, done) if isinstance(done, models.SubAward) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_APPLY, Scope.GRANT_PAY),
        description="Say that what you owe is delivered; or, of what is owed to you, accept it or send it back.",
    )
    async def move_deliverable(
        self, info: Info, input: MoveDeliverableInput
    ) -> MoveDeliverablePayload | None:
        done = await sources.move_deliverable(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.move,
            input.idempotency_key,
        )
        if isinstance(done, models.Deliverable):
            return DeliverableSaved(deliverable=Deliverable.of(info, done))
        return done


def _source(info: Info, row: models.FundingSource) -> FundingSourceSaved:
    return FundingSourceSaved(source=FundingSource.of(info, row))


def _sub_award(info: Info, row: models.SubAward) -> SubAwardSaved:
    return SubAwardSaved(sub_award=SubAward.of(info, row))
