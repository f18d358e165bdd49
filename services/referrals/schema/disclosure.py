"""Whether the field that is being resolved may be shown: the one formula, asked with what the request has loaded."""

from __future__ import annotations

from uuid import UUID

from services.referrals import models
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import DataClass, Purpose, Withheld, withheld
from services.referrals.domain.lifecycle import TERMINAL
from services.referrals.operations.consents import as_rule
from services.referrals.operations.vault import vault
from services.referrals.schema.context import Info


async def may_show(info: Info, client: models.Client, data_class: DataClass) -> bool:
    """Whether this caller may see this class of the client's data now; if not, the reason goes into the redactions.

    The home organisation sees what it recorded. Everybody else sees what a consent in force allows (R6, R12).
    """
    context = info.context
    if client.home_organization_id == context.caller.organization:
        return True
    consents = [as_rule(row) for row in await context.loaders.consents_of_client.load(client.id)]
    purpose = Purpose(context.caller.purpose) if context.caller.purpose else Purpose.REFERRAL_DELIVERY
    reason = withheld(
        consents,
        context.caller.organization,
        data_class,
        purpose,
        context.now,
        awaiting_clearance=await _awaiting_clearance(info, client.id),
    )
    if reason is not None:
        context.redact(info, data_class.value, reason.value)
    return reason is None


async def opened(
    info: Info,
    client: models.Client,
    data_class: DataClass,
    group: KeyGroup,
    sealed: bytes | None,
    referral: UUID | None = None,
) -> str | None:
    """The text of a sealed field, if the caller may see its class; its key comes through row-level security."""
    if not await may_show(info, client, data_class):
        return None
    rows = await info.context.loaders.keys_of_client.load(client.id)
    key = next((row for row in rows if row.key_group is group and row.referral_id == referral), None)
    text = vault(info.context.settings).open(key, sealed)
    if text is None and sealed is not None:
        info.context.redact(info, data_class.value, Withheld.ERASED.value)
    return text


async def _awaiting_clearance(info: Info, client: UUID) -> bool:
    """Whether all that the caller has of this client are legal referrals whose conflict check is open (R14)."""
    received = await info.context.loaders.received_referrals.load(client) or []
    pending = [r for r in received if r.legal and r.conflict_cleared_at is None and r.state not in TERMINAL]
    cleared = [r for r in received if not r.legal or r.conflict_cleared_at is not None]
    return bool(pending) and not cleared
