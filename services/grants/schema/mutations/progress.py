"""Entering what comes of a training."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from services.grants import models
from services.grants.domain.follow_ups import FollowUpOutcome
from services.grants.domain.progress import (
    AssistanceMode,
    AssistanceTopic,
    MilestoneKind,
    MilestoneStage,
    VentureSector,
    VentureStage,
)
from services.grants.operations import follow_ups, progress
from services.grants.schema.context import Info
from services.grants.schema.progress import FollowUp
from services.grants.schema.training import Participant
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input
class LogAssistanceInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    participant: strawberry.ID
    topic: AssistanceTopic
    mode: AssistanceMode
    language: str = strawberry.field(description="ISO 639-3.")
    minutes: int
    on: date


@strawberry.input
class RecordMilestoneInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    participant: strawberry.ID
    kind: MilestoneKind
    stage: MilestoneStage
    on: date
    evidence: str | None = strawberry.field(
        default=None, description="A reference in capitals and digits, such as `CITY-2027/114`. Screened."
    )


@strawberry.input
class SetVentureInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    participant: strawberry.ID
    expected_version: int | None = strawberry.field(
        default=None, description="`Venture.version`; left out for the first."
    )
    sector: VentureSector
    stage: VentureStage
    jobs: int = 0
    county: strawberry.ID


@strawberry.input
class AnswerFollowUpInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    outcome: FollowUpOutcome
    jobs: int | None = strawberry.field(default=None, description="Their own, and those that they gave.")


@strawberry.type
class FollowUpAnswered:
    follow_up: FollowUp


@strawberry.type
class ProgressSaved:
    participant: Participant


LogAssistancePayload = Annotated[
    ProgressSaved | InvalidInput | NotFound | NotAllowed, strawberry.union("LogAssistancePayload")
]
RecordMilestonePayload = Annotated[
    ProgressSaved | InvalidInput | NotFound | NotAllowed, strawberry.union("RecordMilestonePayload")
]
SetVenturePayload = Annotated[
    ProgressSaved | InvalidInput | NotFound | NotAllowed | VersionConflict,
    strawberry.union("SetVenturePayload"),
]

AnswerFollowUpPayload = Annotated[
    FollowUpAnswered | InvalidInput | NotFound | NotAllowed, strawberry.union("AnswerFollowUpPayload")
]


@strawberry.type
class ProgressMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Enter what a participant answered, long after the course.",
    )
    async def answer_follow_up(self, info: Info, input: AnswerFollowUpInput) -> AnswerFollowUpPayload | None:
        done = await follow_ups.answer_follow_up(
            info.context, parse_id(input.id, "id"), input.outcome, input.jobs, input.idempotency_key
        )
        return FollowUpAnswered(follow_up=FollowUp.of(done)) if isinstance(done, models.FollowUp) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE), description="Enter time that you gave a participant."
    )
    async def log_assistance(self, info: Info, input: LogAssistanceInput) -> LogAssistancePayload | None:
        given = progress.AssistanceFields(
            topic=input.topic, mode=input.mode, language=input.language, minutes=input.minutes, on=input.on
        )
        done = await progress.log_assistance(
            info.context, parse_id(input.participant, "participant"), given, input.idempotency_key
        )
        return _saved(info, done) if isinstance(done, models.Participant) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Enter what a participant applied for, obtained or lost.",
    )
    async def record_milestone(
        self, info: Info, input: RecordMilestoneInput
    ) -> RecordMilestonePayload | None:
        given = progress.MilestoneFields(
            kind=input.kind, stage=input.stage, on=input.on, evidence=input.evidence
        )
        done = await progress.record_milestone(
            info.context, parse_id(input.participant, "participant"), given, input.idempotency_key
        )
        return _saved(info, done) if isinstance(done, models.Participant) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE), description="Say what a participant is building."
    )
    async def set_venture(self, info: Info, input: SetVentureInput) -> SetVenturePayload | None:
        given = progress.VentureFields(
            sector=input.sector, stage=input.stage, jobs=input.jobs, county=str(input.county)
        )
        done = await progress.set_venture(
            info.context,
            parse_id(input.participant, "participant"),
            input.expected_version,
            given,
            input.idempotency_key,
        )
        return _saved(info, done) if isinstance(done, models.Participant) else done


def _saved(info: Info, row: models.Participant) -> ProgressSaved:
    return ProgressSaved(participant=Participant.of(info, row))
