"""Inbox and outbox: what was sent to one's organisation, and by it, filtered and in an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, Final

import strawberry
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from services.referrals.domain.clocks import Urgency
from services.referrals.domain.lifecycle import State
from services.referrals.models import Referral as ReferralRow
from services.referrals.operations.assigning import assigned_to
from services.referrals.operations.consents import status_returning
from services.referrals.schema.context import Info
from services.referrals.schema.referrals import Referral
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.pagination import Connection, Order


@strawberry.enum(description="In what order referrals are listed.")
class ReferralOrder(Enum):
    CREATED_DESC = strawberry.enum_value("CREATED_DESC", description="The newest first.")
    CREATED_ASC = strawberry.enum_value("CREATED_ASC", description="The oldest first.")
    DUE_ASC = strawberry.enum_value(
        "DUE_ASC", description="What is due first; a referral for which no clock runs is not in the list."
    )
    CHANGED_ASC = strawberry.enum_value(
        "CHANGED_ASC",
        description="By `changedAt`, the oldest change first: who asks again from the last one on misses nothing.",
    )
    CHANGED_DESC = strawberry.enum_value("CHANGED_DESC", description="By `changedAt`, the last change first.")


def _columns(changed: InstrumentedAttribute[Any]) -> Mapping[ReferralOrder, tuple[Order, ...]]:
    return {
        ReferralOrder.CREATED_DESC: (Order(ReferralRow.id, descending=True),),
        ReferralOrder.CREATED_ASC: (Order(ReferralRow.id),),
        ReferralOrder.DUE_ASC: (Order(ReferralRow.due_at), Order(ReferralRow.id)),
        ReferralOrder.CHANGED_ASC: (Order(changed), Order(ReferralRow.id)),
        ReferralOrder.CHANGED_DESC: (
            Order(changed, descending=True),
            Order(ReferralRow.id, descending=True),
        ),
    }


#: The recipient is told of all that happens; the sender of what the client consented to (R7).
_INBOX: Final = _columns(ReferralRow.updated_at)
_OUTBOX: Final = _columns(ReferralRow.told_at)


@strawberry.input(description="All that is given must hold; of several values, any.")
class ReferralFilter:
    states: list[State] | None = None
    urgency: Urgency | None = None
    sent_since: datetime | None = None
    changed_since: datetime | None = strawberry.field(
        default=None, description="By `changedAt`. Without `orderBy` the oldest change is first."
    )
    assignee: strawberry.ID | None = strawberry.field(
        default=None, description="Whose work it is in your organisation."
    )

    def applied(self, info: Info, statement: Select[ReferralRow], changed: Any) -> Select[ReferralRow]:
        if self.urgency:
            statement = statement.where(ReferralRow.urgency == self.urgency)
        if self.sent_since:
            statement = statement.where(ReferralRow.sent_at >= self.sent_since)
        if self.changed_since:
            statement = statement.where(changed >= self.changed_since)
        if self.assignee is not None:
            statement = statement.where(assigned_to(info.context, parse_id(self.assignee, "assignee")))
        return statement


@strawberry.type
class BoxQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE),
        description="What was sent to your organisation, the newest first.",
    )
    async def inbox(
        self,
        info: Info,
        filter: ReferralFilter | None = None,
        order_by: ReferralOrder | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Referral] | None:
        info.context.caller.require(Scope.REFERRAL_RECEIVE)
        received = select(ReferralRow).where(ReferralRow.recipient_id == info.context.caller.organization)
        return await _page(info, received, _INBOX, filter or ReferralFilter(), order_by, first, after)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="What your organisation sent, the newest first. By state, and by what is due, it lists those alone whose"
        " client consented that you learn how it goes.",
    )
    async def outbox(
        self,
        info: Info,
        filter: ReferralFilter | None = None,
        order_by: ReferralOrder | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Referral] | None:
        info.context.caller.require(Scope.REFERRAL_SEND)
        given = filter or ReferralFilter()
        sent = select(ReferralRow).where(ReferralRow.sender_id == info.context.caller.organization)
        if given.states or order_by is ReferralOrder.DUE_ASC:
            # To find a referral by its state, or by what is due for it, is to learn of that: only where the client
            # consented to it (R7).
            sent = sent.where(status_returning(info.context.now))
        return await _page(info, sent, _OUTBOX, given, order_by, first, after)


async def _page(
    info: Info,
    statement: Select[ReferralRow],
    columns: Mapping[ReferralOrder, tuple[Order, ...]],
    given: ReferralFilter,
    order_by: ReferralOrder | None,
    first: int | None,
    after: str | None,
) -> Connection[Referral]:
    by = order_by or (ReferralOrder.CHANGED_ASC if given.changed_since else ReferralOrder.CREATED_DESC)
    wanted = given.applied(info, statement, columns[ReferralOrder.CHANGED_ASC][0].column)
    states = sorted(set(given.states or ()))
    apart: list[ColumnElement[bool]] = []
    if by is ReferralOrder.DUE_ASC:
        # Few are due at a time: (sender_id or recipient_id, due_at, id) has them in order, of whatever state.
        wanted = wanted.where(ReferralRow.state.in_(states)) if states else wanted
    else:
        # (sender_id or recipient_id, state, id) has the rows of each state in order, and what is led by the state and
        # when it changed has those; all referrals by when they were created are in order by (sender_id or recipient_id, id).
        changed = by in (ReferralOrder.CHANGED_ASC, ReferralOrder.CHANGED_DESC)
        apart = [ReferralRow.state == state for state in states or (sorted(State) if changed else ())]
    return await listed(info.context, wanted, columns[by], first, after, partial(Referral.of, info), apart)
