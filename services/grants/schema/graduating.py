"""Certificates that name nobody, and funnels by season, as they are shown."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import strawberry

from services.grants import models
from services.grants.domain.cohorts import Season
from services.grants.operations.graduating import SeasonPaths
from services.grants.schema.context import Info
from services.grants.schema.progress import LicenceFunnel
from services.grants.schema.training import Cohort


@strawberry.type(description="That somebody completed a course. Who it was, their certificate does not say.")
class Certificate:
    completed_on: date
    cohort_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: models.Certificate) -> Certificate:
        return cls(completed_on=row.completed_on, cohort_id=row.cohort_id)

    @strawberry.field
    async def cohort(self, info: Info) -> Cohort:
        return Cohort.of(await info.context.loaders.cohort.load(self.cohort_id))


@strawberry.type(description="All cohorts of a season that you hosted, together.")
class SeasonFunnel:
    season: Season
    year: int
    cohorts: int
    funnel: LicenceFunnel

    @classmethod
    def of(cls, found: SeasonPaths) -> SeasonFunnel:
        return cls(
            season=found.season,
            year=found.year,
            cohorts=found.cohorts,
            funnel=LicenceFunnel.of(found.paths),
        )
