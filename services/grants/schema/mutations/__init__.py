"""All that can be done: each area's changes, in one type."""

from __future__ import annotations

import strawberry

from services.grants.schema.mutations.attendance import AttendanceMutations
from services.grants.schema.mutations.awards import AwardMutations
from services.grants.schema.mutations.documents import DocumentMutations
from services.grants.schema.mutations.funding import FundingMutations
from services.grants.schema.mutations.progress import ProgressMutations
from services.grants.schema.mutations.reviews import ReviewMutations
from services.grants.schema.mutations.selection import SelectionMutations
from services.grants.schema.mutations.sources import SourceMutations
from services.grants.schema.mutations.training import TrainingMutations
from services.grants.schema.queries.feed import WebhookMutations


@strawberry.type
class Mutation(
    TrainingMutations,
    AttendanceMutations,
    FundingMutations,
    DocumentMutations,
    ReviewMutations,
    AwardMutations,
    SelectionMutations,
    ProgressMutations,
    SourceMutations,
    WebhookMutations,  # type: ignore[misc]
):
    pass
