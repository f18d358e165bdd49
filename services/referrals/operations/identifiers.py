"""Both parties' own identifiers of a referral (BSeR: placer and filler): sealed, and found again by who gave them.

They are what a record is called in somebody's own system, and may hold a name. A partner's system that synchronises
asks by its own identifier before it sends (`Query.referralByPlacerId`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import KeyGroup
from services.referrals.models import Referral
from services.referrals.operations.shared_keys import found_key, shared_key
from services.referrals.operations.vault import Vault, vault
from vereda.context import RequestContext


def keep_placer_id(
    context: RequestContext[Any], session: AsyncSession, referral: Referral, value: str
) -> None:
    """Seal the sender's own identifier in a referral that is not stored yet; afterwards nothing changes it."""
    keys = vault(context.settings)
    key, _ = keys.make(referral.client_id, KeyGroup.REFERENCE, referral.id)
    session.add(key)
    referral.placer_id_sealed = keys.seal_under(key, value)
    referral.placer_id_index = placer_index(keys, referral.sender_id, value)


async def keep_filler_id(
    context: RequestContext[Any], session: AsyncSession, referral: Referral, value: str
) -> None:
    """Seal the recipient's own identifier; a later one takes the place of an earlier."""
    key = await shared_key(context, session, referral, KeyGroup.REFERENCE)
    keys = vault(context.settings)
    referral.filler_id_sealed = keys.seal_under(key, value)
    referral.filler_id_index = filler_index(keys, context.caller.organization, value)


async def placer_id_of(context: RequestContext[Any], session: AsyncSession, referral: Referral) -> str | None:
    """The sender's own identifier, for the sender."""
    key = await found_key(session, referral, KeyGroup.REFERENCE)
    return vault(context.settings).open(key, referral.placer_id_sealed)


def sent_as(context: RequestContext[Any], placer_id: str) -> Select[Referral]:
    """The newest referral that the caller's organisation sent under its own identifier: served by (sender_id,
    placer_id_index). One that went on elsewhere took it along."""
    own = context.caller.organization
    return (
        select(Referral)
        .where(
            Referral.sender_id == own,
            Referral.placer_id_index == placer_index(vault(context.settings), own, placer_id),
        )
        .order_by(Referral.id.desc())
        .limit(1)
    )


def received_as(context: RequestContext[Any], filler_id: str) -> Select[Referral]:
    """The newest referral that the caller's organisation received and gave its own identifier: served by
    (recipient_id, filler_id_index)."""
    own = context.caller.organization
    return (
        select(Referral)
        .where(
            Referral.recipient_id == own,
            Referral.filler_id_index == filler_index(vault(context.settings), own, filler_id),
        )
        .order_by(Referral.id.desc())
        .limit(1)
    )


def placer_index(keys: Vault, sender: UUID, value: str) -> str:
    """By what a sender finds its own identifier again."""
    return keys.provider.blind_index(sender, f"placer\x00{value}")


def filler_index(keys: Vault, recipient: UUID, value: str) -> str:
    """By what a recipient finds its own identifier again."""
    return keys.provider.blind_index(recipient, f"filler\x00{value}")
