"""Erasing a client (R22): at their request, when they take everything back, or when they were kept long enough."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.erasing import Basis
from services.referrals.events import tell, tell_only
from services.referrals.models import (
    Client,
    ClientHandle,
    Consent,
    DataKey,
    Erasure,
    HeldRow,
    IdempotencyRecord,
)
from services.referrals.operations.clients import handle_of
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotFound, invalid, not_found

_BATCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseFields:
    client: UUID
    basis: Basis


async def erase_client(
    context: RequestContext[Any], given: EraseFields, key: str
) -> Client | NotFound | InvalidInput:
    """Erase a client of the caller's organisation, at their word. Never refused, and done once.

    The row of the erasure is what erases (policies/holds.sql): consents end, keys are destroyed, indexes emptied, in
    one transaction. The round `shred` then cuts the keys out of the keyring. Under a legal hold the keys are sealed
    instead, and the answer is the same: who works with clients is not told of holds.
    """
    context.caller.require(Scope.CONSENT_MANAGE)
    if given.basis is Basis.RETENTION:
        return invalid(basis="is what the client said: CLIENT_REQUEST or FULL_REVOCATION")
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "eraseClient", key, asdict(given))
        known = select(ClientHandle.client_id).where(
            ClientHandle.handle == given.client, ClientHandle.organization_id == context.caller.organization
        )
        row = await session.scalar(
            select(Client).where(Client.id == known.scalar_subquery()).with_for_update()
        )
        if row is None or row.home_organization_id != context.caller.organization:
            return not_found("client of your organisation")
        if row.erased_at is None:
            await erase(session, context, row, given.basis)
            tell(session, context.caller, "client.erased", handle_of(context, row))
        if claim.earlier is None:
            claim.record({"id": str(row.id)})
        return row


async def erase(session: AsyncSession, context: RequestContext[Any], client: Client, basis: Basis) -> None:
    """Erase a client whose row the caller has locked, and tell those whom their consents named."""
    home = client.home_organization_id
    named = await session.execute(
        select(Consent.id, Consent.recipients).where(
            Consent.client_id == client.id, Consent.revoked_at.is_(None)
        )
    )
    ending = named.all()
    session.add(
        Erasure(
            organization_id=home,
            client_id=client.id,
            basis=basis,
            asked_by=context.caller.subject,
            asked_at=context.now,
        )
    )
    await session.flush()
    for consent, recipients in ending:  # one event for each: none learns of the others
        for told in {*recipients, home}:
            about = {"consent": str(consent)}
            tell_only(session, context.caller, "consent.revoked", consent, [told], **about)
    await session.refresh(client)


async def finish_erasures(context: RequestContext[Any]) -> int:
    """A round: destroy what a hold kept of clients who were to be erased, or forgotten in part, once it is lifted."""
    async with context.write() as session:
        # The keys that are sealed are few: ix_data_keys_sealed.
        clients = await session.scalars(
            select(DataKey.client_id)
            .where(DataKey.sealed_at.is_not(None), DataKey.wrapped.is_not(None))
            .where(~func.under_hold(DataKey.client_id))
            .distinct()
            .limit(_BATCH)
        )
        free = clients.all()
        if not free:
            return 0
        await session.execute(
            update(DataKey)
            .where(DataKey.client_id.in_(free), DataKey.sealed_at.is_not(None))
            .values(wrapped=None, destroyed_at=context.now)
        )
        await session.execute(delete(HeldRow).where(HeldRow.client_id.in_(free)))
        await session.execute(
            update(Erasure)
            .where(Erasure.client_id.in_(free), Erasure.done_at.is_(None))
            .values(done_at=context.now)
        )
        mark_recorded(session)
        return len(free)
