"""A referral's documents, as either side sees them."""

from __future__ import annotations

import base64
from datetime import datetime

import strawberry

from services.referrals import models
from services.referrals.domain.consent import DataClass, Withheld
from services.referrals.domain.lifecycle import Party
from services.referrals.operations.attachments import group_of, open_part
from services.referrals.operations.moves import party_of
from services.referrals.schema.context import Info
from services.referrals.schema.disclosure import authored, given_by, key_of, shared_text
from services.referrals.schema.partners import Organization
from vereda.attaching.kinds import (
    MEDIA_TYPE,
    AttachmentKind,
    AttachmentScan,
    AttachmentState,
    parts_of,
)
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.mapping import from_row


@strawberry.type(description="A document that goes with a referral.")
class Attachment:
    id: strawberry.ID
    data_class: DataClass
    kind: AttachmentKind = strawberry.field(description="By its content.")
    state: AttachmentState
    scan: AttachmentScan
    started_at: datetime
    row: strawberry.Private[models.Attachment]
    referral: strawberry.Private[models.Referral]

    @classmethod
    def of(cls, referral: models.Referral, row: models.Attachment) -> Attachment:
        return from_row(cls, row, row=row, referral=referral)

    @strawberry.field(description="Whose worker attached it.")
    def author(self, info: Info) -> Organization | None:
        received = self.row.organization_id == self.referral.recipient_id
        if received and not authored(info, self.referral):
            return None
        return Organization.of(self.row.organization_id)

    @strawberry.field(description="Bytes: as announced, and once it is whole, without an image's metadata.")
    def bytes(self) -> int:
        return self.row.size

    @strawberry.field(description="In how many parts it is sent and read, from 0.")
    def parts(self) -> int:
        return parts_of(self.row.size)

    @strawberry.field(description="For the file that you make of it.")
    def media_type(self) -> str:
        return MEDIA_TYPE[self.row.kind]

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ), description="What it is called.")
    async def name(self, info: Info) -> str | None:
        group = group_of(self.row.data_class, self._author())
        return await shared_text(
            info,
            self.referral,
            self.row.organization_id,
            self.row.data_class,
            group,
            self.row.name_sealed,
            self.row.author,
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="A part, from 0, in base64 (RFC 4648 §4); null until it is READY. Save it; never open it in a page.",
    )
    async def part(self, info: Info, number: int) -> str | None:
        info.context.caller.require(Scope.CLIENT_READ)
        data_class, own = self.row.data_class, info.context.caller.organization
        compartment = data_class is DataClass.LEGAL_PRIVILEGED and self.row.organization_id == own
        shown = compartment or await given_by(
            info, self.referral, self.row.organization_id, data_class, self.row.author
        )
        if not shown or self.row.state is not AttachmentState.READY:
            return None
        stored = await info.context.loaders.attachment_part.load((self.row.id, number))
        if stored is None:
            return None
        key = await key_of(info, self.referral, group_of(data_class, self._author()))
        piece = open_part(info.context, key, self.row.id, number, stored.content_sealed)
        if piece is None:
            info.context.redact(info, data_class.value, Withheld.ERASED.value)
            return None
        return base64.b64encode(piece).decode()

    def _author(self) -> Party:
        return party_of(self.referral, self.row.organization_id)


@strawberry.type
class ReferralAttachments:
    """What a referral has of documents."""

    row: strawberry.Private[models.Referral]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Documents that go with it: yours, and of the other side's those that you may see, at most 20.",
    )
    async def attachments(self, info: Info) -> list[Attachment] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        own = info.context.caller.organization
        return [
            Attachment.of(self.row, one)
            for one in await info.context.loaders.attachments.load(self.row.id)
            if (one.organization_id == own and one.data_class is DataClass.LEGAL_PRIVILEGED)
            or (one.organization_id == own and self.row.recipient_id == own)
            or await given_by(info, self.row, one.organization_id, one.data_class, one.author)
        ]
