"""The receipt of a consent, for who recorded it to give to the client: as data, and on paper."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Final

import strawberry
from iso639 import Lang

from services.referrals import models
from services.referrals.domain.consent import DataClass, Method, Purpose
from services.referrals.domain.receipt_words import Named, Paper, ReceiptLanguage, parts
from services.referrals.operations.consenting import receipt_of
from services.referrals.printed import printed
from services.referrals.schema.context import Info
from vereda.errors import ClientError, ErrorCode
from vereda.ids import parse_id

_PRINTED: Final = {"eng": ReceiptLanguage.ENG, "spa": ReceiptLanguage.SPA}
BCP_47: Final = {ReceiptLanguage.ENG: "en-US", ReceiptLanguage.SPA: "es-US"}
_LONGEST: Final = 200


@strawberry.input(
    description="What an organisation is called on paper; the directory knows, this service does not."
)
class OrganizationNameInput:
    id: strawberry.ID
    name: str
    phone: str | None = None


@strawberry.type(description="A receipt to print and give to the client. It does not say who they are.")
class PrintedReceipt:
    language: ReceiptLanguage
    media_type: str
    content: str = strawberry.field(description="In base64 (RFC 4648 §4).")
    hash: str = strawberry.field(description="SHA-256 of the content, in hexadecimal.")


@strawberry.type(description="What a client agreed to, in the one form whose hash is kept (RFC 8785).")
class ConsentReceipt:
    row: strawberry.Private[models.Consent]
    content: str = strawberry.field(description="Canonical JSON. It holds ids, and no name.")
    hash: str = strawberry.field(description="SHA-256 of the content, in hexadecimal.")

    @classmethod
    def of(cls, info: Info, row: models.Consent) -> ConsentReceipt:
        content = receipt_of(info.context, row)
        return cls(row=row, content=content.decode(), hash=hashlib.sha256(content).hexdigest())

    @strawberry.field(
        description="As a PDF, with how to take it back and whom to call. `language` is needed where consent was given in"
        " another one than English and Spanish; the paper then says so."
    )
    async def printed(
        self,
        language: ReceiptLanguage | None = None,
        organizations: list[OrganizationNameInput] | None = None,
    ) -> PrintedReceipt | None:
        row = self.row
        chosen = language or _PRINTED.get(row.language)
        if chosen is None:
            raise ClientError(
                ErrorCode.BAD_USER_INPUT,
                "Say in which `language` to print it: consent was given in another one.",
            )
        paper = Paper(
            captured_at=row.organization_id,
            recipients=row.recipients,
            classes=[DataClass(one) for one in row.data_classes],
            purposes=[Purpose(one) for one in row.purposes],
            domains=row.service_domains,
            method=Method(row.method),
            one_referral=row.one_referral,
            partial=row.partial,
            spoken=None if _PRINTED.get(row.language) is chosen else Lang(row.language).name,
            valid_from=row.valid_from,
            expires_at=row.expires_at,
            number=self.hash[:16],
        )
        names = {
            parse_id(one.id, "id"): Named(one.name[:_LONGEST], one.phone[:_LONGEST] if one.phone else None)
            for one in organizations or ()
        }
        said = parts(paper, chosen, names)
        # The font is cut to the letters that are used: too long for the event loop.
        content = await asyncio.to_thread(printed, said, BCP_47[chosen], row.valid_from)
        return PrintedReceipt(
            language=chosen,
            media_type="application/pdf",
            content=base64.b64encode(content).decode(),
            hash=hashlib.sha256(content).hexdigest(),
        )
