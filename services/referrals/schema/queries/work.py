"""Work lists, and what was not answered."""

from __future__ import annotations

from functools import partial

import strawberry

from services.referrals.operations.limits import pace_of
from services.referrals.operations.work import (
    LONGEST_WAITING_FIRST,
    OLDEST_ESCALATION_FIRST,
    OLDEST_TASK_FIRST,
    black_hole,
    network_black_hole,
    open_tasks,
)
from services.referrals.schema.context import Info
from services.referrals.schema.referrals import Referral
from services.referrals.schema.work import Escalation, ReferralTask, ResponseLimits
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.type
class WorkQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="What your organisation still has to do, the oldest first.",
    )
    async def referral_tasks(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ReferralTask] | None:
        info.context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
        statement = open_tasks(info.context)
        return await listed(info.context, statement, OLDEST_TASK_FIRST, first, after, ReferralTask.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="What your organisation sent and nothing was heard of in time, the oldest first.",
    )
    async def black_hole(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Referral] | None:
        info.context.caller.require(Scope.REFERRAL_SEND)
        return await listed(
            info.context,
            black_hole(info.context),
            LONGEST_WAITING_FIRST,
            first,
            after,
            partial(Referral.of, info),
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.ADMIN_NETWORK),
        description="Who in the network has not answered for long, for its coordinator; without anybody's story.",
    )
    async def network_black_hole(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Escalation] | None:
        info.context.caller.require(Scope.ADMIN_NETWORK)
        return await listed(
            info.context, network_black_hole(), OLDEST_ESCALATION_FIRST, first, after, Escalation.of
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="How quickly an organisation answers, or one of its services.",
    )
    async def response_limits(
        self, info: Info, organization: strawberry.ID, service: strawberry.ID | None = None
    ) -> ResponseLimits | None:
        info.context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
        of_service = parse_id(service, "service") if service else None
        async with info.context.read() as session:
            pace = await pace_of(session, parse_id(organization, "organization"), of_service)
        return ResponseLimits.of(pace)
