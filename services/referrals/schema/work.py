"""Work lists, what was not answered, and how quickly partners answer."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.clocks import Urgency
from services.referrals.domain.lifecycle import State
from services.referrals.domain.tasks import TaskKind
from services.referrals.operations.limits import Pace
from services.referrals.schema.context import Info
from services.referrals.schema.partners import Organization
from vereda.mapping import from_row

if TYPE_CHECKING:
    from services.referrals.schema.referrals import Referral

_Referral = Annotated["Referral", strawberry.lazy("services.referrals.schema.referrals")]


@strawberry.type(description="Something that your organisation still has to do about a referral.")
class ReferralTask:
    id: strawberry.ID
    kind: TaskKind
    opened_at: datetime
    row: strawberry.Private[models.Task]

    @classmethod
    def of(cls, row: models.Task) -> ReferralTask:
        return from_row(cls, row, row=row)

    @strawberry.field
    async def referral(self, info: Info) -> _Referral | None:
        from services.referrals.schema.referrals import Referral

        row = await info.context.loaders.referral.load(self.row.referral_id)
        return Referral.of(info, row) if row else None


@strawberry.type(
    description="Somebody who has not answered a referral for long. Of nobody's story (R13, R16)."
)
class Escalation:
    domain: str | None = strawberry.field(description="Kind of help.")
    urgency: Urgency
    state: State
    waiting_since: datetime
    opened_at: datetime
    row: strawberry.Private[models.Escalation]

    @classmethod
    def of(cls, row: models.Escalation) -> Escalation:
        return from_row(cls, row, row=row)

    @strawberry.field(description="Who has to answer.")
    def responsible(self) -> Organization | None:
        return Organization.of(self.row.responsible_id)


@strawberry.type(description="How quickly a partner answers, and when it works; local times of California.")
class ResponseLimits:
    acknowledge_business_days: int
    respond_business_days: int
    contact_business_days: int
    information_business_days: int
    expire_business_days: int
    urgent_business_hours: int
    heartbeat_days: int
    revalidate_days: int
    opens: time
    closes: time
    holidays: list[date] = strawberry.field(description="Its own, besides the federal ones.")

    @classmethod
    def of(cls, pace: Pace) -> ResponseLimits:
        calendar = pace.calendar
        return from_row(
            cls,
            pace.limits,
            opens=calendar.opens,
            closes=calendar.closes,
            holidays=sorted(calendar.holidays),
        )
