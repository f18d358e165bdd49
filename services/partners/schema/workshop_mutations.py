"""Writing to the shared calendar of workshops."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.partners import models
from services.partners.operations import workshop_changes, workshops
from services.partners.operations.calendar import Clashing
from services.partners.schema.calendar import WorkshopClashes
from services.partners.schema.context import Info
from services.partners.schema.types import Workshop
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input
class PlanWorkshopInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    title: str
    title_es: str | None = None
    county: strawberry.ID
    location: strawberry.ID | None = None
    rural: bool = False
    terms: list[strawberry.ID]
    languages: list[str] = strawberry.field(default_factory=list)
    starts_at: datetime
    ends_at: datetime
    capacity: int
    practitioners: list[strawberry.ID] = strawberry.field(default_factory=list)
    override_reason: str | None = strawberry.field(
        default=None,
        description="Why it is to be planned although it clashes with others; partners can read it.",
    )

    def parsed(self) -> workshops.WorkshopFields:
        return workshops.WorkshopFields(
            title=self.title,
            title_es=self.title_es,
            county=self.county,
            location_id=parse_id(self.location, "location") if self.location else None,
            rural=self.rural,
            term_codes=tuple(map(str, self.terms)),
            languages=tuple(self.languages),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            capacity=self.capacity,
            practitioner_ids=tuple(parse_id(one, "practitioners") for one in self.practitioners),
            override_reason=self.override_reason,
        )


@strawberry.input
class PublishWorkshopInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int


@strawberry.input(description="When and where it is to be; what is left out is emptied.")
class MoveWorkshopInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    starts_at: datetime
    ends_at: datetime
    county: strawberry.ID
    location: strawberry.ID | None = None
    override_reason: str | None = None

    def parsed(self) -> workshop_changes.NewTime:
        return workshop_changes.NewTime(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            county=str(self.county),
            location_id=parse_id(self.location, "location") if self.location else None,
            override_reason=self.override_reason,
        )


@strawberry.input
class CancelWorkshopInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    reason: str = strawberry.field(description="Partners can read it: say nothing of anybody in it.")


@strawberry.input
class HoldWorkshopInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int


@strawberry.type
class WorkshopSaved:
    workshop: Workshop


WorkshopPayload = Annotated[
    WorkshopSaved | WorkshopClashes | InvalidInput | NotFound | NotAllowed | VersionConflict,
    strawberry.union("WorkshopPayload"),
]


@strawberry.type
class WorkshopMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Put a workshop on the shared calendar. One that clashes with others is not put there unless you say why; the"
        " answer names them, and days and places that are free.",
    )
    async def plan_workshop(self, info: Info, input: PlanWorkshopInput) -> WorkshopPayload | None:
        done = await workshops.plan_workshop(info.context, input.parsed(), input.idempotency_key)
        return await _payload(info, done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Announce a workshop; somebody authorised must be named for its day.",
    )
    async def publish_workshop(self, info: Info, input: PublishWorkshopInput) -> WorkshopPayload | None:
        done = await workshops.publish_workshop(
            info.context, parse_id(input.id, "id"), input.expected_version, input.idempotency_key
        )
        return await _payload(info, done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Put a workshop on another day or at another place. Where nobody is authorised on its new day it is no more"
        " announced, and `task` says so.",
    )
    async def move_workshop(self, info: Info, input: MoveWorkshopInput) -> WorkshopPayload | None:
        done = await workshop_changes.move_workshop(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.parsed(),
            input.idempotency_key,
        )
        return await _payload(info, done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN), description="Call a workshop off, and say why."
    )
    async def cancel_workshop(self, info: Info, input: CancelWorkshopInput) -> WorkshopPayload | None:
        done = await workshop_changes.cancel_workshop(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.reason,
            input.idempotency_key,
        )
        return await _payload(info, done)

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.WORKSHOP_PLAN),
        description="Say that an announced workshop was held, once it has begun.",
    )
    async def hold_workshop(self, info: Info, input: HoldWorkshopInput) -> WorkshopPayload | None:
        done = await workshop_changes.hold_workshop(
            info.context, parse_id(input.id, "id"), input.expected_version, input.idempotency_key
        )
        return await _payload(info, done)


async def _payload(
    info: Info,
    done: models.Workshop | Clashing | InvalidInput | NotFound | NotAllowed | VersionConflict,
) -> WorkshopPayload:
    if isinstance(done, models.Workshop):
        return WorkshopSaved(workshop=Workshop.of(done))
    return await WorkshopClashes.of(info, done) if isinstance(done, Clashing) else done
