"""What a part of the audit comes to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
BIN: Final = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Report:
    """`findings` are what has to be repaired, or justified where it stands. `said` is what was looked at."""

    said: str
    findings: tuple[str, ...] = ()
    done: bool = True
    """Whether it could be looked at, here and now."""


def told_by(command: Sequence[str | Path], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """What a program says. Raises: OSError when there is none, subprocess.TimeoutExpired."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
