"""Programs of this folder, run by Node with the packages of its lock."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

HERE: Final = Path(__file__).parent
_PATIENCE_S: Final = 60.0

#: Opens an address as a browser would, and gives the address that it was sent back to in the end.
Browse: TypeAlias = Callable[[str], Awaitable[str]]


def need_packages() -> None:
    """Skip the test where there is no Node, or what `make clients` installs is not there."""
    if shutil.which("node") is None:
        pytest.skip("there is no Node on this machine")
    if not (HERE / "node_modules" / "graphql-http").exists():
        pytest.skip("the clients are not installed: `make clients`")


async def run(program: str, *arguments: str, browse: Browse | None = None, **told: Any) -> Any:
    """What the program gives as its result when it is told this, by lines of JSON (speaking.mjs).

    Fails the test, with what the program says, when that fails.
    """
    need_packages()
    process = await asyncio.create_subprocess_exec(
        *("node", str(HERE / program), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1_000_000,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            process.stdin.write(json.dumps(told).encode() + b"\n")
            while line := await process.stdout.readline():
                said = json.loads(line)
                if "result" in said:
                    return said["result"]
                assert browse is not None, f"{program} wants to open {said['open']}"
                back = {"back": await browse(said["open"])}
                process.stdin.write(json.dumps(back).encode() + b"\n")
            pytest.fail(f"{program}: {(await process.stderr.read()).decode()}")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
