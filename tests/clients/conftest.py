"""The gateway that clients of others sign in to: a process in production settings, as in tests/attacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.conftest import database, gateway  # noqa: F401 (fixtures)

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.servers)
