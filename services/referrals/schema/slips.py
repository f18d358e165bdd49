"""Slips on paper: printing one, and finding a referral by its code."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from datetime import datetime
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.receipt_words import Named, ReceiptLanguage
from services.referrals.domain.slips import parts, shown
from services.referrals.operations import slips
from services.referrals.printed import printed
from services.referrals.refusals import SensitiveText
from services.referrals.schema.context import Info
from services.referrals.schema.receipts import BCP_47
from services.referrals.schema.referrals import Referral
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound


@strawberry.input(description="Where the client goes, as it stands on paper.")
class WhereToGoInput:
    name: str
    phone: str | None = None


@strawberry.input
class IssueSlipInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    paper_language: ReceiptLanguage | None = strawberry.field(
        default=None, description="The client's own, where it is one of these."
    )
    where_to_go: WhereToGoInput | None = strawberry.field(
        default=None,
        description="Never for legal help, health or survivors' services, whose name would tell: say it by word of mouth.",
    )


@strawberry.input
class ClaimByCodeInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    code: str = strawberry.field(description="As it stands on the slip, or as its picture was read.")


@strawberry.type(
    description="A paper for the client. It tells nothing about them, and leads its recipient to the referral, once."
)
class SlipIssued:
    referral: Referral
    language: ReceiptLanguage
    media_type: str
    content: str = strawberry.field(description="A PDF in base64 (RFC 4648 §4).")
    hash: str = strawberry.field(description="SHA-256 of the content, in hexadecimal.")
    code: str = strawberry.field(description="As it is printed. Who cannot print writes it down.")
    expires_at: datetime

    @classmethod
    async def of(cls, info: Info, slip: slips.Slip) -> SlipIssued:
        said = parts(slip.code, slip.language, slip.row.expires_at, slip.where)
        # The font is cut to the letters that are used: too long for the event loop.
        content = await asyncio.to_thread(printed, said, BCP_47[slip.language], slip.row.issued_at)
        return cls(
            referral=Referral.of(info, slip.referral),
            language=slip.language,
            media_type="application/pdf",
            content=base64.b64encode(content).decode(),
            hash=hashlib.sha256(content).hexdigest(),
            code=shown(slip.code),
            expires_at=slip.row.expires_at,
        )


@strawberry.type
class SlipClaimed:
    referral: Referral


IssueSlipPayload = Annotated[
    SlipIssued | SensitiveText | InvalidInput | NotFound | NotAllowed, strawberry.union("IssueSlipPayload")
]
ClaimByCodePayload = Annotated[
    SlipClaimed | InvalidInput | NotFound | NotAllowed, strawberry.union("ClaimByCodePayload")
]


@strawberry.type
class SlipMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Print a slip for the client to take along; an earlier one of the referral is void from then on.",
    )
    async def issue_slip(self, info: Info, input: IssueSlipInput) -> IssueSlipPayload | None:
        where = input.where_to_go
        done = await slips.issue_slip(
            info.context,
            parse_id(input.referral, "referral"),
            input.paper_language,
            Named(where.name, where.phone) if where else None,
            input.idempotency_key,
        )
        return await SlipIssued.of(info, done) if isinstance(done, slips.Slip) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE),
        description="Find the referral to you whose slip somebody brought. The code is used up by it.",
    )
    async def claim_by_code(self, info: Info, input: ClaimByCodeInput) -> ClaimByCodePayload | None:
        done = await slips.claim_by_code(info.context, input.code, input.idempotency_key)
        return SlipClaimed(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done
