"""Assigning reviewers, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import ApplicationState
from services.grants.domain.reviewing import REVIEWERS, ReviewState, score_problems
from services.grants.events import tell
from services.grants.models import (
    FundingRound,
    GrantApplication,
    GrantReview,
    IdempotencyRecord,
    RubricCriterion,
)
from services.grants.refusals import ReviewerRefused, reviewer_refused
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import refused_as
from vereda.idempotency import claim_key
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    invalid,
    not_allowed,
    not_found,
    version_conflict,
)

_HAD_A_PART: Final = (
    "They had a part in this application, or in its applicant's training: let somebody else review it."
)
_REVIEWABLE = (ApplicationState.SCREENING, ApplicationState.UNDER_REVIEW)


async def assign_reviewer(
    context: RequestContext[Any], application_id: UUID, reviewer: str, key: str
) -> GrantReview | ReviewerRefused | InvalidInput | NotAllowed | NotFound:
    """Give one of an application's two seats to somebody of the caller's organisation."""
    context.caller.require(Scope.GRANT_REVIEW)
    if not 1 <= len(reviewer) <= 120 or reviewer != reviewer.strip():
        return invalid(reviewer="must be the id of a person or system, of 1 to 120 characters")
    async with context.write() as session:
        request = [application_id, reviewer]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "assignReviewer", key, request)
        if claim.earlier is not None:
            return await session.get_one(GrantReview, UUID(claim.earlier["id"]))
        row = await session.get(GrantApplication, application_id, with_for_update=True)
        if row is None:
            return not_found("application")
        if row.funder_id != context.caller.organization:
            return not_allowed("The funder assigns reviewers.")
        if row.state not in _REVIEWABLE:
            return not_allowed("Reviewers are assigned while an application is screened or reviewed.")
        given = list(await session.scalars(select(GrantReview).where(GrantReview.application_id == row.id)))
        if any(one.reviewer == reviewer for one in given):
            return reviewer_refused("They are its reviewer, or were and recused themselves.")
        taken = {one.seat for one in given if one.state is not ReviewState.RECUSED}
        free = [seat for seat in range(1, REVIEWERS + 1) if seat not in taken]
        if not free:
            return reviewer_refused("It has its two reviewers.")
        review = GrantReview(
            organization_id=row.funder_id, application_id=row.id, reviewer=reviewer, seat=free[0]
        )
        session.add(review)
        if await refused_as(session, "reviewer_apart"):
            return reviewer_refused(_HAD_A_PART)
        tell(session, context.caller, "grant_review.assigned", review.id, id=str(review.id))
        claim.record({"id": str(review.id)})
        return review


async def submit_review(
    context: RequestContext[Any], review_id: UUID, version: int, scores: Sequence[int], key: str
) -> GrantReview | ReviewerRefused | InvalidInput | NotAllowed | NotFound | VersionConflict:
    """Score an application by its program's rubric; once."""
    async with context.write() as session:
        request = [review_id, version, list(scores)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "submitReview", key, request)
        review = await _own(session, context, review_id, version, answered=claim.earlier is not None)
        if not isinstance(review, GrantReview) or claim.earlier is not None:
            return review
        maxima = await session.scalars(
            select(RubricCriterion.maximum)
            .join(FundingRound, FundingRound.program_id == RubricCriterion.program_id)
            .join(GrantApplication, GrantApplication.round_id == FundingRound.id)
            .where(GrantApplication.id == review.application_id)
            .order_by(RubricCriterion.number)
        )
        if wrong := score_problems(scores, list(maxima)):
            return invalid(**wrong)
        review.state, review.scores, review.submitted_at = ReviewState.SUBMITTED, list(scores), context.now
        if await refused_as(session, "reviewer_apart"):
            return reviewer_refused(_HAD_A_PART)
        return await _answered(session, context, review, claim.record)


async def recuse(
    context: RequestContext[Any], review_id: UUID, version: int, key: str
) -> GrantReview | NotAllowed | NotFound | VersionConflict:
    """Give one's seat back: somebody else is to judge."""
    async with context.write() as session:
        request = [review_id, version]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "recuseFromReview", key, request)
        review = await _own(session, context, review_id, version, answered=claim.earlier is not None)
        if not isinstance(review, GrantReview) or claim.earlier is not None:
            return review
        review.state = ReviewState.RECUSED
        return await _answered(session, context, review, claim.record)


async def reviews_missing(session: AsyncSession, row: GrantApplication) -> bool:
    """Whether the program has a rubric, and not both reviewers scored by it."""
    criteria = (
        select(func.count())
        .select_from(RubricCriterion)
        .join(FundingRound, FundingRound.program_id == RubricCriterion.program_id)
        .where(FundingRound.id == row.round_id)
    )
    if not await session.scalar(criteria):
        return False
    scored = (
        select(func.count())
        .select_from(GrantReview)
        .where(GrantReview.application_id == row.id, GrantReview.state == ReviewState.SUBMITTED)
    )
    return (await session.scalar(scored) or 0) < REVIEWERS


async def _own(
    session: AsyncSession, context: RequestContext[Any], review_id: UUID, version: int, *, answered: bool
) -> GrantReview | NotAllowed | NotFound | VersionConflict:
    """The caller's own review, to be answered."""
    context.caller.require(Scope.GRANT_REVIEW)
    review = await session.get(GrantReview, review_id)
    if review is None:
        return not_found("review")
    if review.reviewer != context.caller.subject:
        return not_allowed("It is another's to review.")
    if answered:
        return review
    if review.version != version:
        return version_conflict(review.version)
    application = await session.get_one(GrantApplication, review.application_id, with_for_update=True)
    await session.refresh(review)
    if review.state is not ReviewState.ASSIGNED or application.state not in _REVIEWABLE:
        return not_allowed("It is answered, or decided on.")
    return review


async def _answered(
    session: AsyncSession, context: RequestContext[Any], review: GrantReview, record: Any
) -> GrantReview:
    await session.flush()
    tell(session, context.caller, f"grant_review.{review.state.lower()}", review.id, id=str(review.id))
    record({"id": str(review.id)})
    return review
