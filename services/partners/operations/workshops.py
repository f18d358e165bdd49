"""Planning and announcing legal workshops."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.geography import BY_FIPS
from services.partners.domain.practice import Practice
from services.partners.domain.taxonomy import BY_CODE
from services.partners.domain.terms import WorkshopStatus
from services.partners.domain.workshops import CHANGEABLE, LONGEST, WorkshopChange, may_publish
from services.partners.events import tell
from services.partners.models import IdempotencyRecord, Location, Workshop
from services.partners.operations.calendar import Clashing, clashes, day_of
from services.partners.operations.practices import practices
from vereda.caller import Caller, Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import Claim, claim_key
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopFields:
    title: str
    title_es: str | None
    county: str
    location_id: UUID | None
    rural: bool
    term_codes: tuple[str, ...]
    languages: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    capacity: int
    practitioner_ids: tuple[UUID, ...]
    #: Why it is planned all the same, where it clashes with others.
    override_reason: str | None = None


NOBODY_AUTHORISED: Final = (
    "Nobody named for this workshop is authorised to give its legal help on its day: add an attorney, or a"
    " representative whose accreditation with you is valid then, a FULL one where a matter comes before the courts."
)


async def plan_workshop(
    context: RequestContext[Any], given: WorkshopFields, key: str
) -> Workshop | Clashing | InvalidInput:
    """Put a workshop on the shared calendar, seen by partners; it is announced by `publish_workshop`.

    One that clashes with others (DOMAIN 4.7) is put there for a reason only, which partners can read. Of two that clash and
    are planned at one time, one is told: they take turns.
    """
    context.caller.require(Scope.WORKSHOP_PLAN)
    problems = _problems(given)
    if problems:
        return invalid(**problems)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "planWorkshop", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(Workshop, UUID(claim.earlier["id"]))
        columns = asdict(given) | {name: list(getattr(given, name)) for name in _LISTS}
        columns["county_fips"] = columns.pop("county")
        row = Workshop(id=new_id(), organization_id=context.caller.organization, **columns)
        if row.location_id is not None and await session.get(Location, row.location_id) is None:
            return invalid(location="is not a location that you may know of")
        await take_turns(session, "the calendar of workshops")
        clashing = await clashes(session, row, context.now)
        if clashing is not None and row.override_reason is None:
            return clashing
        if clashing is None:
            row.override_reason = None
        session.add(row)
        await session.flush()
        tell(session, context.caller, "workshop.planned", row.id, workshop=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def publish_workshop(
    context: RequestContext[Any], id_: UUID, version: int, key: str
) -> Workshop | NotFound | NotAllowed | VersionConflict:
    """Announce a workshop. Refused while nobody on site is authorised to give the help that it offers."""
    context.caller.require(Scope.WORKSHOP_PLAN)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "publishWorkshop", key, [str(id_), version]
        )
        row = await changeable(session, context.caller, claim, id_, version, WorkshopChange.PUBLISH)
        if not isinstance(row, Workshop) or claim.earlier is not None:
            return row
        if not await lawful(session, row):
            return not_allowed(NOBODY_AUTHORISED)
        row.status, row.task = WorkshopStatus.PUBLISHED, None
        await session.flush()
        tell(session, context.caller, "workshop.published", row.id, workshop=str(row.id))
        claim.record({"id": str(row.id)})
        return row


_LISTS = ("term_codes", "languages", "practitioner_ids")


def _problems(given: WorkshopFields) -> dict[str, str]:
    problems = {}
    if not given.title.strip():
        problems["title"] = "must not be empty"
    if given.county not in BY_FIPS:
        problems["county"] = "must be a FIPS code that `counties` lists"
    if not timedelta() < given.ends_at - given.starts_at <= LONGEST:
        problems["ends_at"] = "must be after `startsAt`, by at most 7 days"
    if not 1 <= given.capacity <= 10_000:
        problems["capacity"] = "must be from 1 to 10000"
    if given.override_reason is not None and not given.override_reason.strip():
        problems["override_reason"] = "must say why, or be left out"
    if not given.term_codes or any(code not in BY_CODE for code in given.term_codes):
        problems["terms"] = "must be one or more codes of the scheme `vereda` that `taxonomyTerms` lists"
    return problems


async def changeable(
    session: AsyncSession, caller: Caller, claim: Claim, id_: UUID, version: int, change: WorkshopChange
) -> Workshop | NotFound | NotAllowed | VersionConflict:
    """The workshop, where the caller's organisation hosts it and it can be changed so, or was by the same request."""
    row = await session.get(Workshop, id_)
    if row is None:
        return not_found("workshop")
    if claim.earlier is not None:
        return row
    if row.organization_id != caller.organization:
        return not_allowed("Only the organisation that hosts a workshop may change it.")
    if row.version != version:
        return version_conflict(row.version)
    if row.status not in CHANGEABLE[change]:
        return not_allowed(f"This workshop is {row.status.value}, and can no more be changed in this way.")
    return row


async def lawful(session: AsyncSession, row: Workshop) -> bool:
    """Whether somebody named for the workshop may give the help that it offers, on each of its days."""
    return may_publish(
        await _practice(session, row), row.term_codes, day_of(row.starts_at), day_of(row.ends_at)
    )


async def _practice(session: AsyncSession, row: Workshop) -> Practice:
    """The host's standing, with those named for the workshop who work for it: nobody is put to work by another
    organisation's word, and an accreditation is with one organisation (8 CFR 1292.12), and counts there alone.
    """
    return (await practices(session, [row.organization_id], row.practitioner_ids))[row.organization_id]
