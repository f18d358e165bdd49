"""What comes of a training, as it is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from services.grants.schema.training import Participant

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
    evidence: str | None = strawberry.field(description="A number in somebody's records; no document.")

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
