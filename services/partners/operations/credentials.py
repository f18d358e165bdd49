"""Recognitions and accreditations in the order in which they end: what lapses, what is under way, who is reminded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.applications import OPEN, RaPurpose
from services.partners.domain.credentials import CredentialKind, Held, reminder_windows, within_months
from services.partners.domain.terms import CredentialStatus
from services.partners.events import tell
from services.partners.models import Accreditation, CredentialReminder, RaApplication, Recognition
from services.partners.operations.applications import READING, business_day, term_of
from services.partners.operations.search import among
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import mark_recorded

_BATCH: Final = 100
#: Credentials of one answer, the first to end first.
MOST_LISTED: Final = 200
_Row = Recognition | Accreditation
_KINDS: Final[dict[CredentialKind, type[Recognition] | type[Accreditation]]] = {
    CredentialKind.RECOGNITION: Recognition,
    CredentialKind.ACCREDITATION: Accreditation,
}
_RENEWALS: Final = (RaPurpose.RENEWED_RECOGNITION, RaPurpose.RENEWED_ACCREDITATION)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a credential, with the renewal that is under way, if there is one that the caller may know of."""

    held: Held
    renewal: RaApplication | None


async def expiring(context: RequestContext[Any], months: int) -> list[Held]:
    """What holds today and ends within so many months, unless a renewal is pending: known to every member."""
    context.caller.require(Scope.DIRECTORY_READ)
    today = business_day(context.now)
    async with context.read() as session:
        held = await _ending(session, today, within_months(today, months))
    return [one for one in held if not one.term.pending_renewal]


async def calendar(context: RequestContext[Any], months: int) -> list[Deadline]:
    """The ends of one's own credentials within so many months, pending ones too; the coordinator sees everybody's."""
    context.caller.require(*READING)
    today = business_day(context.now)
    everybody = Scope.ADMIN_NETWORK in context.caller.scopes
    owner = None if everybody else context.caller.organization
    async with context.read() as session:
        held = await _ending(session, today, within_months(today, months), owner)
        renewals = await _renewals(session, [one.id for one in held])
    return [Deadline(one, renewals.get(one.id)) for one in held]


async def remind(context: RequestContext[Any]) -> int:
    """A round: tell the holder of each credential that it ends within 12, 6, 3 months or one, each once (DOMAIN 4.8).

    What is pending is not reminded of: it was filed in time.
    """
    today = business_day(context.now)
    async with context.write() as session:
        found = 0
        for kind, table in _KINDS.items():
            for months, first, last in reminder_windows(today):
                rows = (await session.scalars(_unreminded(table, months, first, last))).all()
                for row in rows:
                    _remind(session, context, kind, row, months)
                found += len(rows)
        mark_recorded(session)
        return found


def _unreminded(table: type[_Row], months: int, first: date, last: date) -> Select[Any]:
    """Served by the index on the credential's end after its organisation. Locked: another process leaves them be."""
    told = exists().where(
        CredentialReminder.credential_id == table.id,
        CredentialReminder.expires_on == table.expires_on,
        CredentialReminder.months <= months,
    )
    return (
        select(table)
        .where(
            table.status == CredentialStatus.ACTIVE,
            ~table.pending_renewal,
            table.expires_on.between(first, last),
            ~told,
        )
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )


def _remind(
    session: AsyncSession, context: RequestContext[Any], kind: CredentialKind, row: _Row, months: int
) -> None:
    session.add(
        CredentialReminder(
            organization_id=row.organization_id,
            credential_id=row.id,
            expires_on=row.expires_on,
            months=months,
            given_at=context.now,
        )
    )
    tell(
        session,
        context.caller,
        f"{kind.value.lower()}.expiring",
        row.id,
        [row.organization_id],
        credential=str(row.id),
        months=str(months),
    )


async def _ending(session: AsyncSession, first: date, last: date, owner: UUID | None = None) -> list[Held]:
    found: list[Held] = []
    for kind, table in _KINDS.items():
        statement: Select[Any] = select(table).where(
            table.status == CredentialStatus.ACTIVE,
            table.granted_on <= first,
            (table.expires_on >= first) | table.pending_renewal,
            table.expires_on <= last,
        )
        if owner is not None:
            statement = statement.where(table.organization_id == owner)
        statement = statement.order_by(table.expires_on, table.id).limit(MOST_LISTED)
        found += [held_of(kind, row) for row in await session.scalars(statement)]
    return sorted(found, key=lambda one: (one.term.expires_on, one.id))[:MOST_LISTED]


def held_of(kind: CredentialKind, row: _Row) -> Held:
    person = row.practitioner_id if isinstance(row, Accreditation) else None
    return Held(row.id, kind, row.organization_id, person, term_of(row))


async def _renewals(session: AsyncSession, credentials: Iterable[UUID]) -> dict[UUID, RaApplication]:
    ids = list(credentials)
    rows = await session.scalars(
        select(RaApplication).where(
            RaApplication.stage.in_(OPEN),
            RaApplication.purpose.in_(_RENEWALS),
            among(RaApplication.recognition_id, ids) | among(RaApplication.accreditation_id, ids),
        )
    )
    return {one: row for row in rows if (one := row.recognition_id or row.accreditation_id) is not None}
