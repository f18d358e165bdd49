"""Inbox, outbox, and a referral by its id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from services.referrals.domain.clocks import Urgency
from services.referrals.domain.lifecycle import State
from services.referrals.loaders import NEWEST_FIRST
from services.referrals.models import Referral as ReferralRow
from services.referrals.operations.assigning import assigned_to
from services.referrals.operations.consents import status_returning
from services.referrals.operations.identifiers import received_as, sent_as
from services.referrals.operations.offers import NEWEST_OFFER_FIRST, open_offers
from services.referrals.schema.context import Info
from services.referrals.schema.offers import OpenOffer
from services.referrals.schema.referrals import Referral
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.pagination import Connection, Order


@strawberry.input(description="All that is given must hold.")
class ReferralFilter:
    states: list[State] | None = None
    urgency: Urgency | None = None
    sent_since: datetime | None = None
    changed_since: datetime | None = strawberry.field(
        default=None,
        description="What happened is told from here on: the oldest change first, so that who asks again from the last"
        " `changedAt` on misses nothing.",
    )

    def by_state(self) -> list[ColumnElement[bool]]:
        """Each state that is asked for; (sender_id or recipient_id, state, id) has its rows in order."""
        return [ReferralRow.state == state for state in sorted(set(self.states or ()))]

    def applied(self, statement: Select[ReferralRow]) -> Select[ReferralRow]:
        if self.urgency:
            statement = statement.where(ReferralRow.urgency == self.urgency)
        if self.sent_since:
            statement = statement.where(ReferralRow.sent_at >= self.sent_since)
        return statement


@strawberry.type
class ReferralQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="A referral that you sent or received."
    )
    async def referral(self, info: Info, id: strawberry.ID) -> Referral | None:
        info.context.caller.require(Scope.CLIENT_READ)
        return await Referral.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="The newest referral that you sent under this identifier of your own: ask before you send again.",
    )
    async def referral_by_placer_id(self, info: Info, placer_id: str) -> Referral | None:
        info.context.caller.require(Scope.REFERRAL_SEND)
        return await _one(info, sent_as(info.context, placer_id))

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE),
        description="The newest referral that you received and gave this identifier of your own.",
    )
    async def referral_by_filler_id(self, info: Info, filler_id: str) -> Referral | None:
        info.context.caller.require(Scope.REFERRAL_RECEIVE)
        return await _one(info, received_as(info.context, filler_id))

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE),
        description="What was sent to your organisation, the newest first.",
    )
    async def inbox(
        self,
        info: Info,
        filter: ReferralFilter | None = None,
        assignee: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Referral] | None:
        info.context.caller.require(Scope.REFERRAL_RECEIVE)
        received = select(ReferralRow).where(ReferralRow.recipient_id == info.context.caller.organization)
        return await _page(info, received, ReferralRow.updated_at, filter, assignee, first, after)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE),
        description="What your organisation may claim before others do, the newest first.",
    )
    async def open_offers(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[OpenOffer] | None:
        info.context.caller.require(Scope.REFERRAL_RECEIVE)
        statement = open_offers(info.context)
        return await listed(info.context, statement, NEWEST_OFFER_FIRST, first, after, OpenOffer.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="What your organisation sent, the newest first.",
    )
    async def outbox(
        self,
        info: Info,
        filter: ReferralFilter | None = None,
        assignee: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Referral] | None:
        info.context.caller.require(Scope.REFERRAL_SEND)
        sent = select(ReferralRow).where(ReferralRow.sender_id == info.context.caller.organization)
        if filter and filter.states:
            # Finding a referral by its state tells its state: only where the client consented to that (R7).
            sent = sent.where(status_returning(info.context.now))
        return await _page(info, sent, ReferralRow.told_at, filter, assignee, first, after)


async def _one(info: Info, statement: Select[ReferralRow]) -> Referral | None:
    async with info.context.read() as session:
        row = await session.scalar(statement)
    return Referral.of(info, row) if row else None


async def _page(
    info: Info,
    statement: Select[ReferralRow],
    changed: InstrumentedAttribute[Any],
    filter_: ReferralFilter | None,
    assignee: strawberry.ID | None,
    first: int | None,
    after: str | None,
) -> Connection[Referral]:
    wanted = filter_.applied(statement) if filter_ else statement
    if assignee is not None:
        wanted = wanted.where(assigned_to(info.context, parse_id(assignee, "assignee")))
    apart: Sequence[ColumnElement[bool]] = filter_.by_state() if filter_ else ()
    if filter_ and filter_.changed_since:
        # (sender_id, told_at, id) and (recipient_id, updated_at, id) have the rows in order, whatever their state.
        wanted = wanted.where(changed >= filter_.changed_since)
        if apart:
            wanted = wanted.where(or_(*apart))
        order = (Order(changed), Order(ReferralRow.id))
        return await listed(info.context, wanted, order, first, after, partial(Referral.of, info))
    return await listed(info.context, wanted, NEWEST_FIRST, first, after, partial(Referral.of, info), apart)
