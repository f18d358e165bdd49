"""Broken glass, as who broke it and the client's home see it (R29)."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.referrals import models
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import DataClass, Withheld
from services.referrals.domain.emergencies import REVIEWED_WITHIN, Danger, is_overdue
from services.referrals.operations.vault import vault
from services.referrals.schema.clients import Client
from services.referrals.schema.context import Info
from services.referrals.schema.partners import Organization
from vereda.mapping import from_row


@strawberry.type(description="One organisation's word on an emergency access.")
class EmergencyReview:
    organization: Organization | None
    justified: bool
    reviewed_at: datetime


@strawberry.type(
    description="An hour in which one person, for danger to life, sees who a client is and how to reach them (R29)."
)
class EmergencyAccess:
    id: strawberry.ID
    danger: Danger
    opened_at: datetime
    expires_at: datetime
    client_told_at: datetime | None = strawberry.field(
        description="When the client's home organisation told them of it, as it has to."
    )
    row: strawberry.Private[models.EmergencyAccess]

    @classmethod
    def of(cls, row: models.EmergencyAccess) -> EmergencyAccess:
        return from_row(cls, row, row=row)

    @strawberry.field
    async def client(self, info: Info) -> Client | None:
        row = await info.context.loaders.client.load(self.row.client_id)
        return Client.of(info, row) if row else None

    @strawberry.field(description="Whose person it was.")
    def organization(self) -> Organization | None:
        return Organization.of(self.row.organization_id)

    @strawberry.field(description="Who it was; for their own organisation.")
    def opened_by(self, info: Info) -> strawberry.ID | None:
        own = self.row.organization_id == info.context.caller.organization
        return strawberry.ID(self.row.opened_by) if own else None

    @strawberry.field(description="What they stated; for the client's home, and for the hour for who did.")
    async def statement(self, info: Info) -> str | None:
        rows = await info.context.loaders.keys_of_client.load(self.row.client_id)
        of = self.row.id
        key = next((r for r in rows if r.key_group is KeyGroup.EMERGENCY and r.referral_id == of), None)
        text = vault(info.context.settings).open(key, self.row.statement_sealed)
        if text is None:
            info.context.redact(info, DataClass.IDENTITY.value, Withheld.ERASED.value)
        return text

    @strawberry.field(description="By two people, one of each organisation, neither of them who opened it.")
    async def reviews(self, info: Info) -> list[EmergencyReview]:
        rows = await info.context.loaders.emergency_reviews.load(self.row.id)
        return [from_row(EmergencyReview, r, organization=Organization.of(r.organization_id)) for r in rows]

    @strawberry.field(description="By when both reviews are due.")
    def reviews_due_at(self) -> datetime:
        return self.row.opened_at + REVIEWED_WITHIN

    @strawberry.field
    async def overdue(self, info: Info) -> bool:
        rows = await info.context.loaders.emergency_reviews.load(self.row.id)
        return is_overdue(self.row.opened_at, len(rows), info.context.now)
