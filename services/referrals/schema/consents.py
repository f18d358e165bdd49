"""Consents, as their capturer and those whom they name see them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.referrals import models
from services.referrals.domain import consent as rule
from services.referrals.domain.consent import DataClass, Grantor, Method, Purpose
from services.referrals.operations.consents import as_rule
from services.referrals.schema.context import READING, Info
from services.referrals.schema.partners import Organization
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.mapping import from_row


@strawberry.federation.type(
    keys=["id"],
    requires_scopes=one_of(*READING),
    description="What a client allowed, to whom, for what, until when.",
)
class Consent:
    id: strawberry.ID
    grantor: Grantor
    method: Method
    language: str
    script_version: str
    script_hash: str = strawberry.field(description="SHA-256 of what was read to the client.")
    receipt_hash: str | None = strawberry.field(description="SHA-256 of the receipt; for who recorded it.")
    valid_from: datetime
    expires_at: datetime
    revoked_at: datetime | None
    row: strawberry.Private[models.Consent]

    @classmethod
    def of(cls, info: Info, row: models.Consent) -> Consent:
        info.context.caller.require(*READING)
        own = row.organization_id == info.context.caller.organization
        return from_row(cls, row, row=row, receipt_hash=row.receipt_hash if own else None)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Consent | None:
        info.context.caller.require(*READING)
        row = await info.context.loaders.consent.load(parse_id(id, "id"))
        return cls.of(info, row) if row else None

    @strawberry.field
    def active(self, info: Info) -> bool:
        return as_rule(self.row).active(info.context.now)

    @strawberry.field(description="Who may receive: all of them for its capturer, yourself for a recipient.")
    def recipients(self, info: Info) -> list[Organization | None]:
        own = info.context.caller.organization
        shown = self.row.recipients if self.row.organization_id == own else [own]
        return [Organization.of(one) for one in shown]

    @strawberry.field
    def purposes(self) -> list[Purpose]:
        return [Purpose(one) for one in self.row.purposes]

    @strawberry.field
    def data_classes(self) -> list[DataClass]:
        return [DataClass(one) for one in self.row.data_classes]

    @strawberry.field(description="The sentence that travels with what is disclosed (R11).")
    def scope_sentence(self) -> str:
        return rule.scope_sentence(as_rule(self.row))
