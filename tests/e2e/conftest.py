from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.running import RunningNetwork


@pytest_asyncio.fixture(scope="session")
async def network(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningNetwork]:
    """The whole network, started as a user starts it, with the demo network in it."""
    running = RunningNetwork(tmp_path_factory.mktemp("network"))
    await running.start()
    yield running
    await running.stop()
