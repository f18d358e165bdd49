"""Ports of tests that run at the same time, in whatever process, are not the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.running import free_ports

_ANOTHER = (
    "from tests.support.running import free_ports; print(free_ports(2), free_ports(2), flush=True); input()"
)


@pytest.mark.processes
def test_two_runs_are_given_different_ports_even_before_they_serve_on_them() -> None:
    mine = [free_ports(2), free_ports(2)]
    with subprocess.Popen(
        (sys.executable, "-c", _ANOTHER), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as another:
        assert another.stdout is not None
        theirs = [int(port) for port in another.stdout.readline().split()]
        mine += [free_ports(2), free_ports(2)]
        another.communicate("\n", timeout=30)

    assert len(set(mine + theirs)) == 6
