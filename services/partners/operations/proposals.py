"""Changes that others propose to a record, and what its owner makes of them, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.records import (
    FIELDS,
    ProposalState,
    RecordKind,
    Verdict,
    outdated,
    problems_of,
)
from services.partners.domain.terms import ServiceStatus
from services.partners.domain.visibility import kept_back
from services.partners.events import tell
from services.partners.models import ChangeProposal, IdempotencyRecord, Location, Organization, Service
from services.partners.operations.keeping import owner_of
from services.partners.refusals import ProposalOutdated, proposal_outdated
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

Record = Organization | Service | Location
_TABLES: Final[Mapping[RecordKind, Any]] = {
    RecordKind.ORGANIZATION: Organization,
    RecordKind.SERVICE: Service,
    RecordKind.LOCATION: Location,
}
Refused = InvalidInput | NotFound | NotAllowed | VersionConflict | ProposalOutdated


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What ought to be otherwise: values by field, None to empty it."""

    kind: RecordKind
    subject: UUID
    version: int
    changes: tuple[tuple[str, str | None], ...]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the owner makes of it: every field that was proposed is in one of the two."""

    proposal: UUID
    version: int
    accept: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    reason: str | None = None


def proposals(states: tuple[ProposalState, ...], received: bool | None, me: UUID) -> Select[ChangeProposal]:
    """Those that the caller made, or those on its records; both where `received` is not said. Policies leave no others."""
    found = select(ChangeProposal)
    if states:
        found = found.where(ChangeProposal.state.in_(states))
    if received is not None:
        side = ChangeProposal.owner_id if received else ChangeProposal.organization_id
        found = found.where(side == me)
    return found


async def propose_change(context: RequestContext[Any], given: Proposed, key: str) -> ChangeProposal | Refused:
    """Propose a change to a record of another organisation. Its owner is told."""
    context.caller.require(Scope.DIRECTORY_READ)
    me, proposed = context.caller.organization, dict(given.changes)
    asked = [given.kind, str(given.subject), given.version, list(given.changes), given.note]
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "proposeChange", key, asked)
        if claim.earlier is not None:
            return await session.get_one(ChangeProposal, UUID(claim.earlier["id"]))
        row = await record_of(session, given.kind, given.subject)
        if row is None:
            return not_found("record")
        if owner_of(row) == me:
            return not_allowed("This record is your own: change it.")
        if isinstance(row, Location) and kept_back(row.visibility):
            return not_allowed(
                "This place is kept back: ask its owner."
            )  # what it says is not told, so not compared
        if row.version != given.version:
            return version_conflict(row.version)
        now = said(given.kind, row)
        problems = problems_of(given.kind, now, proposed)
        if problems or not proposed or len(proposed) != len(given.changes):
            return invalid(**(problems or {"changes": "must be one or more, each of another field"}))
        proposal = ChangeProposal(
            organization_id=me,
            owner_id=owner_of(row),
            kind=given.kind,
            subject_id=row.id,
            was={field: now[field] for field in proposed},
            proposed=proposed,
            note=given.note,
        )
        session.add(proposal)
        await session.flush()
        tell(session, context.caller, "proposal.made", proposal.id, [proposal.owner_id], id=str(proposal.id))
        claim.record({"id": str(proposal.id)})
        return proposal


async def decide_change(context: RequestContext[Any], given: Decision, key: str) -> ChangeProposal | Refused:
    """Take some of the proposed fields into one's own record and refuse the others. Who proposed it is told."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    accepted, refused = frozenset(given.accept), frozenset(given.refuse)
    asked = [str(given.proposal), given.version, sorted(accepted), sorted(refused), given.reason]
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "decideChange", key, asked)
        found = await _open(session, given.proposal, given.version, earlier=claim.earlier is not None)
        if not isinstance(found, ChangeProposal) or claim.earlier is not None:
            return found
        if found.owner_id != context.caller.organization:
            return not_allowed("The owner of the record decides.")
        if accepted & refused or accepted | refused != set(found.proposed):
            return invalid(accept="and `refuse` must name every field that was proposed, each once")
        row = await record_of(session, found.kind, found.subject_id, lock=True)
        if row is None:
            return not_found("record")
        if late := outdated(said(found.kind, row), found.was, accepted):
            return proposal_outdated(late)
        if accepted:
            _apply(found.kind, row, {field: found.proposed[field] for field in accepted}, context.now)
            await session.flush()
            kind = found.kind.value.lower()
            tell(session, context.caller, f"{kind}.updated", row.id, id=str(row.id))
        found.verdicts = {f: (Verdict.ACCEPTED if f in accepted else Verdict.REFUSED) for f in found.proposed}
        found.state, found.reason, found.decided_at = ProposalState.DECIDED, given.reason, context.now
        await session.flush()
        tell(session, context.caller, "proposal.decided", found.id, [found.organization_id], id=str(found.id))
        claim.record({"id": str(found.id)})
        return found


async def withdraw_change(
    context: RequestContext[Any], id_: UUID, version: int, key: str
) -> ChangeProposal | Refused:
    """Take back what one proposed and nobody decided. The owner is told."""
    context.caller.require(Scope.DIRECTORY_READ)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "withdrawChange", key, [str(id_), version]
        )
        found = await _open(session, id_, version, earlier=claim.earlier is not None)
        if not isinstance(found, ChangeProposal) or claim.earlier is not None:
            return found
        if found.organization_id != context.caller.organization:
            return not_allowed("Who proposed a change takes it back; its owner refuses it.")
        found.state = ProposalState.WITHDRAWN
        await session.flush()
        tell(session, context.caller, "proposal.withdrawn", found.id, [found.owner_id], id=str(found.id))
        claim.record({"id": str(found.id)})
        return found


async def _open(
    session: AsyncSession, id_: UUID, version: int, *, earlier: bool
) -> ChangeProposal | NotFound | NotAllowed | VersionConflict:
    row = await session.get(ChangeProposal, id_, with_for_update=True)
    if row is None:
        return not_found("proposed change")
    if earlier:
        return row
    if row.version != version:
        return version_conflict(row.version)
    if row.state is not ProposalState.OPEN:
        return not_allowed("This proposal is over.")
    return row


async def record_of(
    session: AsyncSession, kind: RecordKind, id_: UUID, *, lock: bool = False
) -> Record | None:
    found: Record | None = await session.get(_TABLES[kind], id_, with_for_update=lock)
    return found


def said(kind: RecordKind, row: Record) -> dict[str, str | None]:
    """What a record says of itself, by field."""
    return {field: _text(getattr(row, field)) for field in FIELDS[kind]}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _apply(kind: RecordKind, row: Record, values: Mapping[str, str | None], now: datetime) -> None:
    for field, value in values.items():
        setattr(row, field, ServiceStatus(value) if field == "status" and value else value)
    row.updated_at = now
