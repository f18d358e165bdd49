"""Who was shown a client's record (R28)."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.referrals import models
from services.referrals.domain.accounting import How
from services.referrals.domain.consent import DataClass, Purpose
from services.referrals.domain.emergencies import PURPOSE as EMERGENCY
from services.referrals.operations.accounting import how_of
from services.referrals.schema.context import Info
from services.referrals.schema.partners import Organization
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed_under
from vereda.pagination import Connection

strawberry.enum(How, name="DisclosureWay", description="In what way data was disclosed.")


@strawberry.type(description="That data of a client was shown to, or sent to, an organisation.")
class ClientDisclosure:
    at: datetime
    how: How
    data_classes: list[DataClass]
    purpose: Purpose | None = strawberry.field(
        description="Null in an emergency, for which there is no consent (R29)."
    )
    consent: strawberry.ID | None = strawberry.field(description="The consent that allowed it, by its id.")
    row: strawberry.Private[models.AuditEntry]

    @classmethod
    def of(cls, row: models.AuditEntry) -> ClientDisclosure:
        return cls(
            at=row.at,
            how=how_of(row),
            data_classes=[DataClass(one) for one in row.data_classes],
            purpose=Purpose(row.purpose) if row.purpose and row.purpose != EMERGENCY else None,
            consent=strawberry.ID(str(row.consent_id)) if row.consent_id else None,
            row=row,
        )

    @strawberry.field
    def recipient(self) -> Organization | None:
        return Organization.of(self.row.recipient_id) if self.row.recipient_id else None


@strawberry.type
class ClientDisclosures:
    """What a client has of disclosures."""

    row: strawberry.Private[models.Client]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Who was shown their record, the newest first: all of it for their home, your own part otherwise.",
    )
    async def disclosures(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ClientDisclosure] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        loader = info.context.loaders.disclosures_of_client
        return await listed_under(loader, self.row.id, first, after, ClientDisclosure.of)
