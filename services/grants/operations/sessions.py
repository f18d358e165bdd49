"""When a cohort meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.cohorts import TAKES_PEOPLE
from services.grants.domain.scheduling import RuleError, SessionMode, SessionStatus, occurrences
from services.grants.events import tell
from services.grants.models import Cohort, IdempotencyRecord, TrainingSession
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

_LONGEST_MINUTES: Final = 12 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFields:
    cohort: UUID
    rule: str
    at: time
    minutes: int
    mode: SessionMode
    without: tuple[date, ...]


async def schedule_sessions(
    context: RequestContext[Any], given: ScheduleFields, key: str
) -> Sequence[TrainingSession] | InvalidInput | NotFound | NotAllowed:
    """Enter all sessions that a rule makes within a cohort's dates; those that are there already are left as they are."""
    context.caller.require(Scope.COHORT_WRITE)
    if not 0 < given.minutes <= _LONGEST_MINUTES:
        return invalid(minutes=f"must be from 1 to {_LONGEST_MINUTES}")
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "scheduleSessions", key, asdict(given)
        )
        cohort = await session.get(Cohort, given.cohort)
        if cohort is None:
            return not_found("cohort")
        if cohort.organization_id != context.caller.organization:
            return not_allowed("Only the host of a cohort says when it meets.")
        if claim.earlier is not None:
            return await _sessions(session, cohort.id)
        if cohort.status not in TAKES_PEOPLE:
            return not_allowed("This cohort is over.")
        try:
            begin = occurrences(given.rule, cohort.starts_on, cohort.ends_on, given.at, set(given.without))
        except RuleError as problem:
            return invalid(rule=str(problem))
        # One schedule of a cohort at a time: two at once would enter the same hours.
        await session.refresh(cohort, with_for_update=True)
        taken = {row.starts_at for row in await _sessions(session, cohort.id)}
        session.add_all(
            TrainingSession(
                organization_id=cohort.organization_id,
                cohort_id=cohort.id,
                starts_at=starts_at,
                minutes=given.minutes,
                mode=given.mode,
            )
            for starts_at in begin
            if starts_at not in taken
        )
        await session.flush()
        tell(session, context.caller, "cohort.scheduled", cohort.id, id=str(cohort.id))
        claim.record({"id": str(cohort.id)})
        return await _sessions(session, cohort.id)


async def reschedule_session(
    context: RequestContext[Any], id_: UUID, version: int, starts_at: datetime, minutes: int | None, key: str
) -> TrainingSession | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """Move one session to another time."""
    context.caller.require(Scope.COHORT_WRITE)
    if minutes is not None and not 0 < minutes <= _LONGEST_MINUTES:
        return invalid(minutes=f"must be from 1 to {_LONGEST_MINUTES}")
    async with context.write() as session:
        request = [id_, version, starts_at, minutes]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "rescheduleSession", key, request)
        row = await still_to_come(session, id_, version, repeated=claim.earlier is not None)
        if not isinstance(row, TrainingSession) or claim.earlier is not None:
            return row
        at_that_time = select(TrainingSession.id).where(
            TrainingSession.cohort_id == row.cohort_id,
            TrainingSession.starts_at == starts_at,
            TrainingSession.id != row.id,
        )
        await session.get(Cohort, row.cohort_id, with_for_update=True)  # see `schedule_sessions`
        if await session.scalar(at_that_time) is not None:
            return invalid(starts_at="there is another session of this cohort at that time")
        row.starts_at, row.minutes = starts_at, minutes or row.minutes
        await session.flush()
        tell(
            session, context.caller, "session.rescheduled", row.id, id=str(row.id), cohort=str(row.cohort_id)
        )
        claim.record({"id": str(row.id)})
        return row


async def cancel_session(
    context: RequestContext[Any], id_: UUID, version: int, key: str
) -> TrainingSession | NotFound | NotAllowed | VersionConflict:
    """Say that a session is not held."""
    context.caller.require(Scope.COHORT_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "cancelSession", key, [id_, version]
        )
        row = await still_to_come(session, id_, version, repeated=claim.earlier is not None)
        if not isinstance(row, TrainingSession) or claim.earlier is not None:
            return row
        row.status = SessionStatus.CANCELLED
        await session.flush()
        tell(session, context.caller, "session.cancelled", row.id, id=str(row.id), cohort=str(row.cohort_id))
        claim.record({"id": str(row.id)})
        return row


async def still_to_come(
    session: AsyncSession, id_: UUID, version: int, *, repeated: bool
) -> TrainingSession | NotFound | NotAllowed | VersionConflict:
    """The host's own session, locked, as the caller read it, that was neither held nor cancelled.

    `repeated`: the same request was carried out before, so that the row has moved on since.
    """
    # Locking asks the policy of UPDATE: of another's session nothing is found.
    row = await session.get(TrainingSession, id_, with_for_update=True)
    if row is None:
        return not_found("session of a cohort of yours")
    if repeated:
        return row
    if row.version != version:
        return version_conflict(row.version)
    if row.status is not SessionStatus.SCHEDULED:
        return not_allowed("This session was held, or cancelled.")
    return row


async def _sessions(session: AsyncSession, cohort: UUID) -> Sequence[TrainingSession]:
    """All of a cohort, in their order, by its unique index on cohort and time."""
    found = select(TrainingSession).where(TrainingSession.cohort_id == cohort)
    return (await session.scalars(found.order_by(TrainingSession.starts_at))).all()
