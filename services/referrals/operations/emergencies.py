"""Breaking the glass, reviewing that it was broken, and telling the client (R29)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, insert, select

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.emergencies import LASTS, REVIEWED_WITHIN, REVIEWERS, Danger, problems
from services.referrals.events import tell
from services.referrals.models import Client, EmergencyAccess, EmergencyReview, IdempotencyRecord
from services.referrals.operations.clients import by_handle
from services.referrals.operations.vault import vault
from services.referrals.refusals import EmergencyUnavailable, emergency_unavailable
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.ids import new_id
from vereda.pagination import Order
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found

EMERGENCY_ORDER: Final = (Order(EmergencyAccess.id, descending=True),)
#: Who looks at emergencies, and reviews them.
REVIEWING: Final = (Scope.ADMIN_ORGANIZATION, Scope.AUDIT_VERIFY, Scope.CONSENT_MANAGE)
_BATCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyFields:
    client: UUID
    danger: Danger
    statement: str


async def open_in_emergency(
    context: RequestContext[Any], given: EmergencyFields, key: str
) -> EmergencyAccess | EmergencyUnavailable | InvalidInput | NotFound:
    """Let the person who asks see, for an hour, who a client of another organisation is and how to reach them.

    Whether it may be, Postgres decides (policies/emergencies.sql), because it is not for who asks to know why not.
    """
    caller = context.caller
    caller.require(Scope.CLIENT_READ)
    if caller.authenticated_at is None:
        return emergency_unavailable()  # a system states no danger
    if wrong := problems(given.statement):
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, caller, "openInEmergency", key, asdict(given))
        if claim.earlier is not None:
            return await session.get_one(EmergencyAccess, UUID(claim.earlier["id"]))
        client = await by_handle(session, context, given.client)
        if client is None:
            return not_found("client")
        if client.home_organization_id == caller.organization:
            return invalid(client="is your own: there is no glass to break")
        id_ = new_id()
        keys = vault(context.settings)
        key_row, sealing = keys.make(client.id, KeyGroup.EMERGENCY, id_)
        made = await session.execute(
            insert(EmergencyAccess).values(
                id=id_,
                organization_id=caller.organization,
                client_id=client.id,
                opened_by=caller.subject,
                danger=given.danger,
                statement_sealed=keys.seal(sealing, given.statement, client.id, KeyGroup.EMERGENCY, id_),
                opened_at=context.now,
                expires_at=context.now + LASTS,
            )
        )
        if not made.rowcount:  # type: ignore[attr-defined]
            return emergency_unavailable()
        session.add(key_row)
        tell(session, caller, "emergency.opened", id_, [client.home_organization_id], emergency=str(id_))
        claim.record({"id": str(id_)})
        return await session.get_one(EmergencyAccess, id_)


async def review_emergency(
    context: RequestContext[Any], id_: UUID, key: str, *, justified: bool
) -> EmergencyAccess | NotAllowed | NotFound:
    """Say, for one of the two organisations, whether an access was justified. Who opened it does not."""
    caller = context.caller
    caller.require(Scope.ADMIN_ORGANIZATION, Scope.AUDIT_VERIFY)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, caller, "reviewEmergency", key, [str(id_), justified]
        )
        row = await session.get(EmergencyAccess, id_)
        if row is None:
            return not_found("emergency")
        if claim.earlier is not None:
            return row
        if row.opened_by == caller.subject:
            return not_allowed("Who broke the glass does not review it: another person has to.")
        if await session.get(EmergencyReview, (row.id, caller.organization)) is not None:
            return not_allowed("Your organisation has reviewed it: the other has to as well.")
        session.add(
            EmergencyReview(
                access_id=row.id,
                organization_id=caller.organization,
                reviewer=caller.subject,
                justified=justified,
                reviewed_at=context.now,
            )
        )
        tell(session, caller, "emergency.reviewed", row.id, [row.organization_id], emergency=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def record_client_told(context: RequestContext[Any], id_: UUID, key: str) -> EmergencyAccess | NotFound:
    """Note, as the client's home, that the client was told: the task that each emergency leaves."""
    context.caller.require(Scope.CONSENT_MANAGE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordClientTold", key, [str(id_)]
        )
        row = await session.get(EmergencyAccess, id_)
        client = await session.get(Client, row.client_id) if row is not None else None
        if row is None or client is None or client.home_organization_id != context.caller.organization:
            return not_found("emergency of a client of yours")
        if claim.earlier is None:
            row.client_told_at = row.client_told_at or context.now
            await session.flush()
            tell(
                session,
                context.caller,
                "emergency.told",
                row.id,
                [row.organization_id],
                emergency=str(row.id),
            )
            claim.record({"id": str(row.id)})
        return row


def emergencies(*, to_do: bool) -> Select[EmergencyAccess]:
    """Accesses that the caller's organisation opened, or that were to clients of its own. `to_do`: those that lack a
    review, or whose client was not told. Row-level security decides which; the index on the opener, and that on the
    client, serve it."""
    statement = select(EmergencyAccess)
    if not to_do:
        return statement
    return statement.where((_reviews() < REVIEWERS) | EmergencyAccess.client_told_at.is_(None))


async def tell_overdue_reviews(context: RequestContext[Any]) -> int:
    """A round: tell both organisations of each access that two people should have reviewed and did not, once."""
    async with context.write() as session:
        overdue = (
            select(EmergencyAccess)
            .where(
                EmergencyAccess.opened_at < context.now - REVIEWED_WITHIN,
                EmergencyAccess.overdue_told_at.is_(None),
                _reviews() < REVIEWERS,
            )
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = list(await session.scalars(overdue))
        for row in rows:
            client = await session.get_one(Client, row.client_id)
            row.overdue_told_at = context.now
            audience = [row.organization_id, client.home_organization_id]
            tell(session, context.caller, "emergency.review_overdue", row.id, audience, emergency=str(row.id))
        mark_recorded(session)
        return len(rows)


def _reviews() -> ScalarSelect[int]:
    counted = select(func.count()).select_from(EmergencyReview)
    return counted.where(EmergencyReview.access_id == EmergencyAccess.id).scalar_subquery()
