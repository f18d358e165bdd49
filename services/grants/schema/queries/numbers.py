"""What the network published of grants."""

from __future__ import annotations

import strawberry
from sqlalchemy import select

from services.grants import models
from services.grants.schema.context import Info
from services.grants.schema.numbers import PublishedGrants, PublishedOutcomes
from vereda.caller import Scope
from vereda.graph import one_of


@strawberry.type
class NumberQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REPORT_READ),
        description="The network's figures of grants applied for in a year. Null before they are published.",
    )
    async def published_grants(self, info: Info, year: int) -> PublishedGrants | None:
        info.context.caller.require(Scope.REPORT_READ)
        async with info.context.read() as session:
            row = await session.scalar(
                select(models.PublishedGrants).where(models.PublishedGrants.year == year)
            )
        return PublishedGrants.of(row) if row else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REPORT_READ),
        description="What came of the awards on a year's applications: licences before and after them, and who was in business a"
        " year after the course. Null before it is published.",
    )
    async def published_outcomes(self, info: Info, year: int) -> PublishedOutcomes | None:
        info.context.caller.require(Scope.REPORT_READ)
        async with info.context.read() as session:
            row = await session.scalar(
                select(models.PublishedOutcomes).where(models.PublishedOutcomes.year == year)
            )
        return PublishedOutcomes.of(row) if row else None
