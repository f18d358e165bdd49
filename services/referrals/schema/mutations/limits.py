"""How quickly an organisation answers, and when it works: its own to say."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

import strawberry

from services.referrals.operations import limits
from services.referrals.operations.limits import Pace
from services.referrals.schema.context import Info
from services.referrals.schema.work import ResponseLimits
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput


@strawberry.input(description="Whatever is left out is the organisation's own, or the network's default.")
class SetResponseLimitsInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    service: strawberry.ID | None = strawberry.field(
        default=None, description="Of one service alone; none for all that have none of their own."
    )
    acknowledge_business_days: int | None = None
    respond_business_days: int | None = None
    contact_business_days: int | None = None
    information_business_days: int | None = None
    expire_business_days: int | None = None
    urgent_business_hours: int | None = None
    heartbeat_days: int | None = None
    revalidate_days: int | None = None
    opens: time | None = strawberry.field(default=None, description="Local time of California.")
    closes: time | None = strawberry.field(default=None, description="Local time of California.")

    def parsed(self) -> limits.LimitsFields:
        return limits.LimitsFields(
            service=parse_id(self.service, "service") if self.service else None,
            acknowledge_business_days=self.acknowledge_business_days,
            respond_business_days=self.respond_business_days,
            contact_business_days=self.contact_business_days,
            information_business_days=self.information_business_days,
            expire_business_days=self.expire_business_days,
            urgent_business_hours=self.urgent_business_hours,
            heartbeat_days=self.heartbeat_days,
            revalidate_days=self.revalidate_days,
            opens=self.opens,
            closes=self.closes,
        )


@strawberry.input
class SetHolidaysInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    year: int
    days: list[date] = strawberry.field(description="All of that year; they take the place of what was set.")


@strawberry.type
class ResponseLimitsSet:
    limits: ResponseLimits


ResponseLimitsPayload = Annotated[ResponseLimitsSet | InvalidInput, strawberry.union("ResponseLimitsPayload")]


@strawberry.type
class LimitsMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Set how quickly your organisation answers, or one of its services.",
    )
    async def set_response_limits(
        self, info: Info, input: SetResponseLimitsInput
    ) -> ResponseLimitsPayload | None:
        done = await limits.set_limits(info.context, input.parsed(), input.idempotency_key)
        return ResponseLimitsSet(limits=ResponseLimits.of(done)) if isinstance(done, Pace) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say on which days of a year your organisation does not work, besides the federal holidays.",
    )
    async def set_holidays(self, info: Info, input: SetHolidaysInput) -> ResponseLimitsPayload | None:
        done = await limits.set_holidays(info.context, input.year, tuple(input.days), input.idempotency_key)
        return ResponseLimitsSet(limits=ResponseLimits.of(done)) if isinstance(done, Pace) else done
