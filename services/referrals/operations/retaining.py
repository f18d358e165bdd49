"""What is kept no longer (R23), round by round: vereda/retention.py says what and for how long."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import and_, delete, exists, func, or_, select, update

from services.referrals.domain.erasing import Basis
from services.referrals.events import tell
from services.referrals.models import Appointment, Client, Consent, DataKey, Referral
from services.referrals.operations.erasing import erase
from services.referrals.operations.vault import vault
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.retention import APPOINTMENTS, CLOSED, FINISHED, UNSENT

_BATCH: Final = 100


async def forget_closed(context: RequestContext[Any]) -> int:
    """Destroy what a batch of referrals that ended long ago says of their clients. Under a hold it is sealed instead."""
    over = context.now - CLOSED.over(context.settings)
    async with context.write() as session:
        # Served by ix_referrals_to_forget.
        found = await session.scalars(
            select(Referral.id)
            .where(Referral.ended_at < over, Referral.forgotten_at.is_(None))
            .order_by(Referral.ended_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        ids = found.all()
        await session.execute(
            update(DataKey)
            .where(DataKey.referral_id.in_(ids), DataKey.wrapped.is_not(None), DataKey.sealed_at.is_(None))
            .values(wrapped=None, destroyed_at=context.now)
        )
        await session.execute(
            update(Referral)
            .where(Referral.id.in_(ids))
            .values(
                needs=[],
                category=Referral.domain,
                narrative_sealed=None,
                placer_id_sealed=None,
                placer_id_index=None,
                filler_id_sealed=None,
                filler_id_index=None,
                forgotten_at=context.now,
            )
        )
        mark_recorded(session)
        return len(ids)


async def forget_appointments(context: RequestContext[Any]) -> int:
    """Delete a batch of appointments that were long ago. Under a hold they are kept where nobody reads them."""
    over = context.now - APPOINTMENTS.over(context.settings)
    async with context.write() as session:
        past = (  # served by ix_appointments_ends_at
            select(Appointment.id)
            .where(Appointment.ends_at < over)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        ids = (await session.scalars(past)).all()
        await session.execute(delete(Appointment).where(Appointment.id.in_(ids)))
        mark_recorded(session)
        return len(ids)


async def erase_kept(context: RequestContext[Any]) -> int:
    """Erase a batch of clients whose referrals have all ended long ago, or for whom none was ever sent."""
    finished = context.now - FINISHED.over(context.settings)
    unsent = context.now - UNSENT.over(context.settings)
    sent = exists().where(Referral.client_id == Client.id, Referral.sent_at.is_not(None))
    recent = exists().where(Referral.client_id == Client.id)
    consented = exists().where(Consent.client_id == Client.id)
    going_on = recent.where(
        or_(
            and_(Referral.ended_at.is_(None), Referral.sent_at.is_not(None)),
            Referral.ended_at >= finished,
            Referral.created_at >= finished,
        )
    )
    over = or_(
        and_(
            ~sent,
            ~recent.where(Referral.created_at >= unsent),
            ~consented.where(Consent.created_at >= unsent),
        ),
        and_(
            Client.created_at < finished,
            sent,
            ~going_on,
            ~consented.where(Consent.created_at >= finished),
        ),
    )
    async with context.write() as session:
        # Served by ix_clients_to_erase, and by the indexes on the client of referrals and consents.
        found = await session.scalars(
            select(Client)
            .where(Client.erased_at.is_(None), Client.created_at < max(unsent, finished), over)
            .where(~func.under_hold(Client.id))
            .order_by(Client.created_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        clients = found.all()
        for client in clients:
            home = client.home_organization_id
            await erase(session, context, client, Basis.RETENTION)
            handle = vault(context.settings).handle(client.id, home)
            tell(session, context.caller, "client.erased", handle, [home])
        await session.flush()
        mark_recorded(session)
        return len(clients)
