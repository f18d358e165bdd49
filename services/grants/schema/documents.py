"""Documents of applications and receipts, as they are shown to who may read them (`policies/documents.sql`)."""

from __future__ import annotations

import base64
from datetime import datetime

import strawberry

from services.grants import models
from services.grants.operations.vault import vault
from services.grants.schema.consents import enter_application
from services.grants.schema.context import Info
from vereda.attaching.kinds import MEDIA_TYPE, AttachmentKind, AttachmentScan, AttachmentState, parts_of
from vereda.attaching.parts import place
from vereda.mapping import from_row

strawberry.enum(AttachmentKind, description="What kind of document it is.")
strawberry.enum(AttachmentState, description="How far an attachment is.")
strawberry.enum(AttachmentScan, description="What was done to find malware in it.")


@strawberry.type(description="A document of an application, or of one of its receipts.")
class GrantDocument:
    id: strawberry.ID
    kind: AttachmentKind = strawberry.field(description="By its content.")
    state: AttachmentState
    scan: AttachmentScan
    started_at: datetime
    row: strawberry.Private[models.GrantDocument]

    @classmethod
    def of(cls, info: Info, application: models.GrantApplication, row: models.GrantDocument) -> GrantDocument:
        """`application`: to which it belongs. That it was read is entered in the audit, where nobody is named as well."""
        enter_application(info, application)
        return from_row(cls, row, row=row)

    @strawberry.field(description="What it is called; null once its key is destroyed.")
    def name(self, info: Info) -> str | None:
        return vault(info.context.settings).name(self.row)

    @strawberry.field(description="As announced, and once it is whole, without an image's metadata.")
    def bytes(self) -> int:
        return self.row.size

    @strawberry.field(description="In how many parts it is sent and read, from 0.")
    def parts(self) -> int:
        return parts_of(self.row.size)

    @strawberry.field(description="For the file that you make of it.")
    def media_type(self) -> str:
        return MEDIA_TYPE[self.row.kind]

    @strawberry.field(
        description="A part, from 0, in base64 (RFC 4648 §4); null until it is READY. Save it; never open it in a page."
    )
    async def part(self, info: Info, number: int) -> str | None:
        if self.row.state is not AttachmentState.READY:
            return None
        stored = await info.context.loaders.document_part.load((self.row.id, number))
        if stored is None:
            return None
        piece = vault(info.context.settings).open(self.row, stored.content_sealed, place(self.row.id, number))
        return None if piece is None else base64.b64encode(piece).decode()
