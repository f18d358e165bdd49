"""Open offers, as whoever may claim them sees them, and as their sender does."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.referrals import models
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.disclosure import Rung
from services.referrals.domain.offers import OfferState
from services.referrals.schema.context import Info
from services.referrals.schema.disclosure import authored, reached, status_shown
from services.referrals.schema.partners import Organization, Service
from vereda.mapping import from_row


def one_or_several(offer: str | None, open_to: list[str] | None) -> tuple[str, ...]:
    """The offers of an input that takes either; none where both are given, which is refused like nothing."""
    return () if offer and open_to else (*([offer] if offer else []), *(open_to or []))


@strawberry.type(
    description="Somebody whom you may take on, before you do: what a decision needs, and no person (R13, R14)."
)
class OpenOffer:
    id: strawberry.ID = strawberry.field(description="The offer's own. The referral shows once it is yours.")
    domain: str = strawberry.field(description="Kind of help.")
    urgency: Urgency
    language: str | None = strawberry.field(
        description="ISO 639-3; null where the client did not consent to telling it."
    )
    state: OfferState
    offered_at: datetime
    answer_by: datetime | None
    row: strawberry.Private[models.ReferralOffer]

    @classmethod
    def of(cls, row: models.ReferralOffer) -> OpenOffer:
        return from_row(cls, row, row=row)

    @strawberry.field(description="Which of your services is asked for.")
    def service(self) -> Service | None:
        return Service.of(self.row.service_id)

    @strawberry.field(description="Who asks.")
    def sender(self) -> Organization | None:
        return Organization.of(self.row.asked_by)


@strawberry.type(description="An open offer that you made to one organisation.")
class SentOffer:
    offered_at: datetime
    row: strawberry.Private[models.ReferralOffer]
    referral: strawberry.Private[models.Referral]

    @classmethod
    def of(cls, referral: models.Referral, row: models.ReferralOffer) -> SentOffer:
        return from_row(cls, row, row=row, referral=referral)

    @strawberry.field(description="If the client consented to your knowing it.")
    async def state(self, info: Info) -> OfferState | None:
        return self.row.state if await status_shown(info, self.referral) else None

    @strawberry.field
    def organization(self, info: Info) -> Organization | None:
        return Organization.of(self.row.organization_id) if authored(info, self.referral) else None

    @strawberry.field
    def service(self, info: Info) -> Service | None:
        exact = reached(info, self.referral, Rung.EXACT)
        return Service.of(self.row.service_id) if exact else None
