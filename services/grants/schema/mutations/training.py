"""Opening cohorts, and seating people in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from services.grants import models
from services.grants.domain.cohorts import CohortMoveName, ParticipantStatus, Season
from services.grants.operations import cohort_life, cohorts
from services.grants.refusals import (
    AlreadyThere,
    CohortMoveNotAllowed,
    CompletionMissing,
    ConsentProofRefused,
)
from services.grants.schema.context import Info
from services.grants.schema.training import Cohort, Participant, TrainingProgram
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict

_PROOF = "From `proveConsent`; the cohort's or round's organisation must be the one it names."


@strawberry.input
class CreateTrainingProgramInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    name: str
    name_es: str | None = None
    description: str | None = None


@strawberry.input
class OpenCohortInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    program: strawberry.ID
    season: Season
    year: int
    capacity: int = 40
    starts_on: date
    ends_on: date
    languages: list[str] = strawberry.field(default_factory=list)
    minimum_attendance_percent: int = 75
    plan_required: bool = strawberry.field(default=True, description="To complete the training.")

    def parsed(self) -> cohorts.CohortFields:
        return cohorts.CohortFields(
            program=parse_id(self.program, "program"),
            season=self.season,
            year=self.year,
            capacity=self.capacity,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            languages=tuple(self.languages),
            minimum_attendance_percent=self.minimum_attendance_percent,
            plan_required=self.plan_required,
        )


@strawberry.input
class EnrolParticipantInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    cohort: strawberry.ID
    proof: str = strawberry.field(description=_PROOF)


@strawberry.input
class ChangeParticipantInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    status: ParticipantStatus


@strawberry.input
class MoveCohortInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    move: CohortMoveName


@strawberry.type
class TrainingProgramSaved:
    training_program: TrainingProgram


@strawberry.type
class CohortOpened:
    cohort: Cohort


@strawberry.type
class CohortMoved:
    cohort: Cohort


@strawberry.type
class ParticipantEnrolled:
    participant: Participant


CreateTrainingProgramPayload = Annotated[
    TrainingProgramSaved | InvalidInput, strawberry.union("CreateTrainingProgramPayload")
]


OpenCohortPayload = Annotated[
    CohortOpened | InvalidInput | NotFound | NotAllowed, strawberry.union("OpenCohortPayload")
]


MoveCohortPayload = Annotated[
    CohortMoved | CohortMoveNotAllowed | NotFound | NotAllowed | VersionConflict,
    strawberry.union("MoveCohortPayload"),
]


EnrolParticipantPayload = Annotated[
    ParticipantEnrolled | ConsentProofRefused | AlreadyThere | NotFound | NotAllowed,
    strawberry.union("EnrolParticipantPayload"),
]


ChangeParticipantPayload = Annotated[
    ParticipantEnrolled | CompletionMissing | NotFound | NotAllowed | VersionConflict,
    strawberry.union("ChangeParticipantPayload"),
]


@strawberry.type
class TrainingMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE), description="Add a course to your organisation."
    )
    async def create_training_program(
        self, info: Info, input: CreateTrainingProgramInput
    ) -> CreateTrainingProgramPayload | None:
        done = await cohorts.create_training_program(
            info.context, input.name, input.name_es, input.description, input.idempotency_key
        )
        if isinstance(done, models.TrainingProgram):
            return TrainingProgramSaved(training_program=TrainingProgram.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Open a run of a course of yours for enrolment.",
    )
    async def open_cohort(self, info: Info, input: OpenCohortInput) -> OpenCohortPayload | None:
        done = await cohorts.open_cohort(info.context, input.parsed(), input.idempotency_key)
        return CohortOpened(cohort=Cohort.of(done)) if isinstance(done, models.Cohort) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Start, finish or cancel a cohort that you host.",
    )
    async def move_cohort(self, info: Info, input: MoveCohortInput) -> MoveCohortPayload | None:
        done = await cohort_life.move_cohort(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.move,
            input.idempotency_key,
        )
        return CohortMoved(cohort=Cohort.of(done)) if isinstance(done, models.Cohort) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE),
        description="Give a client a seat in a cohort, or a place on its waiting list.",
    )
    async def enrol_participant(
        self, info: Info, input: EnrolParticipantInput
    ) -> EnrolParticipantPayload | None:
        done = await cohorts.enrol_participant(
            info.context, parse_id(input.cohort, "cohort"), input.proof, input.idempotency_key
        )
        return _enrolled(info, done) if isinstance(done, models.Participant) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.COHORT_WRITE), description="Say how it goes with a participant."
    )
    async def change_participant(
        self, info: Info, input: ChangeParticipantInput
    ) -> ChangeParticipantPayload | None:
        done = await cohorts.change_participant(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.status,
            input.idempotency_key,
        )
        return _enrolled(info, done) if isinstance(done, models.Participant) else done


def _enrolled(info: Info, row: models.Participant) -> ParticipantEnrolled:
    return ParticipantEnrolled(participant=Participant.of(info, row))
