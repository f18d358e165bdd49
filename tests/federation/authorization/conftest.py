"""The network, with a gateway that believes what callers say of themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from gateway.settings import Unauthorized
from tests.federation.authorization.callers import AsSaid
from tests.federation.network import Network, federation


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def network() -> AsyncIterator[Network]:
    async with federation("authorization", authenticator=AsSaid()) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def refusing() -> AsyncIterator[Network]:
    """The same, whose operator has operations refused of which a part is closed."""
    async with federation(
        "authorization", authenticator=AsSaid(), unauthorized=Unauthorized.REFUSE
    ) as started:
        yield started
