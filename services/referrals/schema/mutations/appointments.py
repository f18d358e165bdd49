"""Booking, and what becomes of what was booked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.appointments import AppointmentMode
from services.referrals.operations import appointments, checking_in
from services.referrals.operations.appointments import Change
from services.referrals.refusals import (
    CodeRefused,
    ConsentMissing,
    MoveNotAllowed,
    OfferRefused,
    SensitiveText,
    ServiceFull,
    WorkshopFull,
)
from services.referrals.schema.appointments import Appointment
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict

strawberry.enum(Change, name="AppointmentChange", description="What is done with an appointment that stands.")


@strawberry.input
class BookAppointmentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    slot: str | None = strawberry.field(
        default=None, description="Instead of times: `Workshop.slot` of a workshop that the recipient gives."
    )
    mode: AppointmentMode = AppointmentMode.IN_PERSON
    interpreter_language: str | None = strawberry.field(default=None, description="ISO 639-3.")
    propose: bool = strawberry.field(
        default=False, description="As the recipient: ask the other side first. The sender always asks."
    )

    def parsed(self) -> appointments.BookingFields:
        return appointments.BookingFields(
            referral=parse_id(self.referral, "referral"),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            slot=self.slot,
            mode=self.mode,
            interpreter_language=self.interpreter_language,
            propose=self.propose,
        )


@strawberry.input
class ChangeAppointmentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    change: Change
    starts_at: datetime | None = strawberry.field(default=None, description="With MOVE.")
    ends_at: datetime | None = strawberry.field(default=None, description="With MOVE.")

    def parsed(self) -> appointments.ChangeFields:
        return appointments.ChangeFields(
            id=parse_id(self.id, "id"),
            expected_version=self.expected_version,
            change=self.change,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )


@strawberry.type
class AppointmentSaved:
    appointment: Appointment


AppointmentPayload = Annotated[
    AppointmentSaved
    | WorkshopFull
    | MoveNotAllowed
    | ConsentMissing
    | ServiceFull
    | OfferRefused
    | SensitiveText
    | InvalidInput
    | NotAllowed
    | NotFound
    | VersionConflict,
    strawberry.union("AppointmentPayload"),
]


@strawberry.input
class CheckInInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    workshop: strawberry.ID
    code: str = strawberry.field(
        description="As the client says it; hyphens, spaces and small letters do not matter."
    )


CheckInPayload = Annotated[
    AppointmentSaved
    | CodeRefused
    | MoveNotAllowed
    | ConsentMissing
    | ServiceFull
    | OfferRefused
    | SensitiveText
    | WorkshopFull
    | InvalidInput
    | NotAllowed
    | NotFound
    | VersionConflict,
    strawberry.union("CheckInPayload"),
]


@strawberry.type
class AppointmentMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.BOOKING_WRITE),
        description="At the door of a workshop of yours: take up the seat whose code was said. Each works once.",
    )
    async def check_in(self, info: Info, input: CheckInInput) -> CheckInPayload | None:
        workshop = parse_id(input.workshop, "workshop")
        done = await checking_in.check_in(info.context, workshop, input.code, input.idempotency_key)
        return (
            AppointmentSaved(appointment=Appointment.of(done))
            if isinstance(done, models.Appointment)
            else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.BOOKING_WRITE),
        description="Book a time for a referred client, or a seat at a workshop; or propose one to the other side.",
    )
    async def book_appointment(self, info: Info, input: BookAppointmentInput) -> AppointmentPayload | None:
        done = await appointments.book_appointment(info.context, input.parsed(), input.idempotency_key)
        return (
            AppointmentSaved(appointment=Appointment.of(done))
            if isinstance(done, models.Appointment)
            else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.BOOKING_WRITE),
        description="Confirm, move or cancel an appointment; say that the client came, or did not.",
    )
    async def change_appointment(
        self, info: Info, input: ChangeAppointmentInput
    ) -> AppointmentPayload | None:
        done = await appointments.change_appointment(info.context, input.parsed(), input.idempotency_key)
        return (
            AppointmentSaved(appointment=Appointment.of(done))
            if isinstance(done, models.Appointment)
            else done
        )
