"""pip-audit over what a container installs, where an advisory database can be reached."""

from __future__ import annotations

import json
import subprocess
from typing import Final

from audit.finding import BIN, Report, told_by

_LOCK: Final = "requirements/run.txt"
_OUT_OF_REACH: Final = "no advisory database can be reached from here: NOTHING WAS LOOKED AT"


def look() -> Report:
    """Every known hole of a pinned version."""
    command = (
        BIN / "pip-audit",
        "--requirement",
        _LOCK,
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
    )
    try:
        told = told_by((*command, "--progress-spinner", "off", "--timeout", "10"), timeout_s=180)
        found = json.loads(told.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        return Report(_OUT_OF_REACH, done=False)
    skipped = [one["name"] for one in found if "skip_reason" in one]
    if len(skipped) == len(found):
        return Report(_OUT_OF_REACH, done=False)
    holes = tuple(
        f"{one['name']} {one['version']}: {hole['id']}, repaired in {', '.join(hole['fix_versions']) or 'no version'}"
        for one in found
        for hole in one.get("vulns", ())
    )
    unknown = tuple(f"{name}: the database does not know it" for name in skipped)
    return Report(f"{len(found)} packages of {_LOCK}", holes + unknown)
