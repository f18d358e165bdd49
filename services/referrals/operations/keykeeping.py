"""The upkeep of this service's data keys: `vereda.keyring.upkeep`, over its own tables."""

from __future__ import annotations

from typing import Any, Final

from services.referrals.models import DataKey, LegalDemand
from services.referrals.operations.vault import vault
from vereda.context import RequestContext
from vereda.keyring import upkeep

#: Every table that holds something wrapped by the keyring.
_WRAPPED: Final = (DataKey, LegalDemand)


async def rewrap(context: RequestContext[Any]) -> int:
    """A round: wrap a batch of data keys by the newest master; when none is left, retire the masters before it."""
    keys = vault(context.settings)
    return await upkeep.rewrap(context, keys.keys, _WRAPPED, keys.rewrap)


async def shred(context: RequestContext[Any]) -> int:
    """A round: cut a batch of destroyed data keys out of the keyring."""
    return await upkeep.shred(context, vault(context.settings).keys, DataKey)
