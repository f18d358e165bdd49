"""Opening rounds, applying, deciding."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.grants import models
from services.grants.domain.applications import ApplicationMoveName, Decision
from services.grants.domain.eligibility import Statement
from services.grants.domain.money import Tranche
from services.grants.domain.reviewing import Criterion
from services.grants.operations import eligibility, funding
from services.grants.refusals import (
    AlreadyThere,
    BudgetExceeded,
    ConsentProofRefused,
    GrantMoveNotAllowed,
    PrerequisiteMissing,
    ReviewsMissing,
    RoundClosed,
)
from services.grants.schema.context import Info
from services.grants.schema.funding import FundingProgram, FundingRound, GrantApplication
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict
from vereda.scalars import Money

_PROOF = "From `proveConsent`; the cohort's or round's organisation must be the one it names."


@strawberry.input
class FundingTierInput:
    amount: Money
    condition: str | None = None
    requires_training: bool = True


@strawberry.input(description="A part of each award.")
class TrancheInput:
    percent: int
    receipts_percent: int = strawberry.field(
        default=0, description="How much of what was paid before receipts have to cover first."
    )


@strawberry.input(description="What reviewers score, from 0 to `maximum`.")
class RubricCriterionInput:
    name: str
    name_es: str | None = None
    maximum: int
    weight: int = strawberry.field(default=1, description="How many times each point counts.")


def _whole() -> list[TrancheInput]:
    return [TrancheInput(percent=100)]


@strawberry.input
class CreateFundingProgramInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    name: str
    name_es: str | None = None
    description: str | None = None
    attestation: str = strawberry.field(description="The rule that applicants say they meet.")
    currency: str = "USD"
    tiers: list[FundingTierInput]
    tranches: list[TrancheInput] = strawberry.field(
        default_factory=_whole, description="How awards are paid, in order; all at once by default."
    )
    rubric: list[RubricCriterionInput] = strawberry.field(
        default_factory=list,
        description="With one, two reviewers score each application, and know nobody, before it is decided on.",
    )

    def parsed(self) -> funding.ProgramFields:
        return funding.ProgramFields(
            name=self.name,
            name_es=self.name_es,
            description=self.description,
            attestation=self.attestation,
            currency=self.currency,
            tiers=tuple(
                funding.TierFields(
                    tier.amount.cents if tier.amount.currency == self.currency else 0,
                    tier.condition,
                    tier.requires_training,
                )
                for tier in self.tiers
            ),
            tranches=tuple(Tranche(one.percent, one.receipts_percent) for one in self.tranches),
            rubric=tuple(Criterion(one.name, one.maximum, one.weight, one.name_es) for one in self.rubric),
        )


@strawberry.input
class OpenFundingRoundInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    program: strawberry.ID
    name: str
    opens_at: datetime
    closes_at: datetime
    budget: Money

    def parsed(self) -> funding.RoundFields:
        return funding.RoundFields(
            program=parse_id(self.program, "program"),
            name=self.name,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            budget_cents=self.budget.cents,
            currency=self.budget.currency,
        )


@strawberry.input
class ApplyForGrantInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    round: strawberry.ID
    tier: strawberry.ID
    proof: str = strawberry.field(description=_PROOF)
    attests: bool = strawberry.field(description="That the applicant says they meet the program's rule.")
    attestation_version: int | None = strawberry.field(
        default=None,
        description="The version that was read to them (`FundingProgram.eligibility`): refused where there is a newer one.",
    )
    training_waived_by: str | None = strawberry.field(default=None, description="Who waived the training.")


@strawberry.input
class EligibilityStatementInput:
    code: str = strawberry.field(description="Capitals, digits and `_`.")
    text: str
    text_es: str | None = None


@strawberry.input
class PublishEligibilityInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID = strawberry.field(description="The program.")
    expected_version: int
    statements: list[EligibilityStatementInput]


@strawberry.input
class MoveGrantApplicationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    move: ApplicationMoveName
    decision: Decision | None = None


@strawberry.type
class FundingProgramSaved:
    funding_program: FundingProgram


@strawberry.type
class FundingRoundOpened:
    funding_round: FundingRound


@strawberry.type
class GrantApplicationSaved:
    application: GrantApplication


CreateFundingProgramPayload = Annotated[
    FundingProgramSaved | InvalidInput, strawberry.union("CreateFundingProgramPayload")
]


OpenFundingRoundPayload = Annotated[
    FundingRoundOpened | InvalidInput | NotFound | NotAllowed, strawberry.union("OpenFundingRoundPayload")
]


ApplyForGrantPayload = Annotated[
    GrantApplicationSaved
    | ConsentProofRefused
    | AlreadyThere
    | PrerequisiteMissing
    | RoundClosed
    | InvalidInput
    | NotFound,
    strawberry.union("ApplyForGrantPayload"),
]


MoveGrantApplicationPayload = Annotated[
    GrantApplicationSaved
    | GrantMoveNotAllowed
    | BudgetExceeded
    | ReviewsMissing
    | AlreadyThere
    | InvalidInput
    | NotFound
    | VersionConflict,
    strawberry.union("MoveGrantApplicationPayload"),
]


PublishEligibilityPayload = Annotated[
    FundingProgramSaved | InvalidInput | NotAllowed | NotFound | VersionConflict,
    strawberry.union("PublishEligibilityPayload"),
]


@strawberry.type
class FundingMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY),
        description="Say anew who may apply: the next version, for who applies from now on.",
    )
    async def publish_eligibility(
        self, info: Info, input: PublishEligibilityInput
    ) -> PublishEligibilityPayload | None:
        statements = [Statement(one.code, one.text, one.text_es) for one in input.statements]
        done = await eligibility.publish_eligibility(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            statements,
            input.idempotency_key,
        )
        if isinstance(done, models.FundingProgram):
            return FundingProgramSaved(funding_program=FundingProgram.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY),
        description="Add a program of grants, with its tiers, to your organisation.",
    )
    async def create_funding_program(
        self, info: Info, input: CreateFundingProgramInput
    ) -> CreateFundingProgramPayload | None:
        done = await funding.create_funding_program(info.context, input.parsed(), input.idempotency_key)
        if isinstance(done, models.FundingProgram):
            return FundingProgramSaved(funding_program=FundingProgram.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_PAY), description="Open a round of a program of yours."
    )
    async def open_funding_round(
        self, info: Info, input: OpenFundingRoundInput
    ) -> OpenFundingRoundPayload | None:
        done = await funding.open_round(info.context, input.parsed(), input.idempotency_key)
        if isinstance(done, models.FundingRound):
            return FundingRoundOpened(funding_round=FundingRound.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_APPLY),
        description="Begin a client's application; nobody else sees it until it is submitted.",
    )
    async def apply_for_grant(self, info: Info, input: ApplyForGrantInput) -> ApplyForGrantPayload | None:
        done = await funding.apply_for_grant(
            info.context,
            parse_id(input.round, "round"),
            parse_id(input.tier, "tier"),
            input.proof,
            attests=input.attests,
            attestation_version=input.attestation_version,
            training_waived_by=input.training_waived_by,
            key=input.idempotency_key,
        )
        return _application(info, done) if isinstance(done, models.GrantApplication) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_APPLY, Scope.GRANT_REVIEW),
        description="Do with an application what `GrantApplication.allowedMoves` names.",
    )
    async def move_grant_application(
        self, info: Info, input: MoveGrantApplicationInput
    ) -> MoveGrantApplicationPayload | None:
        done = await funding.move_application(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.move,
            input.decision,
            input.idempotency_key,
        )
        return _application(info, done) if isinstance(done, models.GrantApplication) else done


def _application(info: Info, row: models.GrantApplication) -> GrantApplicationSaved:
    return GrantApplicationSaved(application=GrantApplication.of(info, row))
