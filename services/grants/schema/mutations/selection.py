"""Applying to cohorts, and choosing who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from services.grants import models
from services.grants.domain import selection as rules
from services.grants.domain.selection import SelectionMoveName
from services.grants.operations import selection
from services.grants.refusals import AlreadyThere, ConsentProofRefused
from services.grants.schema.context import Info
from services.grants.schema.selection import CohortApplication
from services.grants.schema.training import Cohort, Participant
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input
class CriterionInput:
    code: str = strawberry.field(description="In capitals, such as `BUSINESS_IDEA`.")
    name: str
    name_es: str
    maximum: int = 5


@strawberry.input
class PublishRubricInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    cohort: strawberry.ID
    criteria: list[CriterionInput]


@strawberry.input
class ApplyToCohortInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    cohort: strawberry.ID
    proof: str = strawberry.field(description="From `proveConsent`, for the cohort's host.")


@strawberry.input
class ScoreInput:
    criterion: str = strawberry.field(description="Its code.")
    points: int


@strawberry.input
class ReviewCohortApplicationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    application: strawberry.ID
    scores: list[ScoreInput] | None = strawberry.field(
        default=None,
        description="One for each criterion. Left out by who must not judge: a recusal, which stays.",
    )


@strawberry.input
class MoveCohortApplicationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    move: SelectionMoveName


@strawberry.input
class RollWaitingListInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    from_cohort: strawberry.ID
    to_cohort: strawberry.ID


@strawberry.type
class RubricPublished:
    cohort: Cohort


@strawberry.type
class CohortApplicationSaved:
    application: CohortApplication


@strawberry.type
class WaitingListRolled:
    participants: list[Participant] = strawberry.field(
        description="Those who came over, the first to wait first."
    )


PublishRubricPayload = Annotated[
    RubricPublished | InvalidInput | NotFound | NotAllowed, strawberry.union("PublishRubricPayload")
]
ApplyToCohortPayload = Annotated[
    CohortApplicationSaved | ConsentProofRefused | AlreadyThere | NotFound | NotAllowed,
    strawberry.union("ApplyToCohortPayload"),
]
ReviewCohortApplicationPayload = Annotated[
    CohortApplicationSaved | InvalidInput | AlreadyThere | NotFound | NotAllowed,
    strawberry.union("ReviewCohortApplicationPayload"),
]
MoveCohortApplicationPayload = Annotated[
    CohortApplicationSaved | NotFound | NotAllowed | VersionConflict,
    strawberry.union("MoveCohortApplicationPayload"),
]
RollWaitingListPayload = Annotated[
    WaitingListRolled | NotFound | NotAllowed, strawberry.union("RollWaitingListPayload")
]


@strawberry.type
class SelectionMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Say by what applicants to a cohort of yours are judged, before the first of them is.",
    )
    async def publish_rubric(self, info: Info, input: PublishRubricInput) -> PublishRubricPayload | None:
        criteria = [rules.Criterion(one.code, one.name, one.name_es, one.maximum) for one in input.criteria]
        done = await selection.publish_rubric(
            info.context, parse_id(input.cohort, "cohort"), criteria, input.idempotency_key
        )
        return RubricPublished(cohort=Cohort.of(done)) if isinstance(done, models.Cohort) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE), description="Ask for a seat in a cohort for a client."
    )
    async def apply_to_cohort(self, info: Info, input: ApplyToCohortInput) -> ApplyToCohortPayload | None:
        done = await selection.apply_to_cohort(
            info.context, parse_id(input.cohort, "cohort"), input.proof, input.idempotency_key
        )
        return _saved(info, done) if isinstance(done, models.CohortApplication) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Judge an application by the rubric, once, in your own name; or say that you must not.",
    )
    async def review_cohort_application(
        self, info: Info, input: ReviewCohortApplicationInput
    ) -> ReviewCohortApplicationPayload | None:
        given = input.scores
        scores = None if given is None else {one.criterion: one.points for one in given}
        done = await selection.review_application(
            info.context, parse_id(input.application, "application"), scores, input.idempotency_key
        )
        return _saved(info, done) if isinstance(done, models.CohortApplication) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Decide on an application, after two reviews, or take it back. Without a free seat they wait.",
    )
    async def move_cohort_application(
        self, info: Info, input: MoveCohortApplicationInput
    ) -> MoveCohortApplicationPayload | None:
        done = await selection.move_application(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.move,
            input.idempotency_key,
        )
        return _saved(info, done) if isinstance(done, models.CohortApplication) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Take who still waits for a cohort over to a later one of the same course.",
    )
    async def roll_waiting_list(
        self, info: Info, input: RollWaitingListInput
    ) -> RollWaitingListPayload | None:
        done = await selection.roll_waiting_list(
            info.context,
            parse_id(input.from_cohort, "fromCohort"),
            parse_id(input.to_cohort, "toCohort"),
            input.idempotency_key,
        )
        if isinstance(done, Sequence):
            return WaitingListRolled(participants=[Participant.of(info, row) for row in done])
        return done


def _saved(info: Info, row: models.CohortApplication) -> CohortApplicationSaved:
    return CohortApplicationSaved(application=CohortApplication.of(info, row))
