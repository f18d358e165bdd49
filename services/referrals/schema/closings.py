"""What came of workshops, in the graph."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from services.referrals import models
from services.referrals.domain.reports import ELSEWHERE
from services.referrals.domain.turnout import Turnout
from services.referrals.operations import workshop_closings
from services.referrals.refusals import (
    ConsentMissing,
    MoveNotAllowed,
    OfferRefused,
    SensitiveText,
    ServiceFull,
    WorkshopFull,
)
from services.referrals.schema.context import Info
from services.referrals.schema.partners import County, Workshop
from services.referrals.schema.reports import TallyLine
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.type(description="How many came, exactly: to the host alone.")
class WorkshopTurnout:
    booked: int = strawberry.field(description="Seats of those who came, and of those who did not.")
    attended: int
    no_shows: int
    walk_ins: int = strawberry.field(description="Who came without a booking: counted, not recorded.")
    taken_on: int = strawberry.field(description="Taken on for full representation, of all who came.")
    no_show_rate: float | None = strawberry.field(description="Of the booked, 0 to 1.")
    taken_on_rate: float | None = strawberry.field(description="Of all who came, 0 to 1.")

    @classmethod
    def of(cls, found: Turnout) -> WorkshopTurnout:
        return cls(
            booked=found.booked,
            attended=found.attended,
            no_shows=found.no_shows,
            walk_ins=found.walk_ins,
            taken_on=found.taken_on,
            no_show_rate=found.no_show_rate,
            taken_on_rate=found.taken_on_rate,
        )


@strawberry.type(description="A workshop as its host closed it.")
class WorkshopClosing:
    held_at: datetime
    version: int
    turnout: WorkshopTurnout
    workshop_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: models.WorkshopClosing) -> WorkshopClosing:
        return cls(
            held_at=row.held_at,
            version=row.version,
            turnout=WorkshopTurnout.of(workshop_closings.turnout_in(row)),
            workshop_id=row.workshop_id,
        )

    @strawberry.field
    def workshop(self) -> Workshop:
        return Workshop.of(self.workshop_id)


@strawberry.type(description="What came of your workshops of a period, together.")
class SeasonTurnout:
    period: str
    workshops: int = strawberry.field(description="Those that were closed.")
    turnout: WorkshopTurnout


@strawberry.input
class WorkshopTallyInput:
    form: str = strawberry.field(description="A quarterly form that `tallyForms` lists.")
    line: str
    count: int = strawberry.field(description="Each person is counted once on a line.")


@strawberry.input
class CloseWorkshopInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    slot: str = strawberry.field(description="`Workshop.slot` of your workshop, once it is over.")
    walk_ins: int = strawberry.field(description="Who came without a booking.")
    taken_on: int = strawberry.field(
        default=0, description="Taken on for full representation, of all who came."
    )
    lines: list[WorkshopTallyInput] = strawberry.field(default_factory=list)
    expected_version: int | None = strawberry.field(
        default=None, description="Of the closing that you correct; left out the first time."
    )

    def parsed(self) -> workshop_closings.ClosingFields:
        return workshop_closings.ClosingFields(
            slot=self.slot,
            walk_ins=self.walk_ins,
            taken_on=self.taken_on,
            lines=tuple((one.form, one.line, one.count) for one in self.lines),
            expected_version=self.expected_version,
        )


@strawberry.type
class WorkshopClosed:
    closing: WorkshopClosing


ClosingPayload = Annotated[
    WorkshopClosed
    | OfferRefused
    | InvalidInput
    | NotAllowed
    | NotFound
    | VersionConflict
    | MoveNotAllowed
    | ConsentMissing
    | ServiceFull
    | SensitiveText
    | WorkshopFull,
    strawberry.union("ClosingPayload"),
]


@strawberry.type
class ClosingQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.BOOKING_WRITE, Scope.TALLY_SUBMIT),
        description="What came of your organisation's workshops of a quarter, `2026-Q3`, or of a year.",
    )
    async def workshop_turnout(self, info: Info, period: str) -> SeasonTurnout | None:
        number, found = await workshop_closings.turnout_of(info.context, period)
        return SeasonTurnout(period=period, workshops=number, turnout=WorkshopTurnout.of(found))

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.TALLY_SUBMIT),
        description="What your workshops of a period add up to on a form: look it over, then `submitTally`.",
    )
    async def tally_of_workshops(self, info: Info, form: str, period: str) -> WorkshopTallies | None:
        found = await workshop_closings.tallied(info.context, form, period)
        return WorkshopTallies(
            form=form,
            period=period,
            lines=[
                TallyLine(line=line, county=None if county == ELSEWHERE else County.of(county), count=count)
                for line, county, count in found
            ],
        )


@strawberry.type(description="A form as your workshops fill it: nothing is submitted by reading it.")
class WorkshopTallies:
    form: str
    period: str
    lines: list[TallyLine]


@strawberry.type
class ClosingMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.BOOKING_WRITE),
        description="Close a workshop of yours once it is over: whoever booked and was not checked in did not come, walk-ins are"
        " counted, and the lines of funders' forms are filled.",
    )
    async def close_workshop(self, info: Info, input: CloseWorkshopInput) -> ClosingPayload | None:
        done = await workshop_closings.close_workshop(info.context, input.parsed(), input.idempotency_key)
        if isinstance(done, models.WorkshopClosing):
            return WorkshopClosed(closing=WorkshopClosing.of(done))
        return done
