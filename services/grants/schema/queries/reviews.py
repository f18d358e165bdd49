"""What one has to review."""

from __future__ import annotations

from functools import partial
from typing import Final

import strawberry
from sqlalchemy import select

from services.grants import models
from services.grants.domain.reviewing import ReviewState
from services.grants.schema.context import Info
from services.grants.schema.reviews import GrantReview
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection, Order

_OLDEST_FIRST: Final = (Order(models.GrantReview.id),)


@strawberry.input(description="All that is given must hold; of several values, any.")
class GrantReviewFilter:
    states: list[ReviewState] | None = strawberry.field(
        default=None, description="ASSIGNED alone when not given."
    )


@strawberry.type
class ReviewQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.GRANT_REVIEW),
        description="Applications that you are to review, the longest waiting first; or those that you did.",
    )
    async def my_reviews(
        self,
        info: Info,
        filter: GrantReviewFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[GrantReview] | None:
        info.context.caller.require(Scope.GRANT_REVIEW)
        states = (filter.states if filter else None) or [ReviewState.ASSIGNED]
        mine = select(models.GrantReview).where(
            models.GrantReview.reviewer == info.context.caller.subject, models.GrantReview.state.in_(states)
        )
        return await listed(info.context, mine, _OLDEST_FIRST, first, after, partial(GrantReview.of, info))
