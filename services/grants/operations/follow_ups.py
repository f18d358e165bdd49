"""Asking again: the tasks are made by a round, and answered by the host."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select, text

from services.grants.domain.cohorts import ParticipantStatus
from services.grants.domain.follow_ups import MONTHS, FollowUpOutcome, due_on
from services.grants.events import tell
from services.grants.models import FollowUp, IdempotencyRecord, Participant
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found

_BATCH: Final = 100
_MOST_JOBS: Final = 1000


async def open_follow_ups(context: RequestContext[Any]) -> int:
    """Make the tasks that are due for a batch of participants, while their consent lasts. Returns how many were made."""
    made = 0
    async with context.write() as session:
        for months in MONTHS:
            there = exists().where(FollowUp.participant_id == Participant.id, FollowUp.months == months)
            waiting = await session.scalars(
                select(Participant)
                .where(
                    Participant.status == ParticipantStatus.COMPLETED,
                    # In the calendar's months, and to the last day of a shorter one, as `due_on` has it.
                    Participant.completed_at + text(f"interval '{months} months'") <= context.now,
                    Participant.unlinked_at.is_(None),
                    Participant.consent_expires_at > context.now,
                    ~there,
                )
                .order_by(Participant.id)
                .limit(_BATCH)
                .with_for_update(skip_locked=True)
            )
            for one in waiting.all():
                assert one.completed_at is not None
                task = FollowUp(
                    organization_id=one.organization_id,
                    participant_id=one.id,
                    months=months,
                    due_on=due_on(one.completed_at.date(), months),
                )
                session.add(task)
                await session.flush()
                about = {"id": str(task.id), "participant": str(one.id)}
                tell(session, context.caller, "follow_up.due", task.id, [one.organization_id], **about)
                made += 1
        mark_recorded(session)
    return made


async def answer_follow_up(
    context: RequestContext[Any], id_: UUID, outcome: FollowUpOutcome, jobs: int | None, key: str
) -> FollowUp | InvalidInput | NotFound | NotAllowed:
    """Enter what a participant answered, in their own words' code. `jobs`: their own and those that they gave."""
    context.caller.require(Scope.COHORT_WRITE)
    if jobs is not None and not 0 <= jobs <= _MOST_JOBS:
        return invalid(jobs=f"must be from 0 to {_MOST_JOBS}")
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "answerFollowUp", key, [id_, outcome, jobs]
        )
        row = await session.get(FollowUp, id_, with_for_update=True)  # its host alone finds it
        if row is None:
            return not_found("follow-up of yours")
        if claim.earlier is not None:
            return row
        participant = await session.get_one(Participant, row.participant_id)
        if row.answered_at is not None or participant.consent_expires_at <= context.now:
            return not_allowed("This was answered already, or the client's consent has ended.")
        row.outcome, row.jobs = outcome, jobs
        row.answered_at, row.answered_by = context.now, context.caller.subject
        await session.flush()
        tell(session, context.caller, "follow_up.answered", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row
