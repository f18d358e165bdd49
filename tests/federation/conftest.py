"""Each feature's network, started once for its module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.federation.network import Network, federation

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What uses a network starts servers."""
    for item in items:
        if _HERE in item.path.parents and item.path.parent != _HERE:
            item.add_marker(pytest.mark.servers)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def network(request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    """The network of the folder that the test stands in."""
    async with federation(request.path.parent.name) as started:
        yield started
