"""What comes of a training, as it is shown."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from services.grants import models
from services.grants.domain.follow_ups import FollowUpOutcome
from services.grants.domain.progress import (
    AssistanceMode,
    AssistanceTopic,
    FunnelStage,
    MilestoneKind,
    MilestoneStage,
    Path,
    VentureSector,
    VentureStage,
    median_days,
    reached,
)
from services.grants.schema.context import Info
from vereda.mapping import from_row
from vereda.suppression import Hidden

if TYPE_CHECKING:
    from services.grants.schema.training import Participant

#: The database keeps an object's names in an order of its own.
_PLACE: Final = {stage.value: place for place, stage in enumerate(FunnelStage)}
_Participant = Annotated["Participant", strawberry.lazy("services.grants.schema.training")]


@strawberry.type(description="Time that an advisor gave a participant.")
class AssistanceContact:
    topic: AssistanceTopic
    mode: AssistanceMode
    language: str
    minutes: int
    occurred_on: date
    advisor: str = strawberry.field(description="Who, as their token names them.")


@strawberry.type
class Assistance:
    minutes: int = strawberry.field(description="Of all contacts together.")
    contacts: list[AssistanceContact]

    @classmethod
    def of(cls, rows: list[models.AssistanceContact]) -> Assistance:
        contacts = [from_row(AssistanceContact, row) for row in rows]
        return cls(minutes=sum(row.minutes for row in rows), contacts=contacts)


@strawberry.type(description="Something that a participant applied for, obtained or lost.")
class Milestone:
    kind: MilestoneKind
    stage: MilestoneStage
    occurred_on: date
    evidence: str | None = strawberry.field(
        description="Where it is kept, as a code of your records; nothing of what it says."
    )

    @classmethod
    def of(cls, row: models.Milestone) -> Milestone:
        return from_row(cls, row)


@strawberry.type(description="What a participant is building.")
class Venture:
    sector: VentureSector
    stage: VentureStage
    jobs: int
    county: strawberry.ID = strawberry.field(description="FIPS code.")
    version: int

    @classmethod
    def of(cls, row: models.Venture) -> Venture:
        return from_row(cls, row, county=strawberry.ID(row.county_fips))


@strawberry.enum(
    description="Why a count of a funnel is not shown (CalHHS Data De-Identification Guidelines)."
)
class FunnelMark(Enum):
    SMALL = strawberry.enum_value(Hidden.SMALL.value, description="It is 1 to 10.")
    WITHHELD = strawberry.enum_value(Hidden.WITHHELD.value, description="It would give a small one away.")


@strawberry.type(description="How many came to a stage and no further.")
class PublishedStep:
    stage: FunnelStage
    count: int | None
    mark: FunnelMark | None = strawberry.field(description="Where the count is null: why.")


@strawberry.type(description="How far those came who kept their seat: published once, and never changed.")
class PublishedFunnel:
    published_at: datetime
    steps: list[PublishedStep] = strawberry.field(description="None where too few were counted.")

    @classmethod
    def of(cls, row: models.PublishedFunnel) -> PublishedFunnel:
        return cls(
            published_at=row.published_at,
            steps=[
                PublishedStep(
                    stage=FunnelStage(stage),
                    count=None if isinstance(figure, str) else figure,
                    mark=FunnelMark(figure) if isinstance(figure, str) else None,
                )
                for stage, figure in sorted(row.figures.items(), key=lambda one: _PLACE[one[0]])
            ],
        )


@strawberry.type(
    description="Somebody who is to be asked what came of it, so many months after they completed."
)
class FollowUp:
    id: strawberry.ID
    months: int
    due_on: date
    row: strawberry.Private[models.FollowUp]

    @classmethod
    def of(cls, row: models.FollowUp) -> FollowUp:
        return from_row(cls, row, row=row)

    @strawberry.field
    async def participant(self, info: Info) -> _Participant | None:
        from services.grants.schema.training import Participant

        row = await info.context.loaders.participant.load(self.row.participant_id)
        return Participant.of(info, row) if row else None


@strawberry.type(description="What a participant answered, by their own word.")
class FollowUpAnswer:
    months: int
    outcome: FollowUpOutcome
    jobs: int | None
    answered_at: datetime


@strawberry.type(description="Whom an advisor helps who have a seat: whoever was helped last first.")
class Caseload:
    advisor: str
    participants: list[_Participant]


@strawberry.type
class FunnelStep:
    stage: FunnelStage
    reached: int = strawberry.field(
        description="Who came to this stage or further: never more than before it."
    )
    median_days: float | None = strawberry.field(
        description="From admission, of those who reached this stage; `null` where nobody did."
    )


@strawberry.type(description="From admission to a licence: for the host.")
class LicenceFunnel:
    steps: list[FunnelStep]

    @classmethod
    def of(cls, paths: list[Path]) -> LicenceFunnel:
        counts, days = reached(paths), median_days(paths)
        return cls(
            steps=[
                FunnelStep(stage=stage, reached=counts[stage], median_days=days[stage])
                for stage in FunnelStage
            ]
        )
