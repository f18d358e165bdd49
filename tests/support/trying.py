"""How many examples a property gets: as many as are quick in every run, or as many as `VEREDA_EXAMPLES` says.

Without that variable the examples are always the same. With it they are new in each run:
`VEREDA_EXAMPLES=5000 pytest tests/gateway/oracle tests/fuzzing`.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.database import ExampleDatabase

LONG_RUN = os.environ.get("VEREDA_EXAMPLES", "")


def examples(count: int) -> settings:
    """Settings for a property that is tried on `count` examples."""
    database: ExampleDatabase | None = None
    return settings(
        max_examples=int(LONG_RUN) if LONG_RUN else count,
        derandomize=not LONG_RUN,
        database=database,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
