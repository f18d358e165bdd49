"""Reviewing applications."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.grants import models
from services.grants.operations import reviews
from services.grants.refusals import ReviewerRefused
from services.grants.schema.context import Info
from services.grants.schema.reviews import GrantReview
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input
class AssignReviewerInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    application: strawberry.ID
    reviewer: strawberry.ID = strawberry.field(description="The person or system of your organisation.")


@strawberry.input
class SubmitReviewInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    scores: list[int] = strawberry.field(description="By the program's rubric, in its order.")


@strawberry.input
class RecuseFromReviewInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int


@strawberry.type
class GrantReviewSaved:
    review: GrantReview


AssignReviewerPayload = Annotated[
    GrantReviewSaved | ReviewerRefused | InvalidInput | NotAllowed | NotFound,
    strawberry.union("AssignReviewerPayload"),
]
SubmitReviewPayload = Annotated[
    GrantReviewSaved | ReviewerRefused | InvalidInput | NotAllowed | NotFound | VersionConflict,
    strawberry.union("SubmitReviewPayload"),
]
RecuseFromReviewPayload = Annotated[
    GrantReviewSaved | NotAllowed | NotFound | VersionConflict, strawberry.union("RecuseFromReviewPayload")
]


@strawberry.type
class ReviewMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_REVIEW),
        description="Have somebody score an application; there are two seats, and none for who had a part in it.",
    )
    async def assign_reviewer(self, info: Info, input: AssignReviewerInput) -> AssignReviewerPayload | None:
        done = await reviews.assign_reviewer(
            info.context, parse_id(input.application, "application"), input.reviewer, input.idempotency_key
        )
        return _saved(info, done) if isinstance(done, models.GrantReview) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_REVIEW), description="Score an application that you review; once."
    )
    async def submit_review(self, info: Info, input: SubmitReviewInput) -> SubmitReviewPayload | None:
        done = await reviews.submit_review(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.scores,
            input.idempotency_key,
        )
        return _saved(info, done) if isinstance(done, models.GrantReview) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_REVIEW),
        description="Leave a review to somebody else: you know whose it is, or would gain by it.",
    )
    async def recuse_from_review(
        self, info: Info, input: RecuseFromReviewInput
    ) -> RecuseFromReviewPayload | None:
        done = await reviews.recuse(
            info.context, parse_id(input.id, "id"), input.expected_version, input.idempotency_key
        )
        return _saved(info, done) if isinstance(done, models.GrantReview) else done


def _saved(info: Info, row: models.GrantReview) -> GrantReviewSaved:
    return GrantReviewSaved(review=GrantReview.of(info, row))
