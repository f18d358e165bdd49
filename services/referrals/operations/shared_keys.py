"""Keys of one referral that both of its sides seal under: made by whichever needs one first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import KeyGroup
from services.referrals.models import DataKey, Referral
from services.referrals.operations.vault import vault
from vereda.context import RequestContext
from vereda.database import take_turns


async def found_key(session: AsyncSession, referral: Referral, group: KeyGroup) -> DataKey | None:
    """The row of a referral's key, as far as row-level security lets the caller reach it."""
    wanted = select(DataKey).where(DataKey.referral_id == referral.id, DataKey.key_group == group)
    found: DataKey | None = await session.scalar(wanted)
    return found


async def shared_key(
    context: RequestContext[Any], session: AsyncSession, referral: Referral, group: KeyGroup
) -> DataKey:
    """The row of a referral's key, a new one where there is none yet.

    One that was destroyed stays so: what is sealed under it is refused by `Vault.seal_under`. The caller has made sure
    that it may reach a key of this group (policies/keys.sql); otherwise Postgres refuses a second one.
    """
    await take_turns(session, "key of", referral.id, group)
    row = await found_key(session, referral, group)
    if row is None:
        row, _key = vault(context.settings).make(referral.client_id, group, referral.id)
        session.add(row)
        await session.flush()
    return row
