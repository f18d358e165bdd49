"""A referral by its id or an identifier of one's own, and offers that are open."""

from __future__ import annotations

import strawberry
from sqlalchemy import Select

from services.referrals.models import Referral as ReferralRow
from services.referrals.operations.identifiers import received_as, sent_as
from services.referrals.operations.offers import NEWEST_OFFER_FIRST, open_offers
from services.referrals.schema.context import Info
from services.referrals.schema.offers import OpenOffer
from services.referrals.schema.referrals import Referral
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


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
        description="What your organisation may claim before others do, the newest first.",
    )
    async def open_offers(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[OpenOffer] | None:
        info.context.caller.require(Scope.REFERRAL_RECEIVE)
        statement = open_offers(info.context)
        return await listed(info.context, statement, NEWEST_OFFER_FIRST, first, after, OpenOffer.of)


async def _one(info: Info, statement: Select[ReferralRow]) -> Referral | None:
    async with info.context.read() as session:
        row = await session.scalar(statement)
    return Referral.of(info, row) if row else None
