"""Attaching documents, in parts (docs/decisions/0023)."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.consent import DataClass
from services.referrals.operations import attachments
from services.referrals.refusals import AttachmentRefused, SensitiveText
from services.referrals.schema.attachments import Attachment
from services.referrals.schema.context import Info
from vereda.attaching.kinds import AttachmentKind
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound


@strawberry.input
class StartAttachmentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    name: str = strawberry.field(description="A file name. Sealed; screened.")
    kind: AttachmentKind = strawberry.field(description="What it is; its content must say the same.")
    bytes: int
    data_class: DataClass = strawberry.field(
        default=DataClass.NEED,
        description="What it tells of. LEGAL_PRIVILEGED stays in your organisation's own compartment (R15).",
    )


@strawberry.input
class SendAttachmentPartInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    attachment: strawberry.ID
    number: int = strawberry.field(description="From 0, in any order.")
    content: str = strawberry.field(
        description="Base64 (RFC 4648 §4) of 524,288 bytes, of the last part what is left."
    )


@strawberry.type
class AttachmentStarted:
    attachment: Attachment


@strawberry.type
class AttachmentPartTaken:
    attachment: Attachment


StartAttachmentPayload = Annotated[
    AttachmentStarted | SensitiveText | InvalidInput | NotFound | NotAllowed,
    strawberry.union("StartAttachmentPayload"),
]


SendAttachmentPartPayload = Annotated[
    AttachmentPartTaken | AttachmentRefused | InvalidInput | NotFound | NotAllowed,
    strawberry.union("SendAttachmentPartPayload"),
]


async def _attachment(info: Info, row: models.Attachment) -> Attachment:
    return Attachment.of(await info.context.loaders.referral.load(row.referral_id), row)


@strawberry.type
class AttachmentMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Announce a document for the other side of a referral; its parts must come within an hour.",
    )
    async def start_attachment(
        self, info: Info, input: StartAttachmentInput
    ) -> StartAttachmentPayload | None:
        given = attachments.AttachmentFields(
            referral=parse_id(input.referral, "referral"),
            name=input.name,
            kind=input.kind,
            size=input.bytes,
            data_class=input.data_class,
        )
        done = await attachments.start_attachment(info.context, given, input.idempotency_key)
        if not isinstance(done, models.Attachment):
            return done
        return AttachmentStarted(attachment=await _attachment(info, done))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Send one part. With the last, the document is checked, cleaned of metadata, and waits for its scan.",
    )
    async def send_attachment_part(
        self, info: Info, input: SendAttachmentPartInput
    ) -> SendAttachmentPartPayload | None:
        done = await attachments.take_part(
            info.context,
            parse_id(input.attachment, "attachment"),
            input.number,
            input.content,
            input.idempotency_key,
        )
        if not isinstance(done, models.Attachment):
            return done
        return AttachmentPartTaken(attachment=await _attachment(info, done))
