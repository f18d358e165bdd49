"""Refusals that a client of this service can expect, beside those that every service has."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry

from services.grants.domain.applications import ApplicationMoveName, ApplicationState
from services.grants.domain.cohorts import CohortMoveName, CohortStatus
from services.grants.domain.completion import CompletionNeed
from vereda.refusals import Refusal

strawberry.enum(ApplicationState, name="GrantApplicationState", description="Where an application stands.")
strawberry.enum(
    ApplicationMoveName, name="GrantApplicationMove", description="What can be done with an application."
)
strawberry.enum(CohortStatus, description="How far a cohort is.")
strawberry.enum(CohortMoveName, name="CohortMove", description="What its host can do with a cohort.")
strawberry.enum(CompletionNeed, description="What completing a training takes.")


@strawberry.type(description="The proof of consent is not genuine, not for this, or its minute is over.")
class ConsentProofRefused(Refusal):
    pass


@strawberry.type(description="The person is in this cohort, or has applied in this round, already.")
class AlreadyThere(Refusal):
    pass


@strawberry.type(description="The tier asks for a completed training, and none is known here.")
class PrerequisiteMissing(Refusal):
    pass


@strawberry.type(description="The training is not completed yet: by what is missing.")
class CompletionMissing(Refusal):
    missing: list[CompletionNeed]


@strawberry.type(description="The round is not open at this time.")
class RoundClosed(Refusal):
    pass


@strawberry.type(description="What is left of the round's budget does not suffice.")
class BudgetExceeded(Refusal):
    pass


@strawberry.type(description="The source has not so much left, or not for this use.")
class SourceExceeded(Refusal):
    pass


@strawberry.type(description="This person cannot be a reviewer of this application.")
class ReviewerRefused(Refusal):
    pass


@strawberry.type(description="The program has a rubric, and not both reviewers have scored by it.")
class ReviewsMissing(Refusal):
    pass


@strawberry.type(description="The tranche is paid already, not the next one, or waits for receipts.")
class TrancheNotDue(Refusal):
    pass


@strawberry.type(description="The amount is more than what the award still has to account for.")
class AwardExceeded(Refusal):
    pass


@strawberry.type(description="This cannot be done with the application as it stands.")
class GrantMoveNotAllowed(Refusal):
    state: ApplicationState
    allowed_moves: list[ApplicationMoveName]


@strawberry.type(description="This cannot be done with the cohort as it stands.")
class CohortMoveNotAllowed(Refusal):
    status: CohortStatus
    allowed_moves: list[CohortMoveName]


def proof_refused() -> ConsentProofRefused:
    return ConsentProofRefused(
        code="CONSENT_PROOF_REFUSED",
        message="This proof of consent does not serve here: call `proveConsent` again.",
    )


def already_there() -> AlreadyThere:
    return AlreadyThere(code="ALREADY_THERE", message="This person is there already.")


def prerequisite_missing() -> PrerequisiteMissing:
    return PrerequisiteMissing(
        code="PREREQUISITE_MISSING",
        message="This tier asks for a completed training: name who waived that, or choose another tier.",
    )


def completion_missing(missing: Iterable[CompletionNeed]) -> CompletionMissing:
    return CompletionMissing(
        code="COMPLETION_MISSING",
        message="The training is not completed by its cohort's rule: `missing` says what it takes.",
        missing=list(missing),
    )


def round_closed() -> RoundClosed:
    return RoundClosed(code="ROUND_CLOSED", message="This round takes no applications now: see its dates.")


def budget_exceeded() -> BudgetExceeded:
    return BudgetExceeded(
        code="BUDGET_EXCEEDED",
        message="The round's budget does not suffice for this award: waitlist or deny it.",
    )


def source_exceeded() -> SourceExceeded:
    return SourceExceeded(
        code="SOURCE_EXCEEDED",
        message="The source has not so much left, or its pass-through leaves less for this: see its sums.",
    )


def reviewer_refused(message: str) -> ReviewerRefused:
    return ReviewerRefused(code="REVIEWER_REFUSED", message=message)


def reviews_missing() -> ReviewsMissing:
    return ReviewsMissing(
        code="REVIEWS_MISSING", message="Two reviewers score an application before it is decided on."
    )


def tranche_not_due(message: str) -> TrancheNotDue:
    return TrancheNotDue(code="TRANCHE_NOT_DUE", message=message)


def award_exceeded() -> AwardExceeded:
    return AwardExceeded(
        code="AWARD_EXCEEDED",
        message="This is more than what was paid and is not accounted for yet: see the award's sums.",
    )


def grant_move_not_allowed(
    message: str, state: ApplicationState, allowed_moves: list[ApplicationMoveName]
) -> GrantMoveNotAllowed:
    return GrantMoveNotAllowed(
        code="MOVE_NOT_ALLOWED", message=message, state=state, allowed_moves=allowed_moves
    )


def cohort_move_not_allowed(
    message: str, status: CohortStatus, allowed_moves: list[CohortMoveName]
) -> CohortMoveNotAllowed:
    return CohortMoveNotAllowed(
        code="MOVE_NOT_ALLOWED", message=message, status=status, allowed_moves=allowed_moves
    )
