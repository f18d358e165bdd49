from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from services.partners.app import SERVICE as PARTNERS
from services.referrals.app import SERVICE as REFERRALS
from tests.facades.network import Network
from tests.support.databases import Databases
from vereda.settings import Settings


@pytest_asyncio.fixture(scope="session")
async def network(databases: Databases, settings: Settings) -> AsyncIterator[Network]:
    """The gateway with its facades, over the partners and referrals services, all in this process."""
    made = await Network.over(
        await databases.of("partners", PARTNERS.folder),
        await databases.of("referrals", REFERRALS.folder),
        settings,
    )
    yield made
    await made.close()
