"""Starting, finishing and cancelling a cohort."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.cohorts import (
    UNDECIDED,
    CohortMove,
    CohortMoveName,
    ParticipantStatus,
    cohort_moves,
)
from services.grants.events import tell
from services.grants.models import Cohort, IdempotencyRecord, Participant
from services.grants.refusals import CohortMoveNotAllowed, cohort_move_not_allowed
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import NotAllowed, NotFound, VersionConflict, not_allowed, not_found, version_conflict


async def move_cohort(
    context: RequestContext[Any], id_: UUID, version: int, name: CohortMoveName, key: str
) -> Cohort | CohortMoveNotAllowed | NotFound | NotAllowed | VersionConflict:
    """Make one move of a cohort's table; its host alone does."""
    context.caller.require(Scope.COHORT_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "moveCohort", key, [id_, version, name]
        )
        row = await session.get(Cohort, id_)
        if row is None:
            return not_found("cohort")
        if row.organization_id != context.caller.organization:
            return not_allowed("Only the host of a cohort says how far it is.")
        if claim.earlier is not None:
            return row
        # The row's lock is the one that seats are given under: nobody comes in meanwhile.
        await session.refresh(row, with_for_update=True)
        if row.version != version:
            return version_conflict(row.version)
        open_moves = {move.name: move for move in cohort_moves(row.status)}
        move = open_moves.get(name)
        if move is None:
            return cohort_move_not_allowed(f"{name} cannot be done now.", row.status, list(open_moves))
        if problem := await _problem(session, row, move, context):
            return cohort_move_not_allowed(problem, row.status, list(open_moves))
        row.status = move.to
        await session.flush()
        tell(session, context.caller, f"cohort.{move.to.lower()}", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def _problem(
    session: AsyncSession, row: Cohort, move: CohortMove, context: RequestContext[Any]
) -> str | None:
    if move.from_first_day and context.now.date() < row.starts_on:
        return f"It starts on {row.starts_on.isoformat()}."
    if move.all_decided and (left := await _count(session, row, UNDECIDED)):
        return f"Of {left} participants it is not said yet what became of them: `changeParticipant`."
    if move.none_completed and await _count(session, row, (ParticipantStatus.COMPLETED,)):
        return "Somebody has completed it: finish it instead."
    return None


async def _count(session: AsyncSession, row: Cohort, statuses: Collection[ParticipantStatus]) -> int:
    found = select(func.count()).where(Participant.cohort_id == row.id, Participant.status.in_(statuses))
    return int(await session.scalar(found) or 0)
