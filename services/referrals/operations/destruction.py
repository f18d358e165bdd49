"""A recipient's word that what it had under a revoked consent is destroyed (R9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.referrals.events import tell
from services.referrals.models import Consent, DestructionConfirmation, IdempotencyRecord
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, NotFound, invalid, not_found


async def confirm_destruction(
    context: RequestContext[Any], id_: UUID, key: str
) -> Consent | InvalidInput | NotFound:
    """Note, for a recipient, that it keeps nothing more of what a revoked consent let it see, here or elsewhere."""
    context.caller.require(Scope.CONSENT_MANAGE)
    own = context.caller.organization
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "confirmDestruction", key, [str(id_)]
        )
        row = await session.get(Consent, id_)
        if row is None or own not in row.recipients:
            return not_found("consent that names you")
        if claim.earlier is not None:
            return row
        if row.revoked_at is None:
            return invalid(consent="was not revoked: nothing has to be destroyed")
        if await session.get(DestructionConfirmation, (row.id, own)) is None:
            session.add(
                DestructionConfirmation(
                    consent_id=row.id,
                    organization_id=own,
                    confirmed_by=context.caller.subject,
                    confirmed_at=context.now,
                )
            )
            about = {"consent": str(row.id)}
            tell(session, context.caller, "consent.destroyed", row.id, [row.organization_id], **about)
        claim.record({"id": str(row.id)})
        return row
