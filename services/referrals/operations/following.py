"""Seats go where their workshop goes: referrals asks the directory what became of the workshops at which clients are
expected, and nobody waits at a closed door (docs/decisions/0037)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.appointments import AppointmentStatus
from services.referrals.domain.lifecycle import MoveName, Party, State
from services.referrals.domain.tasks import TaskKind
from services.referrals.events import tell
from services.referrals.models import Appointment, Referral, Task, WorkshopSeats
from services.referrals.operations.history import append, open_task, sender_may_know
from vereda.asking import ask
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded
from vereda.statements import WorkshopsAsked, WorkshopSlot

_PATH: Final = "/statements/workshops"
_BATCH: Final = 50
#: How old what the directory said may become: a cancelled workshop reaches its seats within this and a round's pace.
_ASKED_AGAIN: Final = timedelta(seconds=55)
#: Codes of the directory's WorkshopStatus.
_CALLED_OFF: Final = "CANCELLED"
_OVER: Final = "HELD"


async def follow_workshops(context: RequestContext[Any]) -> int:
    """A round: ask about a batch of workshops that are ahead and have seats taken, and let their seats follow."""
    async with context.read() as session:
        due = (await session.scalars(_due(context))).all()
    await context.close()
    if not due:
        return 0
    question = WorkshopsAsked([str(one) for one in due])
    slots = await ask(context.settings, "partners", _PATH, question, WorkshopSlot)
    stated = {slot.workshop: slot for slot in slots}
    for workshop in due:
        async with context.write() as session:
            if workshop in stated:
                await follow(session, context, stated[workshop])
            await session.execute(
                update(WorkshopSeats)
                .where(WorkshopSeats.workshop_id == workshop)
                .values(followed_at=context.now)
            )
            mark_recorded(session)
    return len(due)


def _due(context: RequestContext[Any]) -> Any:
    expected = exists().where(
        Appointment.workshop_id == WorkshopSeats.workshop_id,
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.ends_at > context.now,
    )
    return (
        select(WorkshopSeats.workshop_id)
        .where(
            WorkshopSeats.taken > 0,
            or_(WorkshopSeats.followed_at.is_(None), WorkshopSeats.followed_at < context.now - _ASKED_AGAIN),
            expected,
        )
        .order_by(WorkshopSeats.followed_at.nulls_first(), WorkshopSeats.workshop_id)
        .limit(_BATCH)
    )


async def follow(session: AsyncSession, context: RequestContext[Any], slot: WorkshopSlot) -> None:
    """Let the seats of a workshop follow what the directory stated of it.

    Called off: the seats are given back, and whoever has a client there is to book another. Moved: the seats are kept, at the
    new time, and whoever has a client there is to tell them. Announced no more: kept as well, until it is known.
    """
    expected = await session.scalars(
        select(Appointment.id)
        .where(
            Appointment.workshop_id == slot.workshop,
            Appointment.organization_id == slot.organization,
            Appointment.status == AppointmentStatus.BOOKED,
        )
        .order_by(Appointment.referral_id)
    )
    for id_ in expected.all():
        await _follow_one(session, context, id_, slot)
    await session.execute(
        update(WorkshopSeats)
        .where(WorkshopSeats.workshop_id == slot.workshop, WorkshopSeats.stated_at <= slot.stated_at)
        .values(
            seats=func.greatest(WorkshopSeats.taken, slot.seats),
            stated_at=slot.stated_at,
            called_off=slot.status == _CALLED_OFF,
        )
    )


async def _follow_one(
    session: AsyncSession, context: RequestContext[Any], id_: UUID, slot: WorkshopSlot
) -> None:
    row = await session.get(Appointment, id_)
    if row is None:
        return
    # The referral's row first, as whoever moves a referral does: its appointments wait behind it.
    referral = await session.get(Referral, row.referral_id, with_for_update=True, populate_existing=True)
    await session.refresh(row, with_for_update=True)
    if referral is None or row.status is not AppointmentStatus.BOOKED:
        return
    if slot.status == _CALLED_OFF:
        row.status = AppointmentStatus.CANCELLED
        await session.flush()
        if referral.state is State.SCHEDULED and not await _another(session, row):
            await append(session, context, referral, MoveName.UNBOOK, Party.SYSTEM)
        await _give(session, context, referral, TaskKind.REBOOK)
        _tell(session, context, row, "appointment.called_off")
        return
    if (row.starts_at, row.ends_at) != (slot.starts_at, slot.ends_at):
        row.starts_at, row.ends_at = slot.starts_at, slot.ends_at
        await session.flush()
        await _give(session, context, referral, TaskKind.TELL_NEW_TIME)
        _tell(session, context, row, "appointment.moved")
    if slot.announced or slot.status == _OVER:
        await session.execute(
            update(Task)
            .where(Task.referral_id == referral.id, Task.kind == TaskKind.REBOOK, Task.closed_at.is_(None))
            .values(closed_at=context.now)
        )
    elif not await _given(session, referral, TaskKind.REBOOK):
        await _give(session, context, referral, TaskKind.REBOOK)
        _tell(session, context, row, "appointment.unsure")


async def _another(session: AsyncSession, row: Appointment) -> bool:
    """Whether the client is expected elsewhere as well."""
    others = select(func.count()).where(
        Appointment.referral_id == row.referral_id,
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.id != row.id,
    )
    return bool(await session.scalar(others))


async def _given(session: AsyncSession, referral: Referral, kind: TaskKind) -> bool:
    there = select(Task.id).where(
        Task.referral_id == referral.id, Task.kind == kind, Task.closed_at.is_(None)
    )
    return await session.scalar(there.limit(1)) is not None


async def _give(
    session: AsyncSession, context: RequestContext[Any], referral: Referral, kind: TaskKind
) -> None:
    """Put it on the host's work list, and on the sender's where the client lets it know how the referral goes (R7)."""
    told: Sequence[UUID | None] = [referral.recipient_id]
    if await sender_may_know(session, context, referral):
        told = [referral.recipient_id, referral.sender_id]
    for one in told:
        if one is not None:
            await open_task(session, context, referral, one, kind)


def _tell(session: AsyncSession, context: RequestContext[Any], row: Appointment, what: str) -> None:
    about = {"referral": str(row.referral_id), "appointment": str(row.id)}
    tell(session, context.caller, what, row.id, [row.organization_id, row.sender_id], **about)
