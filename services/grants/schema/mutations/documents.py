"""Sending documents, in parts (docs/decisions/0023)."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.grants import models
from services.grants.operations import documents
from services.grants.schema.context import Info
from services.grants.schema.documents import GrantDocument
from vereda.attaching.kinds import AttachmentKind
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import AttachmentRefused, InvalidInput, NotAllowed, NotFound, SensitiveText


@strawberry.input
class StartGrantDocumentInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    application: strawberry.ID
    receipt: strawberry.ID | None = strawberry.field(
        default=None, description="Of which receipt it is; without, it is for the application's reviewers."
    )
    name: str = strawberry.field(
        description="A file name. Sealed; screened. Leave the person's name out: it is read blindly."
    )
    kind: AttachmentKind = strawberry.field(description="What it is; its content must say the same.")
    bytes: int


@strawberry.input
class SendGrantDocumentPartInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    document: strawberry.ID
    number: int = strawberry.field(description="From 0, in any order.")
    content: str = strawberry.field(
        description="Base64 (RFC 4648 §4) of 524,288 bytes, of the last part what is left."
    )


@strawberry.type
class GrantDocumentStarted:
    document: GrantDocument


@strawberry.type
class GrantDocumentPartTaken:
    document: GrantDocument


StartGrantDocumentPayload = Annotated[
    GrantDocumentStarted | SensitiveText | InvalidInput | NotFound | NotAllowed,
    strawberry.union("StartGrantDocumentPayload"),
]
SendGrantDocumentPartPayload = Annotated[
    GrantDocumentPartTaken | AttachmentRefused | InvalidInput | NotFound | NotAllowed,
    strawberry.union("SendGrantDocumentPartPayload"),
]


async def _document(info: Info, row: models.GrantDocument) -> GrantDocument:
    application = await info.context.loaders.application.load(row.application_id)
    return GrantDocument.of(info, application, row)


@strawberry.type
class DocumentMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_APPLY),
        description="Announce a document of an application or of a receipt; its parts must come within an hour.",
    )
    async def start_grant_document(
        self, info: Info, input: StartGrantDocumentInput
    ) -> StartGrantDocumentPayload | None:
        given = documents.DocumentFields(
            application=parse_id(input.application, "application"),
            receipt=parse_id(input.receipt, "receipt") if input.receipt is not None else None,
            name=input.name,
            kind=input.kind,
            size=input.bytes,
        )
        done = await documents.start_document(info.context, given, input.idempotency_key)
        if not isinstance(done, models.GrantDocument):
            return done
        return GrantDocumentStarted(document=await _document(info, done))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.GRANT_APPLY),
        description="Send one part. With the last, the document is checked, cleaned of metadata, and waits for its scan.",
    )
    async def send_grant_document_part(
        self, info: Info, input: SendGrantDocumentPartInput
    ) -> SendGrantDocumentPartPayload | None:
        done = await documents.take_part(
            info.context,
            parse_id(input.document, "document"),
            input.number,
            input.content,
            input.idempotency_key,
        )
        if not isinstance(done, models.GrantDocument):
            return done
        return GrantDocumentPartTaken(document=await _document(info, done))
