"""The marker of tests that try many examples: `-m "not oracle"` leaves them out."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "oracle: tries many drawn graphs (left out of make test-fast)")
