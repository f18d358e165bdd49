"""What a client is found by as a possible duplicate: digests under a key of the organisation's own (R21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.referrals.domain.clients import ContactSystem
from services.referrals.domain.resemblance import keys, route
from services.referrals.operations.vault import Vault

#: Stands in the index of a record that there is nothing to find by.
_NOTHING: Final = "-"


def match_index(
    ring: Vault, home: UUID, name: str, contacts: Sequence[tuple[ContactSystem, str]]
) -> list[str]:
    """Digests that lead nowhere in another organisation; never empty."""
    routes = [found for system, value in contacts if (found := route(system, value)) is not None]
    provider = ring.provider
    return sorted(provider.blind_index(home, key) for key in keys(name, routes)) or [_NOTHING]
