"""Entering sources of money, drawing on them, and passing money on to organisations with what they owe for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.grants.domain.applications import Side
from services.grants.domain.sources import (
    DELIVERABLE_LIFE,
    DeliverableMoveName,
    DeliverableState,
    left_for_others,
)
from services.grants.events import tell
from services.grants.models import (
    Deliverable,
    FundingProgram,
    FundingRound,
    FundingSource,
    IdempotencyRecord,
    SourceDraw,
    SubAward,
    SubAwardAmendment,
)
from services.grants.refusals import SourceExceeded, source_exceeded
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFields:
    name: str
    given_by: str
    total: Amount
    pass_through_percent: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubAwardFields:
    source: UUID
    recipient: UUID
    purpose: str
    amount: Amount
    starts_on: date
    ends_on: date
    deliverables: tuple[tuple[str, date], ...]


async def create_source(
    context: RequestContext[Any], given: SourceFields, key: str
) -> FundingSource | InvalidInput:
    """Enter money that the caller's organisation was given, and what it is for."""
    context.caller.require(Scope.GRANT_PAY)
    wrong = {name: "must not be empty" for name in ("name", "given_by") if not getattr(given, name).strip()}
    if given.total.cents <= 0:
        wrong["total"] = "must be more than zero"
    if not 0 <= given.pass_through_percent <= 100:
        wrong["pass_through_percent"] = "must be 0 to 100"  # noqa: S105
    if given.ends_on <= given.starts_on:
        wrong["ends_on"] = "must be after `startsOn`"
    if wrong:
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "createFundingSource", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(FundingSource, UUID(claim.earlier["id"]))
        row = FundingSource(
            organization_id=context.caller.organization,
            name=given.name,
            given_by=given.given_by,
            currency=given.total.currency,
            total_cents=given.total.cents,
            pass_through_percent=given.pass_through_percent,
            starts_on=given.starts_on,
            ends_on=given.ends_on,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "funding_source.created", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def draw_on_source(
    context: RequestContext[Any], source_id: UUID, round_id: UUID, amount: Amount, key: str
) -> FundingSource | SourceExceeded | InvalidInput | NotFound:
    """Say how much of a round's budget a source gives. It then counts as passed through."""
    context.caller.require(Scope.GRANT_PAY)
    async with context.write() as session:
        request = [source_id, round_id, str(amount)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "drawOnSource", key, request)
        await take_turns(session, "draws of", source_id)
        source = await session.get(FundingSource, source_id)
        if source is None:
            return not_found("funding source")
        if claim.earlier is not None:
            return source
        round_ = await session.get(FundingRound, round_id, with_for_update=True)
        if round_ is None or round_.organization_id != context.caller.organization:
            return not_found("round of yours")
        program = await session.get_one(FundingProgram, round_.program_id)
        if amount.cents <= 0 or amount.currency != source.currency or program.currency != source.currency:
            return invalid(amount=f"must be more than zero, in {source.currency}, as the round is")
        drawn = select(func.sum(SourceDraw.amount_cents)).where(SourceDraw.round_id == round_id)
        if (await session.scalar(drawn) or 0) + amount.cents > round_.budget_cents:
            return invalid(amount="must not be more than what the round's budget still lacks")
        if source.granted_cents + source.other_cents + amount.cents > source.total_cents:
            return source_exceeded()
        session.add(
            SourceDraw(
                organization_id=source.organization_id,
                source_id=source.id,
                round_id=round_.id,
                amount_cents=amount.cents,
                drawn_at=context.now,
            )
        )
        await session.flush()
        tell(session, context.caller, "funding_source.drawn", source.id, id=str(source.id))
        claim.record({"id": str(source.id)})
        await session.refresh(source)
        return source


async def record_sub_award(
    context: RequestContext[Any], given: SubAwardFields, key: str
) -> SubAward | SourceExceeded | InvalidInput | NotFound:
    """Pass money of a source on to another organisation, for a purpose, with what it owes for it."""
    context.caller.require(Scope.GRANT_PAY)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordSubAward", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(SubAward, UUID(claim.earlier["id"]))
        await take_turns(session, "draws of", given.source)
        source = await session.get(FundingSource, given.source)
        if source is None:
            return not_found("funding source")
        wrong = _sub_award_problems(given, source)
        if wrong:
            return invalid(**wrong)
        if _exceeds(source, given.amount.cents):
            return source_exceeded()
        row = SubAward(
            organization_id=source.organization_id,
            recipient_id=given.recipient,
            source_id=source.id,
            purpose=given.purpose,
            currency=source.currency,
            amount_cents=given.amount.cents,
            starts_on=given.starts_on,
            ends_on=given.ends_on,
        )
        session.add(row)
        await session.flush()
        session.add_all(
            Deliverable(
                organization_id=row.organization_id,
                recipient_id=row.recipient_id,
                sub_award_id=row.id,
                name=name,
                due_on=due_on,
            )
            for name, due_on in given.deliverables
        )
        await session.flush()
        tell(session, context.caller, "sub_award.recorded", row.id, [row.recipient_id], id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def amend_sub_award(
    context: RequestContext[Any], id_: UUID, number: int, amount: Amount, ends_on: date, key: str
) -> SubAward | SourceExceeded | InvalidInput | NotAllowed | NotFound | VersionConflict:
    """Change a sub-award's amount and end, by its next amendment: `number` is one more than those that there are."""
    context.caller.require(Scope.GRANT_PAY)
    async with context.write() as session:
        request = [id_, number, str(amount), ends_on]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "amendSubAward", key, request)
        row = await session.get(SubAward, id_)
        if row is None:
            return not_found("sub-award")
        if row.organization_id != context.caller.organization:
            return not_allowed("Only the organisation that gives it may amend it.")
        if claim.earlier is not None:
            return row
        await take_turns(session, "draws of", row.source_id)
        await session.refresh(row)
        source = await session.get_one(FundingSource, row.source_id)
        if number != row.amendments + 1:
            return version_conflict(row.amendments)
        wrong = {}
        if amount.cents <= 0 or amount.currency != source.currency:
            wrong["amount"] = f"must be more than zero, in {source.currency}"
        if ends_on <= row.starts_on:
            wrong["ends_on"] = "must be after it starts"
        if wrong:
            return invalid(**wrong)
        if _exceeds(source, amount.cents - row.amount_cents):
            return source_exceeded()
        session.add(
            SubAwardAmendment(
                sub_award_id=row.id,
                number=number,
                organization_id=row.organization_id,
                recipient_id=row.recipient_id,
                amount_cents=amount.cents,
                ends_on=ends_on,
                made_at=context.now,
            )
        )
        await session.flush()
        tell(session, context.caller, "sub_award.amended", row.id, [row.recipient_id], id=str(row.id))
        claim.record({"id": str(row.id)})
        await session.refresh(row)
        return row


async def move_deliverable(
    context: RequestContext[Any], id_: UUID, version: int, name: DeliverableMoveName, key: str
) -> Deliverable | NotAllowed | NotFound | VersionConflict:
    """Say that what was owed is delivered, or accept it, or send it back."""
    context.caller.require(Scope.GRANT_APPLY, Scope.GRANT_PAY)
    async with context.write() as session:
        request = [id_, version, name]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "moveDeliverable", key, request)
        row = await session.get(Deliverable, id_, with_for_update=True)
        if row is None:
            return not_found("deliverable")
        move = DELIVERABLE_LIFE[name]
        context.caller.require(Scope.GRANT_APPLY if move.by is Side.APPLICANT else Scope.GRANT_PAY)
        if claim.earlier is not None:
            return row
        side = row.recipient_id if move.by is Side.APPLICANT else row.organization_id
        if side != context.caller.organization:
            return not_allowed("This is for the other side to say.")
        if row.version != version:
            return version_conflict(row.version)
        if row.state is not move.frm:
            return not_allowed(f"{name} cannot be done now: it is {row.state}.")
        row.state = move.to
        row.submitted_at = context.now if move.to is DeliverableState.SUBMITTED else row.submitted_at
        await session.flush()
        what = f"deliverable.{name.lower()}"
        tell(session, context.caller, what, row.id, [row.organization_id, row.recipient_id], id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


def _exceeds(source: FundingSource, more_cents: int) -> bool:
    other = source.other_cents + more_cents
    return source.granted_cents + other > source.total_cents or other > left_for_others(
        source.total_cents, source.pass_through_percent
    )


def _sub_award_problems(given: SubAwardFields, source: FundingSource) -> dict[str, str]:
    wrong = {}
    if not given.purpose.strip():
        wrong["purpose"] = "must not be empty"
    if given.amount.cents <= 0 or given.amount.currency != source.currency:
        wrong["amount"] = f"must be more than zero, in {source.currency}"
    if given.ends_on <= given.starts_on:
        wrong["ends_on"] = "must be after `startsOn`"
    if any(not name.strip() for name, _ in given.deliverables):
        wrong["deliverables"] = "must each have a name"
    return wrong
