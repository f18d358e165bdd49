"""Paying an award out, and accounting for it. What each step adds up to, Postgres keeps (`policies/awards.sql`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import BY_NAME, ApplicationMoveName, ApplicationState, Side, allowed
from services.grants.domain.money import (
    ReceiptStatus,
    Spending,
    Tranche,
    is_due,
    is_reference,
    tranche_amounts,
)
from services.grants.events import tell
from services.grants.models import (
    Award,
    AwardReturn,
    Disbursement,
    FundingProgram,
    FundingRound,
    FundingTranche,
    GrantApplication,
    IdempotencyRecord,
    Receipt,
)
from services.grants.operations.funding import append_event
from services.grants.refusals import (
    AwardExceeded,
    GrantMoveNotAllowed,
    TrancheNotDue,
    award_exceeded,
    grant_move_not_allowed,
    tranche_not_due,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    invalid,
    not_allowed,
    not_found,
    version_conflict,
)
from vereda.scalars import Amount

_PAYING = (ApplicationState.DISBURSING, ApplicationState.CLOSEOUT)
_REFERENCE = (
    "must be your own reference of the payment, of 1 to 40 letters, digits and -./_#, and no bank's number"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFields:
    award: UUID
    amount: Amount
    spent_for: Spending
    spent_on: date


async def disburse(
    context: RequestContext[Any], award_id: UUID, number: int, payer_reference: str, key: str
) -> Award | TrancheNotDue | GrantMoveNotAllowed | InvalidInput | NotAllowed | NotFound:
    """Enter that a tranche of an award was paid; its amount follows from the program's schedule."""
    context.caller.require(Scope.GRANT_PAY)
    if not is_reference(payer_reference):
        return invalid(payer_reference=_REFERENCE)
    async with context.write() as session:
        request = [award_id, number, payer_reference]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "disburse", key, request)
        found = await _of_funder(session, context, award_id)
        if not isinstance(found, _Locked):
            return found
        award, application = found.award, found.application
        if claim.earlier is not None:
            return award
        move = BY_NAME[ApplicationMoveName.DISBURSE]
        if application.state not in move.frm:
            return _not_now(application, "Nothing can be paid now: it waits for the agreement, or has ended.")
        schedule = await _schedule(session, award)
        paid = await session.scalar(
            select(func.count()).select_from(Disbursement).where(Disbursement.award_id == award.id)
        )
        if number != (paid or 0) + 1 or number > len(schedule):
            return tranche_not_due("This is not the tranche that comes next: see the award's tranches.")
        if not is_due(schedule[number - 1], award.disbursed_cents, award.receipted_cents):
            return tranche_not_due("This tranche waits for receipts: accept them first.")
        session.add(
            Disbursement(
                organization_id=award.organization_id,
                recipient_id=award.recipient_id,
                award_id=award.id,
                number=number,
                amount_cents=tranche_amounts(award.amount_cents, schedule)[number - 1],
                payer_reference=payer_reference,
                paid_at=context.now,
            )
        )
        await session.flush()
        application.state = move.to
        application.updated_at = context.now  # the second tranche too is a change of it
        await session.flush()
        await append_event(session, context, application, move, Side.FUNDER)
        claim.record({"id": str(award.id)})
        await session.refresh(award)
        return award


async def record_receipt(
    context: RequestContext[Any], given: ReceiptFields, key: str
) -> Receipt | GrantMoveNotAllowed | InvalidInput | NotAllowed | NotFound:
    """Enter what was bought of an award, for the funder to accept."""
    context.caller.require(Scope.GRANT_APPLY)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordReceipt", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(Receipt, UUID(claim.earlier["id"]))
        found = await _locked(session, given.award)
        if found is None:
            return not_found("award")
        award = found.award
        if award.recipient_id != context.caller.organization:
            return not_allowed("The organisation that helped the person apply records what they bought.")
        if found.application.state not in _PAYING:
            return _not_now(
                found.application, "Receipts are recorded once something was paid, until it is closed."
            )
        currency = await _currency(session, award)
        wrong = {}
        if given.amount.cents <= 0 or given.amount.currency != currency:
            wrong["amount"] = f"must be more than zero, in {currency}"
        if given.spent_on > context.now.date():
            wrong["spent_on"] = "must not be in the future"
        if wrong:
            return invalid(**wrong)
        row = Receipt(
            organization_id=award.recipient_id,
            funder_id=award.organization_id,
            award_id=award.id,
            amount_cents=given.amount.cents,
            spent_for=given.spent_for,
            spent_on=given.spent_on,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "receipt.recorded", row.id, [row.funder_id], id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def decide_receipt(
    context: RequestContext[Any], receipt_id: UUID, version: int, *, accept: bool, key: str
) -> Receipt | AwardExceeded | NotAllowed | NotFound | VersionConflict:
    """Accept a receipt, so that it counts, or refuse it."""
    context.caller.require(Scope.GRANT_PAY)
    async with context.write() as session:
        request = [receipt_id, version, accept]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "decideReceipt", key, request)
        row = await session.get(Receipt, receipt_id)
        found = await _locked(session, row.award_id) if row else None
        if row is None or found is None:
            return not_found("receipt")
        await session.refresh(row)
        if row.funder_id != context.caller.organization:
            return not_allowed("The funder decides on receipts.")
        if claim.earlier is not None:
            return row
        if row.version != version:
            return version_conflict(row.version)
        if row.status is not ReceiptStatus.RECORDED:
            return not_allowed("This receipt is decided on.")
        if accept and row.amount_cents > _open_cents(found.award):
            return award_exceeded()
        row.status = ReceiptStatus.ACCEPTED if accept else ReceiptStatus.REFUSED
        row.decided_at = context.now
        await session.flush()
        what = f"receipt.{row.status.lower()}"
        tell(session, context.caller, what, row.id, [row.organization_id], id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def record_return(
    context: RequestContext[Any], award_id: UUID, amount: Amount, payer_reference: str, key: str
) -> Award | AwardExceeded | GrantMoveNotAllowed | InvalidInput | NotAllowed | NotFound:
    """Enter that money of an award came back; it is the round's again."""
    context.caller.require(Scope.GRANT_PAY)
    if not is_reference(payer_reference):
        return invalid(payer_reference=_REFERENCE)
    async with context.write() as session:
        request = [award_id, str(amount), payer_reference]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "recordReturn", key, request)
        found = await _of_funder(session, context, award_id)
        if not isinstance(found, _Locked):
            return found
        award = found.award
        if claim.earlier is not None:
            return award
        if found.application.state not in (*_PAYING, ApplicationState.RESCINDED):
            return _not_now(found.application, "Nothing can come back: nothing is out, or it is closed.")
        currency = await _currency(session, award)
        if amount.cents <= 0 or amount.currency != currency:
            return invalid(amount=f"must be more than zero, in {currency}")
        if amount.cents > _open_cents(award):
            return award_exceeded()
        session.add(
            AwardReturn(
                organization_id=award.organization_id,
                recipient_id=award.recipient_id,
                award_id=award.id,
                amount_cents=amount.cents,
                payer_reference=payer_reference,
                received_at=context.now,
            )
        )
        await session.flush()
        tell(session, context.caller, "award.returned", award.id, [award.recipient_id], id=str(award.id))
        claim.record({"id": str(award.id)})
        await session.refresh(award)
        return award


async def settle_award(
    context: RequestContext[Any], award_id: UUID, version: int, name: ApplicationMoveName, key: str
) -> Award | AwardExceeded | GrantMoveNotAllowed | NotAllowed | NotFound | VersionConflict:
    """Begin the closeout of an award, close it, or end it as returned.

    It ends only when all that was paid is receipted or came back; what was not paid then goes back to the round.
    """
    context.caller.require(Scope.GRANT_PAY)
    async with context.write() as session:
        request = [award_id, version, name]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "settleAward", key, request)
        found = await _of_funder(session, context, award_id)
        if not isinstance(found, _Locked):
            return found
        award, application = found.award, found.application
        if claim.earlier is not None:
            return award
        if application.version != version:
            return version_conflict(application.version)
        move = BY_NAME[name]
        if (
            move not in allowed(application.state, Side.FUNDER, of_award=True)
            or name is ApplicationMoveName.DISBURSE
        ):
            return _not_now(application, f"{name} cannot be done now.")
        if name is ApplicationMoveName.RETURN and award.returned_cents != award.disbursed_cents:
            return _not_now(
                application, "Not all that was paid came back: record it first, or close the award."
            )
        if name is ApplicationMoveName.CLOSE and _open_cents(award):
            return _not_now(application, "What was paid is not all receipted or returned.")
        application.state = move.to
        await session.flush()
        await append_event(session, context, application, move, Side.FUNDER)
        claim.record({"id": str(award.id)})
        await session.refresh(award)
        return award


@dataclass(frozen=True, slots=True)
class _Locked:
    """An award under the lock of its application, which all who change it take first."""

    award: Award
    application: GrantApplication


async def _locked(session: AsyncSession, award_id: UUID) -> _Locked | None:
    award = await session.get(Award, award_id)
    if award is None:
        return None
    application = await session.get_one(
        GrantApplication, award.application_id, with_for_update=True, populate_existing=True
    )
    await session.refresh(award)
    return _Locked(award, application)


async def _of_funder(
    session: AsyncSession, context: RequestContext[Any], award_id: UUID
) -> _Locked | NotFound | NotAllowed:
    found = await _locked(session, award_id)
    if found is None:
        return not_found("award")
    if found.award.organization_id != context.caller.organization:
        return not_allowed("Only the organisation that awarded it may enter this.")
    return found


async def _schedule(session: AsyncSession, award: Award) -> list[Tranche]:
    rows = await session.scalars(
        select(FundingTranche)
        .join(FundingRound, FundingRound.program_id == FundingTranche.program_id)
        .where(FundingRound.id == award.round_id)
        .order_by(FundingTranche.number)
    )
    return [Tranche(row.percent, row.receipts_percent) for row in rows]


async def _currency(session: AsyncSession, award: Award) -> str:
    of_round = (
        select(FundingProgram.currency)
        .join(FundingRound, FundingRound.program_id == FundingProgram.id)
        .where(FundingRound.id == award.round_id)
    )
    return str(await session.scalar(of_round))


def _open_cents(award: Award) -> int:
    """What was paid and is neither receipted nor returned."""
    return award.disbursed_cents - award.receipted_cents - award.returned_cents


def _not_now(application: GrantApplication, message: str) -> GrantMoveNotAllowed:
    moves = [move.name for move in allowed(application.state, Side.FUNDER, of_award=True)]
    return grant_move_not_allowed(message, application.state, moves)
