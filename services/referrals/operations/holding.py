"""Legal holds (R24): two people place one, two lift it; while it is in force nothing of the client is destroyed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from services.referrals.domain.holding import (
    Agreement,
    HoldReason,
    HoldState,
    Objection,
    Part,
    hold_state,
    seconded,
)
from services.referrals.events import tell
from services.referrals.models import IdempotencyRecord, LegalDemand, LegalHold
from services.referrals.operations.clients import by_handle
from services.referrals.refusals import AnotherPersonNeeded, another_person_needed
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.pagination import Order
from vereda.refusals import NotFound, not_found

LEGAL: Final = (Scope.LEGAL_COUNSEL, Scope.LEGAL_DIRECT)
HOLD_ORDER: Final = (Order(LegalHold.id, descending=True),)
_PARTS: Final = {Scope.LEGAL_COUNSEL: Part.COUNSEL, Scope.LEGAL_DIRECT: Part.DIRECTOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFields:
    client: UUID
    reason: HoldReason
    demand: UUID | None = None


def parts_of(context: RequestContext[Any]) -> frozenset[Part]:
    """In what parts the caller may agree. A system agrees to nothing: it is people who answer for it (R24).

    Raises: ClientError FORBIDDEN without either scope.
    """
    context.caller.require(*LEGAL)
    if context.caller.authenticated_at is None:
        return frozenset()
    return frozenset(part for scope, part in _PARTS.items() if scope in context.caller.scopes)


def own_holds(context: RequestContext[Any]) -> Select[LegalHold]:
    return select(LegalHold).where(LegalHold.organization_id == context.caller.organization)


async def place_hold(
    context: RequestContext[Any], given: HoldFields, key: str
) -> LegalHold | NotFound | AnotherPersonNeeded:
    """Propose a hold on a client whom the caller's organisation knows; it is in force when another has confirmed it."""
    parts = parts_of(context)
    if not parts:
        return another_person_needed(Objection.SAME_PART)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "placeLegalHold", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(LegalHold, UUID(claim.earlier["id"]))
        client = await by_handle(session, context, given.client)
        if client is None:
            return not_found("client")
        if given.demand is not None and await session.get(LegalDemand, given.demand) is None:
            return not_found("legal demand")
        row = LegalHold(
            organization_id=context.caller.organization,
            client_id=client.id,
            reason=given.reason,
            demand_id=given.demand,
            proposed_by=context.caller.subject,
            proposed_part=min(parts),
            proposed_at=context.now,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "legal_hold.proposed", row.id)
        claim.record({"id": str(row.id)})
        return row


async def lift_hold(
    context: RequestContext[Any], id_: UUID, key: str
) -> LegalHold | NotFound | AnotherPersonNeeded:
    """Propose that a hold be lifted. It goes on until another has confirmed it."""
    parts = parts_of(context)
    if not parts:
        return another_person_needed(Objection.SAME_PART)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "liftLegalHold", key, [str(id_)])
        row = await session.get(LegalHold, id_, with_for_update=True)
        if row is None:
            return not_found("legal hold")
        if claim.earlier is None:
            if state_of(row) is not HoldState.IN_FORCE:
                return another_person_needed(Objection.NOTHING_PENDING)
            row.lift_proposed_by, row.lift_proposed_part = context.caller.subject, min(parts)
            row.lift_proposed_at = context.now
            await session.flush()
            tell(session, context.caller, "legal_hold.lift_proposed", row.id)
            claim.record({"id": str(row.id)})
        return row


async def confirm_hold(
    context: RequestContext[Any], id_: UUID, key: str
) -> LegalHold | NotFound | AnotherPersonNeeded:
    """Agree, as the second person, to what is proposed: that a hold be placed, or that it be lifted."""
    parts = parts_of(context)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "confirmLegalHold", key, [str(id_)]
        )
        row = await session.get(LegalHold, id_, with_for_update=True)
        if row is None:
            return not_found("legal hold")
        if claim.earlier is not None:
            return row
        agreed = _second(row, context.caller.subject, parts)
        if isinstance(agreed, Objection):
            return another_person_needed(agreed)
        if row.placed_at is None:
            row.placed_by, row.placed_part, row.placed_at = agreed.by, agreed.part, context.now
        else:
            row.lifted_by, row.lifted_part, row.lifted_at = agreed.by, agreed.part, context.now
        await session.flush()
        tell(session, context.caller, f"legal_hold.{'placed' if row.lifted_at is None else 'lifted'}", row.id)
        claim.record({"id": str(row.id)})
        return row


def state_of(row: LegalHold) -> HoldState:
    return hold_state(row.placed_at, row.lift_proposed_at, row.lifted_at)


def _second(row: LegalHold, by: str, parts: frozenset[Part]) -> Agreement | Objection:
    match state_of(row):
        case HoldState.PROPOSED:
            return seconded(Agreement(row.proposed_by, row.proposed_part), by, parts)
        case HoldState.LIFT_PROPOSED if row.lift_proposed_by and row.lift_proposed_part:
            return seconded(Agreement(row.lift_proposed_by, row.lift_proposed_part), by, parts)
        case _:
            return Objection.NOTHING_PENDING
