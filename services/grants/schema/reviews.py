"""Reviews of applications, as they are shown: one's own; both, once both are in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from services.grants import models
from services.grants.domain.reviewing import BLIND, REVIEWERS, ReviewState, total
from services.grants.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.mapping import from_row

if TYPE_CHECKING:
    from services.grants.schema.funding import GrantApplication

_GrantApplication = Annotated["GrantApplication", strawberry.lazy("services.grants.schema.funding")]


@strawberry.type(description="What is scored in a program's applications, from 0 to `maximum`.")
class RubricCriterion:
    number: int
    name: str
    name_es: str | None
    maximum: int
    weight: int = strawberry.field(description="How many times each point counts.")


@strawberry.federation.type(
    requires_scopes=one_of(Scope.GRANT_REVIEW), description="One reviewer's part in an application."
)
class GrantReview:
    id: strawberry.ID
    reviewer: str
    state: ReviewState
    scores: list[int] | None = strawberry.field(description="By the program's rubric, in its order.")
    submitted_at: datetime | None
    version: int
    row: strawberry.Private[models.GrantReview]

    @classmethod
    def of(cls, info: Info, row: models.GrantReview) -> GrantReview:
        info.context.caller.require(Scope.GRANT_REVIEW)
        return from_row(cls, row, row=row)

    @strawberry.field(description="All points, by their weights.")
    async def total(self, info: Info) -> int | None:
        if self.row.scores is None:
            return None
        loaders = info.context.loaders
        application = await loaders.application.load(self.row.application_id)
        round_ = await loaders.funding_round.load(application.round_id)
        rubric = await loaders.rubric.load(round_.program_id)
        return total(self.row.scores, [one.weight for one in rubric])

    @strawberry.field(description="Whose it is stays hidden until it is decided on.")
    async def application(self, info: Info) -> _GrantApplication:
        from services.grants.schema.funding import GrantApplication

        return GrantApplication.of(info, await info.context.loaders.application.load(self.row.application_id))


def is_blind(info: Info, row: models.GrantApplication) -> bool:
    """Whether this reader judges the application, and so is not to know whose it is; the answer then says so."""
    if row.organization_id == info.context.caller.organization or row.state not in BLIND:
        return False
    info.context.redact(info, "PROGRAM", "BLIND_REVIEW")
    return True


def shown(rows: list[models.GrantReview], subject: str) -> list[models.GrantReview]:
    """Those that this reader may see: nobody's scores before all are in, but one's own."""
    scored = sum(row.state is ReviewState.SUBMITTED for row in rows)
    return rows if scored == REVIEWERS else [row for row in rows if row.reviewer == subject]
