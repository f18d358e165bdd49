"""Shifts of workshops, and volunteers for them: asked for across partners, who accept, decline and withdraw (DOMAIN 4.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.geography import BY_FIPS
from services.partners.domain.languages import GROUPS
from services.partners.domain.practice import strictest
from services.partners.domain.terms import AccreditationLevel
from services.partners.domain.volunteering import (
    BY_NAME,
    MOST_WANTED,
    Offered,
    RequestAnswer,
    RequestState,
    ShiftRole,
    Side,
    Task,
    VolunteerState,
    shift_problems,
    unfit,
)
from services.partners.events import tell
from services.partners.models import (
    IdempotencyRecord,
    Organization,
    Practitioner,
    Volunteer,
    VolunteerRequest,
    Workshop,
    WorkshopShift,
)
from services.partners.operations.calendar import AHEAD, REGION_TIME, day_of
from services.partners.operations.practices import practices, staff_of
from services.partners.refusals import ShiftFull, shift_full
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import among, take_turns
from vereda.errors import ClientError, ErrorCode
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

_MOST_ASKED: Final = 50
_LONGEST_DAYS: Final = 3 * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFields:
    """`starts_at` and `ends_at` are the workshop's own where they are None."""

    workshop: UUID
    role: ShiftRole
    language: str | None
    wanted: int
    starts_at: datetime | None
    ends_at: datetime | None


def unfilled(
    first: date, last: date, county: str | None, roles: Sequence[ShiftRole]
) -> Select[WorkshopShift]:
    """Shifts of workshops that are still to be, on these days, that want somebody: served by the partial index on their
    beginning.

    Raises: ClientError BAD_USER_INPUT where the days are none or too many, or there is no such county.
    """
    if not 0 <= (last - first).days < _LONGEST_DAYS:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, "`to` must be on or after `from`, and within three years of it."
        )
    if county is not None and county not in BY_FIPS:
        raise ClientError(ErrorCode.BAD_USER_INPUT, "`county` must be a FIPS code that `counties` lists.")
    statement = (
        select(WorkshopShift)
        .join(Workshop, Workshop.id == WorkshopShift.workshop_id)
        .where(
            WorkshopShift.filled < WorkshopShift.wanted,
            WorkshopShift.starts_at >= datetime.combine(first, time(), REGION_TIME),
            WorkshopShift.starts_at < datetime.combine(last + timedelta(days=1), time(), REGION_TIME),
            Workshop.status.in_(AHEAD),
        )
    )
    if county is not None:
        statement = statement.where(Workshop.county_fips == county)
    return statement.where(WorkshopShift.role.in_(roles)) if roles else statement


def requests(states: Sequence[RequestState]) -> Select[VolunteerRequest]:
    """Those that one's organisation made or was asked by: row-level security keeps the others away."""
    statement = select(VolunteerRequest)
    return statement.where(VolunteerRequest.state.in_(states)) if states else statement


async def add_shift(
    context: RequestContext[Any], given: ShiftFields, key: str
) -> WorkshopShift | InvalidInput | NotFound | NotAllowed:
    """Say that a workshop of one's own wants people in a role."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "addWorkshopShift", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(WorkshopShift, UUID(claim.earlier["id"]))
        workshop = await session.get(Workshop, given.workshop)
        if workshop is None:
            return not_found("workshop")
        if refusal := _not_the_hosts(context, workshop):
            return refusal
        starts_at, ends_at = given.starts_at or workshop.starts_at, given.ends_at or workshop.ends_at
        wrong = shift_problems(given.role, given.language, given.wanted, starts_at, ends_at)
        if given.language is not None and not _is_language(given.language):
            wrong["language"] = "must be an ISO 639-3 code such as `mxb`, or a group such as `mixtec`"
        if abs(starts_at - workshop.starts_at) > timedelta(days=7):
            wrong["starts_at"] = "must be within a week of the workshop"
        if wrong:
            return invalid(**wrong)
        row = WorkshopShift(
            organization_id=workshop.organization_id,
            workshop_id=workshop.id,
            role=given.role,
            language=given.language,
            starts_at=starts_at,
            ends_at=ends_at,
            wanted=given.wanted,
        )
        session.add(row)
        await session.flush()
        tell(
            session,
            context.caller,
            "workshop.shift_added",
            row.id,
            workshop=str(workshop.id),
            shift=str(row.id),
        )
        claim.record({"id": str(row.id)})
        return row


async def change_shift(
    context: RequestContext[Any], id_: UUID, version: int, wanted: int, key: str
) -> WorkshopShift | InvalidInput | NotFound | NotAllowed | VersionConflict | ShiftFull:
    """Say that more or fewer are wanted; not fewer than come."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    if not 1 <= wanted <= MOST_WANTED:
        return invalid(wanted=f"must be from 1 to {MOST_WANTED}")
    async with context.write() as session:
        claim = await claim_key(
            session,
            IdempotencyRecord,
            context.caller,
            "changeWorkshopShift",
            key,
            [str(id_), version, wanted],
        )
        shift = await _shift(session, id_)
        if shift is None:
            return not_found("shift")
        if claim.earlier is not None:
            return shift
        workshop = await session.get_one(Workshop, shift.workshop_id)
        if refusal := _not_the_hosts(context, workshop):
            return refusal
        if shift.version != version:
            return version_conflict(shift.version)
        # Its row, locked against whoever accepts at this moment.
        await session.refresh(shift, with_for_update=True)
        if wanted < shift.filled:
            return shift_full(0)
        shift.wanted = wanted
        await session.flush()
        tell(
            session,
            context.caller,
            "workshop.shift_changed",
            id_,
            workshop=str(workshop.id),
            shift=str(id_),
        )
        claim.record({"id": str(id_)})
        return shift


async def request_volunteers(
    context: RequestContext[Any], shift_id: UUID, partners: Sequence[UUID], people: int, key: str
) -> list[VolunteerRequest] | InvalidInput | NotFound | NotAllowed:
    """Ask partners for people, each for so many. Whom the host has asked already is not asked twice at a time."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    asked = sorted(set(partners))
    if not 1 <= len(asked) <= _MOST_ASKED or context.caller.organization in asked:
        return invalid(partners=f"must be 1 to {_MOST_ASKED} other organisations")
    if not 1 <= people <= MOST_WANTED:
        return invalid(people=f"must be from 1 to {MOST_WANTED}")
    async with context.write() as session:
        request = [str(shift_id), [str(one) for one in asked], people]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "requestVolunteers", key, request)
        if claim.earlier is not None:
            ids = [UUID(one) for one in claim.earlier["requests"]]
            return await _requests_of(session, VolunteerRequest.id, ids)
        shift = await _shift(session, shift_id)
        if shift is None:
            return not_found("shift")
        workshop = await session.get_one(Workshop, shift.workshop_id)
        if refusal := _not_the_hosts(context, workshop):
            return refusal
        known = set(await session.scalars(select(Organization.id).where(among(Organization.id, asked))))
        if known != set(asked):
            return invalid(partners="must be organisations of the network")
        await take_turns(session, shift_id, "requestVolunteers")
        open_ones = await session.scalars(
            select(VolunteerRequest).where(
                VolunteerRequest.shift_id == shift_id, VolunteerRequest.state == RequestState.ASKED
            )
        )
        there = {row.asked_id: row for row in open_ones}
        for one in asked:
            if one in there:
                continue
            there[one] = VolunteerRequest(
                organization_id=workshop.organization_id, shift_id=shift_id, asked_id=one, people=people
            )
            session.add(there[one])
            await session.flush()
            about = {"shift": str(shift_id), "request": str(there[one].id)}
            tell(session, context.caller, "volunteers.asked", there[one].id, [one], **about)
        found = [there[one] for one in asked]
        claim.record({"requests": [str(row.id) for row in found]})
        return found


@dataclass(frozen=True, slots=True)
class Sending:
    """Who is sent: practitioners of the sender by name, and so many in all."""

    practitioners: tuple[UUID, ...]
    people: int


Sent = InvalidInput | NotFound | NotAllowed | VersionConflict | ShiftFull


async def answer_request(
    context: RequestContext[Any],
    id_: UUID,
    version: int,
    answer: RequestAnswer,
    sending: Sending,
    key: str,
) -> VolunteerRequest | Sent:
    """Accept a request and say who comes, decline it, or, as its host, take it back."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    async with context.write() as session:
        request = [str(id_), version, answer, asdict(sending)]
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "answerVolunteerRequest", key, request
        )
        row = await session.scalar(
            select(VolunteerRequest).where(VolunteerRequest.id == id_).with_for_update()
        )
        if row is None:
            return not_found("request")
        if claim.earlier is not None:
            return row
        move = BY_NAME[answer]
        side = Side.ASKED if context.caller.organization == row.asked_id else Side.HOST
        if side is not move.by:
            return not_allowed(f"To {answer.lower()} this request is for the other side.")
        if row.version != version:
            return version_conflict(row.version)
        if row.state is not RequestState.ASKED:
            return not_allowed(f"This request is {row.state.value}, and is not answered again.")
        if answer is RequestAnswer.ACCEPT:
            refusal = await _send(session, context, row.shift_id, sending, row.id)
            if refusal is not None:
                return refusal
        row.state = move.to
        await session.flush()
        about = {"shift": str(row.shift_id), "request": str(id_)}
        told = [row.organization_id, row.asked_id]
        tell(session, context.caller, f"volunteers.{move.to.value.lower()}", id_, told, **about)
        claim.record({"id": str(id_)})
        return row


async def offer_volunteers(
    context: RequestContext[Any], shift_id: UUID, sending: Sending, key: str
) -> WorkshopShift | Sent:
    """Send people to a shift that wants some, without having been asked."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    async with context.write() as session:
        request = [str(shift_id), asdict(sending)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "offerVolunteers", key, request)
        if claim.earlier is None:
            refusal = await _send(session, context, shift_id, sending, None)
            if refusal is not None:
                return refusal
            shift = await session.get_one(WorkshopShift, shift_id)
            about = {"shift": str(shift_id)}
            tell(session, context.caller, "volunteers.offered", shift_id, [shift.organization_id], **about)
            claim.record({"id": str(shift_id)})
        found = await _shift(session, shift_id)
        return found if found is not None else not_found("shift")


async def withdraw_volunteer(
    context: RequestContext[Any], id_: UUID, version: int, key: str
) -> WorkshopShift | NotFound | NotAllowed | VersionConflict:
    """Say that somebody whom one's organisation sends does not come: their place is free again, and the host is told."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "withdrawVolunteer", key, [str(id_), version]
        )
        row = await session.get(Volunteer, id_)
        if row is None:
            return not_found("volunteer")
        if claim.earlier is None:
            if row.organization_id != context.caller.organization:
                return not_allowed("Only the organisation that sends somebody may withdraw them.")
            if row.version != version:
                return version_conflict(row.version)
            if row.state is not VolunteerState.COMING:
                return not_allowed("They were withdrawn already.")
            row.state = VolunteerState.WITHDRAWN
            await session.flush()
            host = (await session.get_one(WorkshopShift, row.shift_id)).organization_id
            about = {"shift": str(row.shift_id), "volunteer": str(id_)}
            tell(session, context.caller, "volunteers.left", id_, [host], **about)
            claim.record({"id": str(id_)})
        shift = await _shift(session, row.shift_id)
        assert shift is not None
        return shift


async def move_shifts(
    session: AsyncSession, context: RequestContext[Any], workshop: Workshop, by: timedelta
) -> None:
    """Shifts go where their workshop goes; whoever sends people to them is told, who may not be able to come then."""
    if not by:
        return
    rows = (
        await session.scalars(select(WorkshopShift).where(WorkshopShift.workshop_id == workshop.id))
    ).all()
    for row in rows:
        row.starts_at, row.ends_at = row.starts_at + by, row.ends_at + by
    await session.flush()
    coming = await session.scalars(
        select(Volunteer.organization_id)
        .where(among(Volunteer.shift_id, [row.id for row in rows]), Volunteer.state == VolunteerState.COMING)
        .distinct()
    )
    if told := sorted(coming):
        tell(session, context.caller, "volunteers.moved", workshop.id, told, workshop=str(workshop.id))


async def _send(
    session: AsyncSession,
    context: RequestContext[Any],
    shift_id: UUID,
    sending: Sending,
    request_id: UUID | None,
) -> InvalidInput | NotFound | NotAllowed | ShiftFull | None:
    """Enter who comes; of many who accept at one time the trigger lets in as many as there are places."""
    named = sorted(set(sending.practitioners))
    if not max(1, len(named)) <= sending.people <= MOST_WANTED:
        return invalid(people="must be as many as are named, or more")
    shift = await _shift(session, shift_id)
    if shift is None:
        return not_found("shift")
    workshop = await session.get_one(Workshop, shift.workshop_id)
    if workshop.status not in AHEAD or shift.ends_at <= context.now:
        return not_allowed("This workshop was called off, or is over.")
    own = context.caller.organization
    people = (
        await session.scalars(
            select(Practitioner).where(among(Practitioner.id, named), Practitioner.organization_id == own)
        )
    ).all()
    if len(people) != len(named):
        return invalid(practitioners="must be practitioners of your organisation")
    task = Task(
        shift.role,
        shift.language,
        day_of(shift.starts_at),
        strictest(workshop.term_codes) or AccreditationLevel.PARTIAL,
    )
    staff = await staff_of(session, [own])
    offered = [Offered(staff[one.id], tuple(one.languages)) for one in people]
    standing = (await practices(session, [own]))[own]
    if why := unfit(task, offered, standing, sending.people):
        return invalid(practitioners=why)
    for person in named:  # one at a time: two acceptances of the same person wait for each other
        await take_turns(session, person, "volunteers")
    if await _busy(session, named, shift):
        return invalid(practitioners="must not be at another shift at that time")
    left = shift.wanted - shift.filled
    session.add_all(
        Volunteer(organization_id=own, shift_id=shift_id, request_id=request_id, practitioner_id=person)
        for person in (*named, *([None] * (sending.people - len(named))))
    )
    try:
        await session.flush()
    except IntegrityError:  # the table's own check: there is no such place
        return shift_full(max(0, left))
    await session.refresh(shift)
    return None


async def _busy(session: AsyncSession, named: Sequence[UUID], shift: WorkshopShift) -> bool:
    """Whether any of them is expected at a shift that overlaps with this one."""
    other = (
        select(Volunteer.id)
        .join(WorkshopShift, WorkshopShift.id == Volunteer.shift_id)
        .where(
            among(Volunteer.practitioner_id, named),
            Volunteer.state == VolunteerState.COMING,
            WorkshopShift.starts_at < shift.ends_at,
            WorkshopShift.ends_at > shift.starts_at,
        )
        .limit(1)
    )
    return await session.scalar(other) is not None


async def _shift(session: AsyncSession, id_: UUID) -> WorkshopShift | None:
    """As it stands: `filled` is the trigger's, which the session does not see at work."""
    return await session.scalar(
        select(WorkshopShift).where(WorkshopShift.id == id_).execution_options(populate_existing=True)
    )


async def _requests_of(session: AsyncSession, column: Any, ids: Sequence[UUID]) -> list[VolunteerRequest]:
    rows = await session.scalars(
        select(VolunteerRequest).where(among(column, ids)).order_by(VolunteerRequest.asked_id)
    )
    return list(rows)


def _not_the_hosts(context: RequestContext[Any], workshop: Workshop) -> NotAllowed | None:
    if workshop.organization_id != context.caller.organization:
        return not_allowed("Only the organisation that hosts a workshop may set up its shifts.")
    if workshop.status not in AHEAD:
        return not_allowed(f"This workshop is {workshop.status.value}: nobody is wanted for it any more.")
    return None


def _is_language(code: str) -> bool:
    return code in GROUPS or (len(code) == 3 and code.isascii() and code.isalpha() and code.islower())
