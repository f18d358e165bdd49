"""Who works on a referral, as its own side and the other see it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from services.referrals import models
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import DataClass
from services.referrals.domain.hand_off import HandOffChannel, HandOffFact
from services.referrals.domain.lifecycle import Party
from services.referrals.operations.moves import party_of
from services.referrals.schema.context import Info
from services.referrals.schema.disclosure import authored, given_by, shared_text
from services.referrals.schema.partners import Organization
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.mapping import from_row


@strawberry.type(description="What became of a hand-off, in the order in which it did.")
class HandOffStep:
    fact: HandOffFact
    at: datetime


@strawberry.type(description="A meeting of both sides' workers with the client.")
class HandOff:
    id: strawberry.ID
    channel: HandOffChannel
    arranged_for: datetime
    row: strawberry.Private[models.HandOff]
    referral: strawberry.Private[models.Referral]

    @classmethod
    def of(cls, referral: models.Referral, row: models.HandOff) -> HandOff:
        return from_row(cls, row, row=row, referral=referral)

    @strawberry.field(description="Who arranged it.")
    def arranged_by(self, info: Info) -> Organization | None:
        received = self.row.organization_id == self.referral.recipient_id
        if received and not authored(info, self.referral):
            return None
        return Organization.of(self.row.organization_id)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="What the sender's worker is called."
    )
    async def sender_worker(self, info: Info) -> str | None:
        return await self._name(info, self.referral.sender_id, self.row.sender_name_sealed)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="What the recipient's worker is called."
    )
    async def recipient_worker(self, info: Info) -> str | None:
        return await self._name(info, self.referral.recipient_id, self.row.recipient_name_sealed)

    @strawberry.field(description="Your own worker, as your organisation knows them.")
    def your_worker(self, info: Info) -> strawberry.ID | None:
        sends = self.referral.sender_id == info.context.caller.organization
        person = self.row.sender_worker if sends else self.row.recipient_worker
        return strawberry.ID(str(person)) if person else None

    @strawberry.field(description="Arranged, joined by the other side, done or not done.")
    def steps(self) -> list[HandOffStep]:
        row = self.row
        reported = HandOffFact.DONE if row.done else HandOffFact.NOT_DONE
        facts = (
            (HandOffFact.ARRANGED, row.arranged_at),
            (HandOffFact.JOINED, row.joined_at),
            (reported, row.reported_at),
        )
        return [HandOffStep(fact=fact, at=at) for fact, at in facts if at is not None]

    async def _name(self, info: Info, whose: UUID | None, sealed: bytes | None) -> str | None:
        if whose is None:
            return None
        return await shared_text(info, self.referral, whose, DataClass.NEED, KeyGroup.THREAD, sealed)


@strawberry.type
class ReferralWork:
    """What a referral has of who works on it."""

    row: strawberry.Private[models.Referral]

    @strawberry.field(description="Whose work it is in your organisation: a person's id there.")
    async def assignee(self, info: Info) -> strawberry.ID | None:
        found = await info.context.loaders.assignment.load(self.row.id)
        return strawberry.ID(str(found.assignee)) if found else None

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Warm hand-offs: meetings of both sides' workers with the client.",
    )
    async def hand_offs(self, info: Info) -> list[HandOff] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        own = info.context.caller.organization
        party = party_of(self.row, own)
        other = self.row.recipient_id if party is Party.SENDER else self.row.sender_id
        if other is None or not await given_by(info, self.row, other, DataClass.NEED):
            return None
        return [HandOff.of(self.row, one) for one in await info.context.loaders.hand_offs.load(self.row.id)]
