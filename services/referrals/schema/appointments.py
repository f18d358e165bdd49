"""When clients are expected."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.appointments import AppointmentMode, AppointmentStatus, written_code
from services.referrals.domain.disclosure import Rung
from services.referrals.domain.lifecycle import Party
from services.referrals.schema.context import Info
from services.referrals.schema.disclosure import reached
from services.referrals.schema.partners import Workshop
from vereda.mapping import from_row

if TYPE_CHECKING:
    from services.referrals.schema.referrals import Referral

_Referral = Annotated["Referral", strawberry.lazy("services.referrals.schema.referrals")]


@strawberry.type(description="A time with the recipient of a referral, or a seat at one of its workshops.")
class Appointment:
    id: strawberry.ID
    starts_at: datetime
    ends_at: datetime
    mode: AppointmentMode
    interpreter_language: str | None = strawberry.field(
        description="Of the interpreter who is to be there, ISO 639-3."
    )
    status: AppointmentStatus
    proposed_by: Party
    version: int
    row: strawberry.Private[models.Appointment]

    @classmethod
    def of(cls, row: models.Appointment) -> Appointment:
        return from_row(cls, row, row=row)

    @strawberry.field(description="For who wrote the referral and who receives it (R13).")
    async def workshop(self, info: Info) -> Workshop | None:
        if self.row.workshop_id is None:
            return None
        referral = await info.context.loaders.referral.load(self.row.referral_id)
        if referral is None or not reached(info, referral, Rung.EXACT):
            return None
        return Workshop.of(self.row.workshop_id)

    @strawberry.field(
        description="Of a seat: what the client is handed to say at the door, such as `7K3M-Q9XW`. It holds nothing of them."
    )
    def check_in_code(self) -> str | None:
        return written_code(self.row.check_in_code) if self.row.check_in_code else None

    @strawberry.field
    async def referral(self, info: Info) -> _Referral | None:
        from services.referrals.schema.referrals import Referral

        referral = await info.context.loaders.referral.load(self.row.referral_id)
        return Referral.of(info, referral) if referral else None
