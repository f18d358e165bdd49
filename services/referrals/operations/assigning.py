"""Whose work a referral is, inside of one's own organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.lifecycle import Party
from services.referrals.events import tell
from services.referrals.models import Assignment, IdempotencyRecord, Referral, ReferralEvent
from services.referrals.operations.opening import held_referral
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import NotFound


async def assign(
    context: RequestContext[Any], id_: UUID, assignee: UUID | None, key: str
) -> Referral | NotFound:
    """Give a referral to a person of one's own organisation, take it over from another, or give it back (None)."""
    context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "assignReferral", key, [id_, assignee]
        )
        held = await held_referral(context, session, id_)
        if isinstance(held, NotFound):
            return held
        referral, own = held[0], context.caller.organization
        if claim.earlier is not None:
            return referral
        if assignee is None:
            await session.execute(
                delete(Assignment).where(
                    Assignment.organization_id == own, Assignment.referral_id == referral.id
                )
            )
        else:
            given = {
                "assignee": assignee,
                "assigned_by": context.caller.subject,
                "assigned_at": context.now,
            }
            await session.execute(
                insert(Assignment)
                .values(organization_id=own, referral_id=referral.id, **given)
                .on_conflict_do_update(index_elements=["organization_id", "referral_id"], set_=given)
            )
        if held[1] is Party.SENDER:
            await _hand_over(session, context, referral, assignee)
        tell(session, context.caller, "referral.assigned", referral.id, referral=str(referral.id))
        claim.record({"id": str(referral.id)})
        return referral


async def _hand_over(
    session: AsyncSession, context: RequestContext[Any], referral: Referral, assignee: UUID | None
) -> None:
    """Let who reads as the referral's author (R13) be whose work it is now; given back, who wrote it at first.

    Only the author hands this on, or an administrator of the organisation: to take on a colleague's work does not by itself
    open what they wrote. Postgres holds that too (`each_its_own`).
    """
    caller = context.caller
    if referral.author != caller.subject and Scope.ADMIN_ORGANIZATION.value not in caller.scopes:
        return
    first = select(ReferralEvent.actor).where(
        ReferralEvent.referral_id == referral.id, ReferralEvent.sequence == 1
    )
    author = str(assignee) if assignee is not None else await session.scalar(first)
    # Beside the version: nothing of what either side moves by has changed.
    await session.execute(update(Referral).where(Referral.id == referral.id).values(author=author))


def assigned_to(context: RequestContext[Any], assignee: UUID) -> ColumnElement[bool]:
    """Of a referral: that it is this person's work in the caller's organisation. Served by (organization_id, assignee)."""
    own = select(Assignment.referral_id).where(
        Assignment.organization_id == context.caller.organization, Assignment.assignee == assignee
    )
    return Referral.id.in_(own)
