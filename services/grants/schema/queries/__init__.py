"""All that can be asked: each area's roots, in one type."""

from __future__ import annotations

import strawberry

from services.grants.schema.queries.audit import AuditQueries
from services.grants.schema.queries.awards import AwardQueries
from services.grants.schema.queries.feed import FeedQueries
from services.grants.schema.queries.funding import FundingQueries
from services.grants.schema.queries.graduating import GraduatingQueries
from services.grants.schema.queries.numbers import NumberQueries
from services.grants.schema.queries.reviews import ReviewQueries
from services.grants.schema.queries.sources import SourceQueries
from services.grants.schema.queries.training import TrainingQueries
from services.grants.schema.region import RegionQueries


@strawberry.type
class Query(
    TrainingQueries,
    GraduatingQueries,
    FundingQueries,
    ReviewQueries,
    AwardQueries,
    SourceQueries,
    NumberQueries,
    RegionQueries,
    AuditQueries,
    FeedQueries,
):
    pass
