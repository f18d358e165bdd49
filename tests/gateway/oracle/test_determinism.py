"""One operation over one supergraph has one plan, in every process: nothing hangs on the order of a set."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from gateway.planner import Planner, to_text
from tests.gateway.oracle.cases import same_cases

_COUNT = 40


def digest() -> str:
    """Of all plans for the same cases."""
    plans = [
        to_text(Planner(case.world.supergraph).plan(asked.document))
        for case in same_cases(_COUNT)
        for asked in case.asked
    ]
    return hashlib.sha256("\n".join(plans).encode()).hexdigest()


@pytest.mark.processes
def test_two_processes_make_equal_plans() -> None:
    program = f"from {__name__} import digest; print(digest())"

    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(found) == 1
