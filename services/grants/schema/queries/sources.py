"""Sources of money, sub-awards, and what is due for them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

import strawberry
from sqlalchemy import select

from services.grants import models
from services.grants.domain.sources import DeliverableState
from services.grants.schema.context import MONEY, Info
from services.grants.schema.sources import Deliverable, FundingSource, SubAward
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection, Order

_SOURCES: Final = (Order(models.FundingSource.id, descending=True),)
_SUB_AWARDS: Final = (Order(models.SubAward.id, descending=True),)
_DUE: Final = (Order(models.Deliverable.due_on), Order(models.Deliverable.id))
_MOST_DAYS: Final = 3650


@strawberry.type
class SourceQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.GRANT_PAY), description="Money that your organisation was given."
    )
    async def funding_sources(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[FundingSource] | None:
        info.context.caller.require(Scope.GRANT_PAY)
        return await listed(
            info.context,
            select(models.FundingSource),
            _SOURCES,
            first,
            after,
            partial(FundingSource.of, info),
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY),
        description="Money that your organisation passes on, or gets from others.",
    )
    async def sub_awards(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[SubAward] | None:
        info.context.caller.require(*MONEY)
        return await listed(
            info.context, select(models.SubAward), _SUB_AWARDS, first, after, partial(SubAward.of, info)
        )

    @strawberry.federation.field(
        requires_scopes=one_of(*MONEY),
        description="What is owed by you or to you within so many days, and what is overdue, the earliest first.",
    )
    async def deliverables_due(
        self, info: Info, within_days: int = 30, first: int | None = None, after: str | None = None
    ) -> Connection[Deliverable] | None:
        info.context.caller.require(*MONEY)
        until = info.context.now.date() + timedelta(days=max(0, min(within_days, _MOST_DAYS)))
        due = select(models.Deliverable).where(
            models.Deliverable.state == DeliverableState.DUE, models.Deliverable.due_on <= until
        )
        return await listed(info.context, due, _DUE, first, after, partial(Deliverable.of, info))
