"""Applying to a cohort, and choosing who is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.cohorts import TAKES_PEOPLE, UNDECIDED, CohortStatus, ParticipantStatus
from services.grants.domain.selection import (
    REVIEWERS,
    SELECTION,
    Criterion,
    SelectionMoveName,
    SelectionState,
    rubric_problem,
    scores_problem,
)
from services.grants.events import tell
from services.grants.models import (
    Cohort,
    CohortApplication,
    IdempotencyRecord,
    Participant,
    SelectionReview,
    SelectionRubric,
)
from services.grants.operations.proofs import read_proof
from services.grants.refusals import AlreadyThere, ConsentProofRefused, already_there
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.ids import new_id
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


async def publish_rubric(
    context: RequestContext[Any], cohort_id: UUID, criteria: Sequence[Criterion], key: str
) -> Cohort | InvalidInput | NotFound | NotAllowed:
    """Say by what applicants to a cohort are judged; it can be said anew until the first of them was."""
    context.caller.require(Scope.COHORT_WRITE)
    if problem := rubric_problem(criteria):
        return invalid(criteria=problem)
    async with context.write() as session:
        content = [asdict(one) for one in criteria]
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "publishRubric", key, [cohort_id, content]
        )
        cohort = await session.get(Cohort, cohort_id, with_for_update=True)  # its host alone finds it
        if cohort is None:
            return not_found("cohort of yours")
        if claim.earlier is not None:
            return cohort
        if await session.scalar(_judged(cohort_id).limit(1)) is not None:
            return not_allowed("Somebody was judged by this cohort's rubric: it stays as it is.")
        row = {"cohort_id": cohort_id, "organization_id": cohort.organization_id}
        said = {"criteria": content, "published_at": context.now}
        await session.execute(
            upsert(SelectionRubric)
            .values(**row, **said)
            .on_conflict_do_update(index_elements=["cohort_id"], set_=said)
        )
        tell(session, context.caller, "cohort.rubric_published", cohort_id, id=str(cohort_id))
        claim.record({"id": str(cohort_id)})
        return cohort


async def apply_to_cohort(
    context: RequestContext[Any], cohort_id: UUID, proof: str, key: str
) -> CohortApplication | ConsentProofRefused | AlreadyThere | NotFound | NotAllowed:
    """Hand in a client's wish for a seat, with the proof that they consented to it."""
    context.caller.require(Scope.COHORT_WRITE)
    held = await read_proof(context, proof, "PROGRAM_ENROLMENT")
    if isinstance(held, ConsentProofRefused):
        return held
    async with context.write() as session:
        request = [cohort_id, held.sponsor, held.sponsor_handle]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "applyToCohort", key, request)
        if claim.earlier is not None:
            return await session.get_one(CohortApplication, UUID(claim.earlier["id"]))
        cohort = await session.get(Cohort, cohort_id)
        if cohort is None or cohort.organization_id != held.recipient:
            return not_found("cohort of the organisation that the client consented to")
        if cohort.status not in TAKES_PEOPLE or await session.get(SelectionRubric, cohort_id) is None:
            return not_allowed(
                "This cohort takes no applications: its host has published no rubric, or it is over."
            )
        made = upsert(CohortApplication).values(
            id=new_id(),
            organization_id=held.recipient,
            cohort_id=cohort_id,
            host_handle=held.recipient_handle,
            sponsor_id=held.sponsor,
            sponsor_handle=held.sponsor_handle,
            consent_id=held.consent,
            consent_expires_at=held.consent_expires_at,
            applied_at=context.now,
            version=1,
        )
        row: CohortApplication | None = await session.scalar(
            made.on_conflict_do_nothing().returning(CohortApplication)
        )
        if row is None:
            return already_there()
        audience = [row.organization_id, row.sponsor_id]
        tell(session, context.caller, "cohort_application.applied", row.id, audience, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def review_application(
    context: RequestContext[Any], id_: UUID, scores: Mapping[str, int] | None, key: str
) -> CohortApplication | InvalidInput | NotFound | NotAllowed | AlreadyThere:
    """Judge an application by the rubric, in the name of who is signed in; or, without scores, say that one must not."""
    context.caller.require(Scope.COHORT_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "reviewCohortApplication", key, [id_, scores]
        )
        row = await session.get(CohortApplication, id_, with_for_update=True)
        if row is None or row.organization_id != context.caller.organization:
            return not_found("application to a cohort of yours")
        if claim.earlier is not None:
            return row
        if row.state is not SelectionState.APPLIED or row.consent_expires_at <= context.now:
            return not_allowed("This application was decided on, or its consent has ended.")
        # The rubric is not changed while somebody is judged by it: see `publish_rubric`.
        await session.get(Cohort, row.cohort_id, with_for_update=True)
        rubric = await session.get_one(SelectionRubric, row.cohort_id)
        if scores is not None and (problem := scores_problem(criteria_of(rubric), scores)):
            return invalid(scores=problem)
        review = upsert(SelectionReview).values(
            application_id=id_,
            reviewer=context.caller.subject,
            organization_id=row.organization_id,
            scores=None if scores is None else dict(scores),
            reviewed_at=context.now,
        )
        given = review.on_conflict_do_nothing().returning(SelectionReview.reviewer)
        if await session.scalar(given) is None:
            return already_there()
        tell(session, context.caller, "cohort_application.reviewed", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def move_application(
    context: RequestContext[Any], id_: UUID, version: int, name: SelectionMoveName, key: str
) -> CohortApplication | NotFound | NotAllowed | VersionConflict:
    """Decide on an application. Who is admitted when all seats are taken waits, and is told so by the state."""
    context.caller.require(Scope.COHORT_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "moveCohortApplication", key, [id_, version, name]
        )
        row = await session.get(CohortApplication, id_, with_for_update=True)
        if row is None:
            return not_found("application to a cohort")
        if claim.earlier is not None:
            return row
        if row.version != version:
            return version_conflict(row.version)
        if refused := await _hindrance(session, context, row, name):
            return not_allowed(refused)
        row.state, row.decided_at = SELECTION[name].to, context.now
        if row.state in (SelectionState.ADMITTED, SelectionState.WAITLISTED):
            if not await _seat(session, row):
                return not_allowed("They are in this cohort already, or no seat became free.")
        elif row.participant_id is not None:
            waiting = await session.get_one(Participant, row.participant_id, with_for_update=True)
            waiting.status = ParticipantStatus.WITHDRAWN
        await session.flush()
        await session.refresh(row)  # `application_follows` may have written it as well
        audience = [row.organization_id, row.sponsor_id]
        what = f"cohort_application.{row.state.value.lower()}"
        tell(session, context.caller, what, row.id, audience, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def _hindrance(
    session: AsyncSession, context: RequestContext[Any], row: CohortApplication, name: SelectionMoveName
) -> str | None:
    """Why the move cannot be made, in words; None where it can."""
    move = SELECTION[name]
    if row.organization_id != context.caller.organization and not move.by_sponsor:
        return "Only the host decides; the organisation that brought a client may withdraw the application."
    if row.state not in move.frm:
        return f"An application that is {row.state.value} does not take this move."
    if not move.judged:
        return None
    if row.consent_expires_at <= context.now:
        return "The client's consent has ended: ask them, and apply again."
    scored = select(SelectionReview.reviewer).where(
        SelectionReview.application_id == row.id, SelectionReview.scores.is_not(None)
    )
    if len((await session.scalars(scored)).all()) < REVIEWERS:
        return f"{REVIEWERS} reviewers have to judge it first."
    return None


async def _seat(session: AsyncSession, row: CohortApplication) -> bool:
    """Have Postgres give a seat or a place on the waiting list. False where nothing came of it."""
    wanted = ParticipantStatus(row.state.value)
    if row.participant_id is not None:
        waiting = await session.get_one(Participant, row.participant_id, with_for_update=True)
        waiting.status = wanted
        await session.flush()
        await session.refresh(waiting)  # `take_waiting_seat` leaves them waiting where there is none
        return waiting.status is wanted
    seated = await session.scalar(
        insert(Participant)
        .values(
            id=new_id(),
            organization_id=row.organization_id,
            cohort_id=row.cohort_id,
            host_handle=row.host_handle,
            sponsor_id=row.sponsor_id,
            sponsor_handle=row.sponsor_handle,
            consent_id=row.consent_id,
            consent_expires_at=row.consent_expires_at,
            status=wanted,  # `take_seat` has them wait where there is no seat
            enrolled_at=row.applied_at,  # who applied first waits first
        )
        .returning(Participant)
    )
    if seated is None:
        return False
    row.participant_id, row.state = seated.id, SelectionState(seated.status.value)
    return True


async def roll_waiting_list(
    context: RequestContext[Any], from_: UUID, to: UUID, key: str
) -> Sequence[Participant] | NotFound | NotAllowed:
    """Take those who still wait for one cohort over to a later one of the same course, in the order in which they waited.

    Of one that was cancelled those go over as well who had a seat in it, before who waited.
    Who is there already, or whose consent has ended, stays where they are. Returns those who came over.
    """
    context.caller.require(Scope.COHORT_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "rollWaitingList", key, [from_, to]
        )
        former, next_ = [await session.get(Cohort, id_) for id_ in (from_, to)]
        own = context.caller.organization
        if former is None or next_ is None or {former.organization_id, next_.organization_id} != {own}:
            return not_found("cohort of yours")
        if claim.earlier is not None:
            ids = [UUID(one) for one in claim.earlier["participants"]]
            return (await session.scalars(select(Participant).where(Participant.id.in_(ids)))).all()
        later = former.program_id == next_.program_id and former.starts_on < next_.starts_on
        if not later or next_.status not in TAKES_PEOPLE:
            return not_allowed(
                "A waiting list goes over to a later cohort of the same course that takes people."
            )
        rolled = []
        cancelled = former.status is CohortStatus.CANCELLED
        waits = Participant.status == ParticipantStatus.WAITLISTED
        waiting = (
            select(Participant)
            .where(
                Participant.cohort_id == from_,
                or_(waits, Participant.status.in_(UNDECIDED)) if cancelled else waits,
                Participant.consent_expires_at > context.now,
            )
            .order_by(waits, Participant.enrolled_at, Participant.id)
            .with_for_update()
        )
        for one in (await session.scalars(waiting)).all():
            came = await _roll(session, one, to)
            if came is not None:
                rolled.append(came)
                audience = [came.organization_id, came.sponsor_id]
                tell(session, context.caller, "participant.rolled_over", came.id, audience, id=str(came.id))
        await session.flush()
        claim.record({"id": str(to), "participants": [str(one.id) for one in rolled]})
        return rolled


async def _roll(session: AsyncSession, one: Participant, to: UUID) -> Participant | None:
    """The same person in the next cohort, admitted where there is a seat; None where they are in it already."""
    kept = (
        "organization_id",
        "host_handle",
        "sponsor_id",
        "sponsor_handle",
        "consent_id",
        "consent_expires_at",
    )
    came = await session.scalar(
        insert(Participant)
        .values(
            id=new_id(),
            cohort_id=to,
            status=ParticipantStatus.ADMITTED,
            enrolled_at=one.enrolled_at,
            **{name: getattr(one, name) for name in kept},
        )
        .returning(Participant)
    )
    if came is not None:
        one.status = ParticipantStatus.ROLLED_OVER
    return came


def criteria_of(rubric: SelectionRubric) -> list[Criterion]:
    return [Criterion(**one) for one in rubric.criteria]


def _judged(cohort: UUID) -> Any:
    return (
        select(SelectionReview.application_id)
        .join(CohortApplication, CohortApplication.id == SelectionReview.application_id)
        .where(CohortApplication.cohort_id == cohort)
    )
