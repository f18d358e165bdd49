"""A referral's messages, as either side sees them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.referrals import models
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import DataClass
from services.referrals.domain.thread import COMPARTMENT
from services.referrals.operations.moves import party_of
from services.referrals.schema.context import Info
from services.referrals.schema.disclosure import authored, given_by, shared_text
from services.referrals.schema.partners import Organization
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed_under
from vereda.mapping import from_row
from vereda.pagination import Connection


@strawberry.type(description="What a worker on one side of a referral wrote.")
class Message:
    id: strawberry.ID
    written_at: datetime
    expires_at: datetime = strawberry.field(description="When it is deleted.")
    privileged: bool = strawberry.field(description="Of your organisation alone (R15).")
    row: strawberry.Private[models.Message]
    referral: strawberry.Private[models.Referral]

    @classmethod
    def of(cls, referral: models.Referral, row: models.Message) -> Message:
        return from_row(cls, row, row=row, referral=referral)

    @strawberry.field(description="Whose worker wrote it.")
    def author(self, info: Info) -> Organization | None:
        received = self.row.organization_id == self.referral.recipient_id
        if received and not authored(info, self.referral):
            return None
        return Organization.of(self.row.organization_id)

    @strawberry.field(description="Who wrote it, of your own organisation; null for others' workers.")
    def written_by(self, info: Info) -> strawberry.ID | None:
        own = self.row.organization_id == info.context.caller.organization
        return strawberry.ID(self.row.author) if own else None

    @strawberry.field(description="Not marked as read yet by your organisation; false for its own.")
    async def unread(self, info: Info) -> bool:
        if self.row.organization_id == info.context.caller.organization:
            return False
        return await info.context.loaders.message_read.load(self.row.id) is None

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def text(self, info: Info) -> str | None:
        author = party_of(self.referral, self.row.organization_id)
        group = COMPARTMENT[author] if self.row.privileged else KeyGroup.THREAD
        return await shared_text(
            info,
            self.referral,
            self.row.organization_id,
            DataClass.NEED,
            group,
            self.row.text_sealed,
            self.row.author,
        )


@strawberry.type
class ReferralThread:
    """What a referral has of its thread."""

    row: strawberry.Private[models.Referral]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="What the workers on both sides wrote to each other, the newest first.",
    )
    async def messages(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Message] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        referral = self.row
        return await listed_under(
            info.context.loaders.messages_of_referral,
            referral.id,
            first,
            after,
            lambda row: Message.of(referral, row),
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="How many messages of the other side nobody of your organisation has marked as read.",
    )
    async def unread_messages(self, info: Info) -> int | None:
        other = self.row.recipient_id if self._is_sender(info) else self.row.sender_id
        if other is None or not await given_by(info, self.row, other, DataClass.NEED):
            return None
        return await info.context.loaders.unread_messages.load(self.row.id) or 0

    def _is_sender(self, info: Info) -> bool:
        return self.row.sender_id == info.context.caller.organization
