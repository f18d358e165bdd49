"""The gateway and the attacker of tests/attacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.conftest import database, gateway, target  # noqa: F401 (fixtures)

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.servers)
