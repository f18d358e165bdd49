"""Programs of this folder, run by Node with the packages of its lock."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

HERE: Final = Path(__file__).parent
_PATIENCE_S: Final = 60.0


def need_packages() -> None:
    """Skip the test where there is no Node, or what `make clients` installs is not there."""
    if shutil.which("node") is None:
        pytest.skip("there is no Node on this machine")
    if not (HERE / "node_modules" / "graphql-http").exists():
        pytest.skip("the clients are not installed: `make clients`")


async def run(program: str, *arguments: str, **told: Any) -> Any:
    """What the program prints as JSON; `told` is what it reads as JSON. Fails the test with what it says when it fails."""
    need_packages()
    process = await asyncio.create_subprocess_exec(
        *("node", str(HERE / program), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            said, complaints = await process.communicate(json.dumps(told).encode())
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, complaints.decode()
    return json.loads(said)
