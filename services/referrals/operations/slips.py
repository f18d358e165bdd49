"""Printing a slip for a referral, and finding the referral by its code: once, by its recipient, while it is under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.receipt_words import Named, ReceiptLanguage
from services.referrals.domain.slips import LIFE, code_of, counted, read, too_many
from services.referrals.events import tell
from services.referrals.models import Client, IdempotencyRecord, Referral, ReferralSlip, SlipTries
from services.referrals.operations.vault import vault
from services.referrals.refusals import SensitiveText, sensitive_text
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import claim_key, mark_recorded
from vereda.ids import new_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found
from vereda.screening import screen

_LANGUAGES: Final = {"eng": ReceiptLanguage.ENG, "spa": ReceiptLanguage.SPA}
_LONGEST: Final = 200
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip as it is printed."""

    row: ReferralSlip
    referral: Referral
    code: str
    language: ReceiptLanguage
    where: Named | None


async def issue_slip(
    context: RequestContext[Any], id_: UUID, language: ReceiptLanguage | None, where: Named | None, key: str
) -> Slip | SensitiveText | InvalidInput | NotFound | NotAllowed:
    """A new slip for a referral that is under way; an earlier one's code leads nowhere from then on.

    For who wrote the referral, who alone knows whether `where` to go may be on a paper (R13, R16): for a service of legal
    help, of health or for survivors it never is. `language`: the client's own where it is one that we print.
    """
    context.caller.require(Scope.REFERRAL_SEND)
    if where is not None and not all(0 < len(one) <= _LONGEST for one in (where.name, where.phone or "-")):
        return invalid(where_to_go=f"must have a name, and each of its parts at most {_LONGEST} characters")
    if where is not None and (finding := screen(f"{where.name} {where.phone or ''}")):
        return sensitive_text("whereToGo", finding)
    async with context.write() as session:
        request = [id_, language, where and (where.name, where.phone)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "issueSlip", key, request)
        referral = await session.get(Referral, id_, with_for_update=True)
        if referral is None or referral.sender_id != context.caller.organization:
            return not_found("referral that you sent")
        if referral.author != context.caller.subject:
            return not_allowed("A slip is for who wrote the referral to give.")
        if where is not None and tells(referral):
            return invalid(where_to_go="would tell what kind of help it is: leave it out")
        if claim.earlier is not None:
            row = await session.get(ReferralSlip, UUID(claim.earlier["id"]))
            return not_found("slip any more") if row is None else _slip(context, row, referral, where)
        if referral.recipient_id is None or referral.sent_at is None or referral.ended_at is not None:
            return not_allowed("A slip is for a referral that is under way with somebody.")
        chosen = language or _LANGUAGES.get(await _language_of(session, referral))
        if chosen is None:
            return invalid(paper_language="is needed: the client's own is not printed")
        row = await _add(session, context, referral, chosen)
        tell(session, context.caller, "slip.issued", row.id, referral=str(referral.id))
        claim.record({"id": str(row.id)})
        return _slip(context, row, referral, where)


def tells(referral: Referral) -> bool:
    """Whether the name of who helps would tell what for."""
    return referral.legal or referral.survivor or referral.domain in ("legal", "health", None)


async def _add(
    session: AsyncSession, context: RequestContext[Any], referral: Referral, language: ReceiptLanguage
) -> ReferralSlip:
    own = ReferralSlip.organization_id == context.caller.organization
    live = (ReferralSlip.claimed_at.is_(None), ReferralSlip.voided_at.is_(None))
    earlier = update(ReferralSlip).where(own, ReferralSlip.referral_id == referral.id, *live)
    await session.execute(earlier.values(voided_at=context.now))
    assert referral.recipient_id is not None
    id_ = new_id()
    row = ReferralSlip(
        id=id_,
        organization_id=context.caller.organization,
        recipient_id=referral.recipient_id,
        referral_id=referral.id,
        code_index=_index(context, referral.recipient_id, _code(context, id_)),
        language=language.value.lower(),
        issued_at=context.now,
        expires_at=context.now + LIFE,
    )
    session.add(row)
    await session.flush()
    return row


async def claim_by_code(
    context: RequestContext[Any], text: str, key: str
) -> Referral | InvalidInput | NotFound | NotAllowed:
    """The referral whose slip somebody brought; the code is used up by that. One that is wrong, another's, used, expired
    or of a referral that is over is answered alike (R16), and counted."""
    context.caller.require(Scope.REFERRAL_RECEIVE)
    code = read(text)
    if code is None:
        return invalid(code="must have the 16 letters and digits of a slip")
    own = context.caller.organization
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "claimByCode", key, code)
        if claim.earlier is not None:
            earlier = await session.get(Referral, UUID(claim.earlier["id"]))
            return earlier or not_found("slip of a referral to you")
        await take_turns(session, "slip codes of", own)
        tries = await session.get(SlipTries, own)
        if tries is not None and too_many(tries.since, tries.wrong, context.now):
            return not_allowed(
                "Too many codes were wrong: look for the referral in your inbox, or wait an hour."
            )
        row = await session.scalar(
            select(ReferralSlip).where(
                ReferralSlip.recipient_id == own,
                ReferralSlip.code_index == _index(context, own, code),
                ReferralSlip.claimed_at.is_(None),
                ReferralSlip.voided_at.is_(None),
                ReferralSlip.expires_at > context.now,
            )
        )
        referral = await session.get(Referral, row.referral_id) if row else None
        if row is None or referral is None or referral.ended_at is not None or referral.recipient_id != own:
            _count(session, context, tries)
            tell(session, context.caller, "slip.missed", own)
            mark_recorded(session)  # the wrong try stands, beside the refusal
            return not_found("slip of a referral to you")
        row.claimed_at, row.claimed_by = context.now, context.caller.subject
        await session.flush()
        tell(session, context.caller, "slip.claimed", row.id, referral=str(referral.id))
        claim.record({"id": str(referral.id)})
        return referral


def _count(session: AsyncSession, context: RequestContext[Any], tries: SlipTries | None) -> None:
    if tries is None:
        own = context.caller.organization
        session.add(SlipTries(organization_id=own, since=context.now, wrong=1))
    else:
        tries.since, tries.wrong = counted(tries.since, tries.wrong, context.now)


async def _language_of(session: AsyncSession, referral: Referral) -> str:
    return await session.scalar(select(Client.language).where(Client.id == referral.client_id)) or ""


def _slip(context: RequestContext[Any], row: ReferralSlip, referral: Referral, where: Named | None) -> Slip:
    return Slip(row, referral, _code(context, row.id), _LANGUAGES[row.language], where)


def _code(context: RequestContext[Any], slip: UUID) -> str:
    """The code of a slip, which is kept nowhere."""
    return code_of(vault(context.settings).provider.blind_index(slip, "slip code"))


def _index(context: RequestContext[Any], recipient: UUID, code: str) -> str:
    """By what a recipient finds a slip, and nobody else does."""
    return vault(context.settings).provider.blind_index(recipient, f"slip\x00{code}")


async def let_slips_go(context: RequestContext[Any]) -> int:
    """A round: delete slips whose code has ended for as long as it lived. Served by ix_referral_slips_expires_at."""
    over = select(ReferralSlip.id).where(ReferralSlip.expires_at < context.now - LIFE).limit(_BATCH)
    async with context.write() as session:
        gone = await session.execute(
            delete(ReferralSlip).where(ReferralSlip.id.in_(over)).returning(ReferralSlip.id)
        )
        mark_recorded(session)
        return len(gone.all())
